"""Networks that buy from the doubles of Tango and Tremendous, over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.clock import Clock
from api.database.transaction import Database
from api.doubles.suppliers_server import DOUBLES, account_at
from api.supply import OPENERS
from api.worker.world import World
from catalog.redemptions import Redemption
from catalog.rewards import ImportReport, import_feed
from catalog.suppliers import register_supplier
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.suppliers.shop import ShopDouble, served
from tests.conftest import NOW
from tests.factories.small_network import found_network


@dataclass(frozen=True, slots=True)
class Shopping:
    """A supplier's name, a card of its, and what it costs."""

    name: str
    sku: str
    face: Money
    cost: Money
    items: int


SHOPS = (
    Shopping("tango", "U700101", Money(5_000, "SAR"), Money(1_334, "USD"), 7),
    Shopping("tremendous", "DUNES0000001-SAR", Money(5_000, "SAR"), Money(1_333, "USD"), 4),
)


@contextmanager
def played(name: str, folder: Path) -> Iterator[ShopDouble]:
    clock = Clock(folder / "clock")
    (folder / "clock").write_text(NOW.isoformat())
    with served(DOUBLES[name](folder / "state", clock)) as url:
        yield ShopDouble(url, clock)


@pytest.fixture(params=SHOPS, ids=lambda shop: shop.name)
async def shopping(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[tuple[Shopping, Buying]]:
    shop: Shopping = request.param
    souq = await found_network(database, currency="USD")
    with played(shop.name, tmp_path) as double:
        account = replace(account_at(shop.name, double.url), order_deadline_seconds=0.4)
        supplier = OPENERS[shop.name](account, double.clock.now)
        async with AsyncExitStack() as opened:
            opened.push_async_callback(supplier.aclose)
            feed = supplier.read_feed(await supplier.fetch_feed("SA"))
            async with database.writing(souq.network_id) as db:
                terms = await register_supplier(
                    db, network_id=souq.network_id, name=shop.name, now=NOW
                )
                for report in (ImportReport(added=shop.items), ImportReport(unchanged=shop.items)):
                    assert report == await import_feed(
                        db,
                        network_id=souq.network_id,
                        supplier_id=terms.supplier_id,
                        feed=feed,
                        actor="test",
                        now=NOW,
                    )
                rows = await db.execute(text("SELECT supplier_sku, reward_id FROM catalog.reward"))
                rewards = {row.supplier_sku: row.reward_id for row in rows}
            world = World(
                database=database,
                rail=None,  # type: ignore[arg-type]
                clock=double.clock,
                suppliers={shop.name: supplier},
                vault=souq.vault,
            )
            played_by: Any = double
            await souq.fund(20_000)
            yield shop, Buying(souq, played_by, terms.supplier_id, rewards, world)


async def ordered(shop: Shopping, buying: Buying) -> Redemption:
    return await buying.place(shop.sku, shop.face.minor, shop.face.currency)
