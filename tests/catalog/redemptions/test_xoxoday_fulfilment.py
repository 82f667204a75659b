"""Vouchers of Xoxoday are bought, booked and delivered like every supplier's cards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from api.clock import Clock
from api.doubles.standing import standing
from api.doubles.xoxoday_app import create_app
from api.http.supplier_webhook import supplier_webhook_route
from api.worker.world import World
from catalog.redemptions import RedemptionState
from catalog.redemptions.model import LEASE_SECONDS
from catalog.rewards import import_feed
from catalog.suppliers import (
    ReloadlyAccess,
    Secret,
    XoxodayAccess,
    open_xoxoday,
    register_supplier,
)
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.suppliers.xoxoday.conftest import Double
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork
from tests.graphql_client import serving

DUE = {"kind": "redemption.fulfil"}


@pytest.fixture
def plum(tmp_path: Path) -> Iterator[Double]:
    clock = Clock(tmp_path / "clock")
    (tmp_path / "clock").write_text(NOW.isoformat())
    with standing(create_app(tmp_path / "state", clock)) as url:
        yield Double(url, clock)


@pytest.fixture
async def buying_vouchers(souq: SmallNetwork, plum: Double) -> AsyncIterator[Buying]:
    supplier = open_xoxoday(plum.access(), plum.clock.now)
    async with souq.database.writing(souq.network_id) as db:
        terms = await register_supplier(db, network_id=souq.network_id, name="xoxoday", now=NOW)
        await import_feed(
            db,
            network_id=souq.network_id,
            supplier_id=terms.supplier_id,
            feed=supplier.read_feed(await supplier.fetch_feed("SA")),
            actor="test",
            now=NOW,
        )
        rows = await db.execute(text("SELECT supplier_sku, reward_id FROM catalog.reward"))
        rewards = {row.supplier_sku: row.reward_id for row in rows}
    world = World(
        database=souq.database,
        rail=None,  # type: ignore[arg-type]
        clock=plum.clock,
        suppliers={"xoxoday": supplier},
        vault=souq.vault,
    )
    await souq.fund(50_000)
    buying = Buying(souq, plum, terms.supplier_id, rewards, world)  # type: ignore[arg-type]
    buying.world = replace(world, crash=buying.crash)
    yield buying
    await supplier.aclose()


async def test_a_voucher_is_booked_at_its_charge_and_delivered(buying_vouchers: Buying) -> None:
    buying = buying_vouchers
    one = await buying.place("52001")
    await buying.work()
    done = await buying.find(one)
    # 50.00 less 3.5 %
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, Money(4_825, "SAR"))
    assert len(await buying.vouchers(one)) == 1
    (order,) = buying.double.orders()
    assert order["key"] == f"mz-{buying.souq.network_id}-{one.redemption_id}-1"
    ((kind, lines),) = await buying.souq.journals_of("redemption", one.redemption_id)
    assert kind == "redemption.supplier"
    assert lines["supplier_payable SAR"] == -4_825
    assert sum(lines.values()) == 0


async def test_a_delayed_voucher_is_waited_for(buying_vouchers: Buying) -> None:
    buying = buying_vouchers
    one = await buying.place("52006", 18_000)
    for _ in range(3):
        await buying.work()
        buying.pass_time(minutes=10)
    assert (await buying.find(one)).ended_at is None
    assert await buying.vouchers(one) == []
    buying.double.control("POST", "orders/1", {"status": "delivered"})
    done = await buying.work_until_done(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, Money(16_560, "SAR"))
    assert len(await buying.vouchers(one)) == 1
    assert len(buying.double.orders()) == 1


async def test_a_delayed_voucher_is_delivered_when_the_supplier_says_so(
    buying_vouchers: Buying,
) -> None:
    buying = buying_vouchers
    route = supplier_webhook_route(
        database=buying.souq.database, suppliers=buying.world.suppliers, clock=buying.double.clock
    )
    one = await buying.place("52006", 18_000)
    before = buying.now
    assert [await buying.work() for _ in range(2)] == [1, 0]
    async with serving(Starlette(routes=[route])) as url:
        address = f"{url}/webhooks/suppliers/xoxoday"
        buying.double.control("POST", "webhooks", {"url": address, "copies": 2})
        buying.double.control("POST", "orders/1", {"status": "delivered"})
        for _ in range(200):
            if buying.double.counts().get("webhook") == 2 and await waits(buying) == [before]:
                break
            await asyncio.sleep(0.02)
    assert await buying.work() == 1
    done = await buying.find(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, Money(16_560, "SAR"))
    assert (buying.now, len(await buying.vouchers(one))) == (before, 1)


async def waits(buying: Buying) -> list[datetime]:
    async with buying.souq.database.reading(buying.souq.network_id) as db:
        due = await db.execute(text("SELECT due_at FROM payouts.due WHERE kind = :kind"), DUE)
        return list(due.scalars())


async def test_a_cancelled_voucher_gives_the_value_back(buying_vouchers: Buying) -> None:
    buying = buying_vouchers
    one = await buying.place("52006", 18_000)
    await buying.work()
    buying.double.control("POST", "orders/1", {"status": "canceled"})
    buying.pass_time(minutes=10)
    done = await buying.work_until_done(one)
    assert done.state is RedemptionState.FAILED
    assert await buying.is_untouched(one)


@pytest.mark.parametrize("kind", ["timeout_after", "error_500_after", "malformed_json"])
async def test_a_lost_answer_leaves_one_order(buying_vouchers: Buying, kind: str) -> None:
    buying = buying_vouchers
    buying.double.fault(kind)
    one = await buying.place("52001")
    done = await buying.work_until_done(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, Money(4_825, "SAR"))
    assert len(buying.double.orders()) == 1
    assert len(await buying.vouchers(one)) == 1


def test_nobody_looks_an_order_up_while_its_answer_may_still_come() -> None:
    reloadly, xoxoday = ReloadlyAccess("", Secret("")), XoxodayAccess("", Secret(""))
    assert xoxoday.order_deadline_seconds > 120  # its own word for orders in real time
    for access in (reloadly, xoxoday):
        assert access.order_deadline_seconds < LEASE_SECONDS


async def test_what_is_out_of_stock_is_looked_up_and_then_tried_again(
    buying_vouchers: Buying,
) -> None:
    buying = buying_vouchers
    buying.double.fault("out_of_stock", count=2)
    one = await buying.place("52001")
    done = await buying.work_until_done(one, steps=200)
    assert done.state is RedemptionState.FULFILLED
    assert buying.double.counts()["placeOrder"] == 3
    assert len(buying.double.orders()) == 1
