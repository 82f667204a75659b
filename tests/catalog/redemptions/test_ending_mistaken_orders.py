"""A mistaken order is noticed, and ends as two persons agree: what each is charged and owed."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import (
    AttemptState,
    MistakenOrderEnded,
    MistakenOrderKind,
    MistakenOrderState,
    OrderOutcome,
    OrderReferenceTaken,
    OrderReferenceUnfit,
    OrderResolutionOutdated,
    RedemptionState,
)
from catalog.suppliers import OrderState
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.redemptions.mistakes import CHARGE, CHECKER, MAKER, WHY, WRITE_OFF, Finance
from tests.catalog.redemptions.shopping import SHOPS, Shopping, ordered
from tests.catalog.redemptions.shopping import shopping as shopping
from tests.catalog.redemptions.trading import Trading
from tests.catalog.redemptions.trading import trading as trading
from tests.fingerprint import fingerprint

LOST, SURPLUS = MistakenOrderKind.LOST, MistakenOrderKind.SURPLUS
OPEN, SETTLED = MistakenOrderState.OPEN, MistakenOrderState.SETTLED
CANCELLED, WRITTEN_OFF = OrderOutcome.CANCELLED, OrderOutcome.WRITTEN_OFF
REFUND = ("mistaken_order.refund", {"order_loss SAR": -4_950, "supplier_payable SAR": 4_950})


@pytest.fixture
def finance(buying: Buying) -> Finance:
    return Finance(buying)


async def test_a_lost_order_is_listed_once_it_was_absent_twice(finance: Finance) -> None:
    buying = finance.buying
    buying.double.fault("wrong_key")
    one = await buying.place()
    await buying.work()
    buying.pass_time(seconds=5)
    await buying.work()
    assert ((await buying.attempt(one)).absences, await finance.listed()) == (1, [])
    buying.pass_time(seconds=30)
    await buying.work()
    (lost,) = await finance.listed()
    assert (lost.redemption_id, lost.kind, lost.state) == (one.redemption_id, LOST, OPEN)
    assert (lost.reference, lost.reported_by, lost.ended_at) == (None, None, None)
    assert (lost.noticed_at, lost.expected_cost) == (buying.now, CHARGE)
    assert lost.supplier_key == f"mz-{finance.network_id}-{one.redemption_id}-1"
    for _ in range(20):
        buying.pass_time(minutes=10)
        await buying.work()
    assert await finance.listed() == [lost]


async def test_one_that_the_supplier_cancelled_gives_the_member_everything_back(
    finance: Finance, superuser: AsyncConnection
) -> None:
    buying = finance.buying
    one, lost = await finance.lose()
    before = await fingerprint(superuser, without=["catalog.mistaken_order_resolution"])
    proposed = await finance.propose(lost.mistaken_order_id, CANCELLED, reference=" R-1 ")
    # Nothing becomes of it before somebody else agrees.
    assert await fingerprint(superuser, without=["catalog.mistaken_order_resolution"]) == before
    assert proposed.proposed is not None
    ended = await finance.approve(lost.mistaken_order_id)
    assert (ended.state, ended.reference) == (MistakenOrderState.CANCELLED, "R-1")
    (agreed,) = ended.resolutions
    assert (agreed.proposed_by, agreed.approved_by, agreed.remark) == (MAKER, CHECKER, WHY)
    assert (agreed.approved_at, agreed.journal_id) == (buying.now, None)
    done = await buying.find(one)
    assert (done.state, done.failure_code) == (RedemptionState.FAILED, "ORDER_LOST")
    attempt = await buying.attempt(one)
    assert (attempt.state, attempt.remark) == (AttemptState.FAILED, WHY)
    assert attempt.other_references == ("R-1",)
    assert await buying.is_untouched(one)
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)
    assert await finance.stands() == (0, 0)
    assert (await buying.due(), len(buying.double.orders())) == (0, 1)
    assert await finance.listed(is_open=True) == []


async def test_one_that_is_written_off_costs_the_network_and_not_the_member(
    finance: Finance, superuser: AsyncConnection
) -> None:
    buying = finance.buying
    one, lost = await finance.lose()
    key = lost.mistaken_order_id
    ended = await finance.end(key, WRITTEN_OFF, CHARGE, reference="R-1")
    assert ended.state is MistakenOrderState.WRITTEN_OFF
    assert await buying.souq.journals_of("mistaken_order", key) == [WRITE_OFF]
    assert await finance.stands() == (4_950, 4_950)
    assert (await buying.find(one)).state is RedemptionState.FAILED
    assert await buying.is_untouched(one)
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)
    # The supplier gives it back after all: all of it, by a journal of its own.
    ended = await finance.end(key, CANCELLED)
    assert (ended.state, len(ended.resolutions)) == (MistakenOrderState.CANCELLED, 2)
    assert await buying.souq.journals_of("mistaken_order", key) == [REFUND, WRITE_OFF]
    assert await finance.stands() == (0, 0)
    reverses = await superuser.execute(
        text("SELECT reverses FROM payouts.journal WHERE kind = 'mistaken_order.refund'")
    )
    assert reverses.scalar_one() == ended.resolutions[0].journal_id
    # And charges for it once more.
    await finance.end(key, WRITTEN_OFF, Money(5_000, "SAR"))
    assert await finance.stands() == (5_000, 5_000)
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)


async def test_the_next_supplier_delivers_what_was_lost_at_the_first(
    trading: Trading, superuser: AsyncConnection
) -> None:
    buying, finance = trading.buying, Finance(trading.buying)
    one, lost = await finance.lose()
    await finance.end(lost.mistaken_order_id, WRITTEN_OFF, CHARGE, reference="R-1")
    between = await buying.find(one)
    assert (between.state, between.hold_id) == (RedemptionState.PLACED, one.hold_id)
    done = await buying.work_until_done(one)
    assert (done.state, done.charged) == (RedemptionState.FULFILLED, CHARGE)
    assert await trading.tries(one) == [
        (True, "failed", "ORDER_LOST"),
        (False, "succeeded", None),
    ]
    assert (await trading.owed(), len(await buying.vouchers(one))) == ((4_950, 4_950), 1)
    assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 0)
    # What turns up of the first one now is known already, and nobody is given it.
    assert not await finance.told(one, state=OrderState.SUCCEEDED, reference="R-1")
    assert [it.mistaken_order_id for it in await finance.listed()] == [lost.mistaken_order_id]
    assert not await finance.told(one, state=OrderState.SUCCEEDED, reference="R-2")
    (other,) = await finance.listed(is_open=True)
    assert (other.kind, other.reference, other.supplier_key) == (SURPLUS, "R-2", lost.supplier_key)
    assert len(await buying.vouchers(one)) == 1
    await trading.assert_books_hold(superuser)


async def test_one_that_is_told_again_goes_on_by_itself(
    finance: Finance, superuser: AsyncConnection
) -> None:
    buying = finance.buying
    one, lost = await finance.lose()
    await finance.propose(lost.mistaken_order_id, WRITTEN_OFF, CHARGE, reference="R-1")
    await finance.told(one, state=OrderState.PENDING, reference="77")
    found = await finance.find(lost.mistaken_order_id)
    assert (found.state, found.proposed) == (SETTLED, None)
    assert found.resolutions[0].lapsed_at == buying.now
    before = await fingerprint(superuser)
    for refused in (
        finance.approve(lost.mistaken_order_id),
        finance.propose(lost.mistaken_order_id, CANCELLED, reference="R-1"),
    ):
        with pytest.raises(MistakenOrderEnded):
            await refused
    assert await fingerprint(superuser) == before
    # Lost sight of once more it is on the list again, the same one.
    for _ in range(12):
        await buying.work()
        buying.pass_time(seconds=30)
    (again,) = await finance.listed(is_open=True)
    assert again.mistaken_order_id == lost.mistaken_order_id
    assert again.noticed_at > lost.noticed_at
    # What was proposed of it before is over, and by now its name is known.
    assert (again.reference, again.proposed) == ("77", None)
    before = await fingerprint(superuser)
    with pytest.raises(OrderResolutionOutdated):
        await finance.approve(lost.mistaken_order_id)
    with pytest.raises(OrderReferenceUnfit):
        await finance.propose(lost.mistaken_order_id, CANCELLED, reference="R-1")
    assert await fingerprint(superuser) == before
    assert await finance.told(one, state=OrderState.SUCCEEDED, reference="77")
    assert (await finance.find(lost.mistaken_order_id)).state is SETTLED
    assert (await buying.find(one)).state is RedemptionState.FULFILLED
    assert await finance.stands() == (0, 4_950)


@pytest.mark.parametrize("shopping", SHOPS[:1], indirect=True, ids=["tango"])
async def test_an_order_of_other_terms_is_lost_after_an_hour(
    shopping: tuple[Shopping, Buying],
) -> None:
    shop, buying = shopping
    finance = Finance(buying)
    buying.double.fault("wrong_face")
    one = await ordered(shop, buying)
    for _ in range(12):
        await buying.work()
        buying.pass_time(minutes=5)
    assert await finance.listed() == []
    for _ in range(4):
        await buying.work()
        buying.pass_time(minutes=10)
    (lost,) = await finance.listed()
    assert (lost.kind, lost.state) == (LOST, OPEN)
    (order,) = buying.double.orders()
    charged = Money(order["costMinor"], "USD")
    reference = str(order["reference"])
    await finance.end(lost.mistaken_order_id, WRITTEN_OFF, charged, reference=reference)
    done = await buying.find(one)
    assert (done.state, done.failure_code) == (RedemptionState.FAILED, "ORDER_LOST")
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)
    assert await finance.stands("USD") == (charged.minor, charged.minor)


async def test_orders_beside_the_delivered_one_are_listed_and_end_alone(
    finance: Finance,
) -> None:
    buying = finance.buying
    buying.double.fault("pending_then_success", reads=99)
    one = await buying.place()
    await buying.work()
    others = ("R-8", "R-9")
    assert await finance.told(one, state=OrderState.SUCCEEDED, reference="R-7", others=others)
    done, attempt = await buying.find(one), await buying.attempt(one)
    assert (done.state, attempt.other_references) == (RedemptionState.FULFILLED, others)
    listed = await finance.listed(is_open=True)
    assert {(it.kind, it.reference) for it in listed} == {(SURPLUS, "R-8"), (SURPLUS, "R-9")}
    vouchers = await buying.vouchers(one)
    surplus = listed[0]
    await finance.end(surplus.mistaken_order_id, WRITTEN_OFF, CHARGE)
    assert await buying.find(one) == done
    assert (await buying.attempt(one), await buying.vouchers(one)) == (attempt, vouchers)
    assert len(await finance.listed(is_open=True)) == 1
    assert await finance.stands() == (4_950, 2 * 4_950)
    assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 0)


async def test_an_order_on_an_invoice_is_reported(
    finance: Finance, superuser: AsyncConnection
) -> None:
    buying = finance.buying
    buying.double.fault("out_of_stock")
    one = await buying.place()
    assert (await buying.work_until_done(one)).state is RedemptionState.FAILED
    supplier_key = (await buying.attempt(one)).supplier_key
    key = await finance.report(supplier_key, "R-9")
    found = await finance.find(key)
    assert (found.kind, found.reference, found.reported_by) == (SURPLUS, "R-9", MAKER)
    assert (await buying.attempt(one)).other_references == ("R-9",)
    ended = await finance.end(key, WRITTEN_OFF, CHARGE)
    assert ended.state is MistakenOrderState.WRITTEN_OFF
    assert (await finance.stands(), await buying.is_untouched(one)) == ((4_950, 4_950), True)
    before = await fingerprint(superuser)
    with pytest.raises(OrderReferenceTaken):
        await finance.report(supplier_key, "R-9")
    assert await fingerprint(superuser) == before
