"""A supplier is asked once; whatever becomes of the answer, there is one order or none."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import (
    AttemptState,
    RedemptionNotCancellable,
    RedemptionState,
    cancel_redemption,
)
from catalog.redemptions.model import LEASE_SECONDS
from catalog.suppliers import Secret, Supplier, SupplierCode, SupplierOrder
from catalog.vouchers import reveal_voucher
from payouts.fx import publish_fx_rate
from payouts.ledger import Account, own_account
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying, Killed

# 50.00 + 1.50 fee - 4 % discount: the member gets half of the discount.
BOOKED = (
    "redemption.supplier",
    {"member_available SAR": 5_050, "supplier_payable SAR": -4_950, "redemption_margin SAR": -100},
)


async def test_a_suppliers_card_is_held_for_then_booked_and_delivered(buying: Buying) -> None:
    one = await buying.place()
    assert (one.state, one.total) == (RedemptionState.PLACED, Money(5_050, "SAR"))
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 5_050)
    assert await buying.work() == 1
    done = await buying.find(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, Money(4_950, "SAR"))
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [BOOKED]
    assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 0)
    (order,) = buying.double.orders()
    assert order["key"] == f"mz-{buying.souq.network_id}-{one.redemption_id}-1"
    (voucher,) = await buying.vouchers(one)
    assert (await buying.due(), await buying.work()) == (0, 0)
    async with buying.souq.database.writing(buying.souq.network_id) as db:
        shown = await reveal_voucher(
            db,
            vault=buying.souq.vault,
            network_id=buying.souq.network_id,
            voucher_id=voucher.voucher_id,
            member_id=one.member_id,
            actor="m",
            now=buying.now,
        )
    number = shown.code.number.reveal()
    assert (number[:2], len(number), number[-4:]) == ("00", 16, voucher.last4)
    assert shown.code.pin is not None


async def test_two_currencies_are_each_balanced_and_the_journal_names_the_rate(
    buying_in_dinars: Buying, superuser: AsyncConnection
) -> None:
    buying = buying_in_dinars
    async with buying.souq.database.writing(buying.souq.network_id) as db:
        rate = await publish_fx_rate(
            db,
            network_id=buying.souq.network_id,
            base="SAR",
            quote="KWD",
            value="0.0821",
            source="test",
            observed_at=buying.now,
            max_age_seconds=600,
            now=buying.now,
        )
    await buying.souq.fund(20_000)
    one = await buying.place()
    # 4.105 face + 0.123 fee - 0.082 discount + 0.041 margin of exchange
    assert one.total == Money(4_187, "KWD")
    await buying.work()
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [
        (
            "redemption.supplier",
            {
                "member_available KWD": 4_187,
                "fx_position KWD": -4_064,
                "redemption_margin KWD": -123,
                "fx_position SAR": 4_950,
                "supplier_payable SAR": -4_950,
            },
        )
    ]
    assert await buying.souq.balance(own_account("fx_position", "SAR")) == (4_950, 0)
    note = await superuser.execute(
        text("SELECT note FROM payouts.journal WHERE kind = 'redemption.supplier'")
    )
    assert note.scalar_one() == {
        "fx_rate_id": str(rate.fx_rate_id),
        "fx_rate": "0.0821",
        "fx_base": "SAR",
        "fx_quote": "KWD",
        "fx_source": "test",
        "fx_observed_at": buying.now.isoformat(),
    }


async def test_an_answer_that_is_lost_after_the_order_leaves_one_order(buying: Buying) -> None:
    buying.double.fault("timeout_after")
    one = await buying.place()
    await buying.work()
    lost = await buying.find(one)
    assert lost.state is RedemptionState.UNKNOWN
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 5_050)
    assert await buying.work() == 0
    buying.pass_time(seconds=5)
    await buying.work()
    assert (await buying.find(one)).state is RedemptionState.FULFILLED
    assert len(buying.double.orders()) == 1
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [BOOKED]


@pytest.mark.parametrize("kind", ["timeout_before", "error_500_before"])
async def test_an_order_that_never_arrived_is_sent_again_once_that_is_certain(
    buying: Buying, kind: str
) -> None:
    buying.double.fault(kind)
    one = await buying.place()
    await buying.work()
    start = buying.now
    buying.pass_time(seconds=5)
    while (await buying.find(one)).state is RedemptionState.UNKNOWN:
        assert not buying.double.orders()
        buying.pass_time(seconds=3)
        await buying.work()
    assert buying.now - start >= timedelta(seconds=35)
    assert (await buying.find(one)).state is RedemptionState.FULFILLED
    (order,) = buying.double.orders()
    assert order["key"] == (await buying.attempt(one)).supplier_key
    assert (await buying.attempt(one)).sends == 2
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [BOOKED]


async def test_an_error_after_the_order_leaves_one_order(buying: Buying) -> None:
    buying.double.fault("error_500_after")
    one = await buying.place()
    done = await buying.work_until_done(one)
    assert (done.state, len(buying.double.orders())) == (RedemptionState.FULFILLED, 1)


async def test_a_busy_supplier_is_asked_again_after_a_look(buying: Buying) -> None:
    buying.double.fault("error_429", count=2)
    one = await buying.place()
    await buying.work()
    assert (await buying.find(one)).state is RedemptionState.FULFILLING
    assert (await buying.attempt(one)).state is AttemptState.NOT_TAKEN
    done = await buying.work_until_done(one)
    assert (done.state, len(buying.double.orders())) == (RedemptionState.FULFILLED, 1)
    assert (await buying.attempt(one)).sends == 3


async def test_a_definite_refusal_gives_the_value_back(buying: Buying) -> None:
    buying.double.fault("out_of_stock")
    one = await buying.place()
    await buying.work()
    failed = await buying.find(one)
    assert (failed.state, failed.failure_code) == (RedemptionState.FAILED, "PRODUCT_OUT_OF_STOCK")
    assert await buying.is_untouched(one)
    assert (buying.double.orders(), await buying.due()) == ([], 0)


async def test_a_pending_order_is_waited_for(buying: Buying) -> None:
    buying.double.fault("pending_then_success", reads=2)
    one = await buying.place()
    await buying.work()
    attempt = await buying.attempt(one)
    assert (attempt.state, attempt.supplier_reference) == (AttemptState.ORDERED, "1")
    done = await buying.work_until_done(one)
    assert (done.state, len(buying.double.orders())) == (RedemptionState.FULFILLED, 1)


async def test_a_pending_order_that_fails_gives_the_value_back(buying: Buying) -> None:
    buying.double.fault("pending_then_success", reads=99)
    one = await buying.place()
    await buying.work()
    buying.double.control("POST", "orders/1", {"status": "REFUNDED"})
    done = await buying.work_until_done(one)
    assert (done.state, done.failure_code) == (RedemptionState.FAILED, "REFUNDED")
    assert await buying.is_untouched(one)


@pytest.mark.parametrize(
    "point",
    ["redemption.claimed", "redemption.ordered", "redemption.fetched", "redemption.recorded"],
)
async def test_a_worker_that_dies_anywhere_leaves_one_order(buying: Buying, point: str) -> None:
    one = await buying.place()
    buying.kill_at = point
    with pytest.raises(Killed):
        await buying.work()
    if point != "redemption.recorded":
        # Within the lease nobody else touches it; afterwards it is looked up before anything.
        assert await buying.work() == 0
        buying.pass_time(seconds=LEASE_SECONDS)
    done = await buying.work_until_done(one)
    assert done.state is RedemptionState.FULFILLED
    assert len(buying.double.orders()) == 1
    assert len(await buying.vouchers(one)) == 1
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [BOOKED]
    assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 0)


async def test_a_slow_worker_and_its_successor_deliver_once(buying: Buying) -> None:
    one = await buying.place()
    real: Any = buying.world.suppliers["reloadly"]
    may_go = asyncio.Event()

    class Slow:
        """Takes its order, and tells of it only when it may."""

        async def place_order(self, *order: Any) -> SupplierOrder:
            made: SupplierOrder = await real.place_order(*order)
            await may_go.wait()
            return made

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    buying.with_supplier(Slow())  # type: ignore[arg-type]
    slow = asyncio.create_task(buying.work())
    while not buying.double.orders():
        await asyncio.sleep(0.02)
    buying.pass_time(seconds=LEASE_SECONDS)
    buying.with_supplier(real)
    await buying.work()
    assert (await buying.find(one)).state is RedemptionState.FULFILLED
    may_go.set()
    await slow
    assert len(buying.double.orders()) == 1
    assert len(await buying.vouchers(one)) == 1
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [BOOKED]


async def test_two_workers_at_once_order_once(buying: Buying) -> None:
    placed = [await buying.place(face=face) for face in (5_000, 10_000)]
    await asyncio.gather(*(buying.work() for _ in range(6)))
    states = [(await buying.find(one)).state for one in placed]
    assert states == [RedemptionState.FULFILLED] * 2
    assert len(buying.double.orders()) == 2


async def test_what_the_supplier_charges_is_what_is_owed(buying: Buying) -> None:
    real: Any = buying.world.suppliers["reloadly"]

    class Dearer:
        """Charges more than it said."""

        async def place_order(self, *order: Any) -> SupplierOrder:
            made: SupplierOrder = await real.place_order(*order)
            return replace(made, cost=Money(5_200, "SAR"))

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    buying.with_supplier(Dearer())  # type: ignore[arg-type]
    one = await buying.place()
    await buying.work()
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [
        (
            "redemption.supplier",
            {
                "member_available SAR": 5_050,
                "supplier_payable SAR": -5_200,
                "redemption_margin SAR": 150,
            },
        )
    ]
    assert await buying.souq.balance(
        Account("supplier_payable", str(buying.supplier_id), "SAR")
    ) == (5_200, 0)


async def test_a_code_that_was_delivered_before_is_not_delivered_again(buying: Buying) -> None:
    real: Any = buying.world.suppliers["reloadly"]

    class Repeating:
        """Delivers the same card for every order."""

        async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
            return (SupplierCode(Secret("0000111122223333"), Secret("1")),)

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    buying.with_supplier(Repeating())  # type: ignore[arg-type]
    first, second = [await buying.place() for _ in range(2)]
    await buying.work()
    found = [await buying.find(one) for one in (first, second)]
    assert sorted(one.state for one in found) == ["fulfilled", "fulfilling"]
    stuck = found[0] if found[0].ended_at is None else found[1]
    assert (await buying.attempt(stuck)).remark == "CodeDelivered"
    assert not await buying.vouchers(stuck)
    assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 5_050)


async def test_a_supplier_that_is_not_connected_is_waited_for(buying: Buying) -> None:
    suppliers: dict[str, Supplier] = dict(buying.world.suppliers)
    one = await buying.place()
    buying.world = replace(buying.world, suppliers={})
    await buying.work()
    assert (await buying.find(one)).state is RedemptionState.FULFILLING
    buying.world = replace(buying.world, suppliers=suppliers)
    done = await buying.work_until_done(one)
    assert (done.state, len(buying.double.orders())) == (RedemptionState.FULFILLED, 1)


async def cancelled(buying: Buying, one: Any) -> bool:
    try:
        async with buying.souq.database.writing(buying.souq.network_id) as db:
            await cancel_redemption(
                db,
                network_id=buying.souq.network_id,
                redemption_id=one.redemption_id,
                member_id=one.member_id,
                actor="m",
                now=buying.now,
            )
    except RedemptionNotCancellable:
        return False
    return True


async def test_what_is_not_being_ordered_yet_can_be_cancelled(buying: Buying) -> None:
    one = await buying.place()
    assert await cancelled(buying, one)
    assert (await buying.find(one)).state is RedemptionState.CANCELLED
    await buying.work()
    assert (buying.double.orders(), await buying.due()) == ([], 0)
    assert await buying.is_untouched(one)
    assert not await cancelled(buying, one)


async def test_cancelled_and_ordered_at_once_ends_one_way(buying: Buying) -> None:
    placed = [await buying.place(face=face) for face in (5_000, 10_000)]
    results = await asyncio.gather(
        *(cancelled(buying, one) for one in placed), *(buying.work() for _ in range(3))
    )
    await buying.work()
    for one, is_cancelled in zip(placed, results, strict=False):
        state = (await buying.find(one)).state
        assert state is (RedemptionState.CANCELLED if is_cancelled else RedemptionState.FULFILLED)
    assert len(buying.double.orders()) == 2 - sum(bool(one) for one in results[:2])
