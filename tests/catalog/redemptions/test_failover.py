"""One card and one charge, whichever of its suppliers refuses, is silent, or dies with the worker."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import (
    AttemptState,
    RedemptionState,
    cancel_redemption,
    claim_fulfilments,
    publish_sourcing_policy,
    record_delivery,
    record_refusal,
)
from catalog.rewards import MatchState, list_matches, separate_match
from catalog.suppliers import OrderState, Secret, SupplierCode, SupplierOrder
from payouts.money import Money
from tests.catalog.redemptions.conftest import Killed
from tests.catalog.redemptions.trading import OTHER_CARD, Trading
from tests.catalog.redemptions.trading import trading as trading
from tests.factories.catalog import make_rate

FIRST, SECOND = True, False
OUT = "PRODUCT_OUT_OF_STOCK"
FULFILLED, FAILED, PLACED = (
    RedemptionState.FULFILLED,
    RedemptionState.FAILED,
    RedemptionState.PLACED,
)


def booked(price: int, charged: int) -> list[tuple[str, dict[str, int]]]:
    lines = {"member_available SAR": price, "supplier_payable SAR": -charged}
    margin = {"redemption_margin SAR": charged - price} if charged != price else {}
    return [("redemption.supplier", lines | margin)]


async def test_the_cheapest_is_chosen_and_only_it_is_asked(
    trading: Trading, superuser: AsyncConnection
) -> None:
    await trading.offer("10")
    quote = await trading.quote()
    # 50.00 + 1.50 fee - 10 % discount, of which the member gets half.
    assert (quote.supplier_sku, quote.total) == (str(OTHER_CARD), Money(4_900, "SAR"))
    assert await trading.sources(quote) == [(SECOND, 4_650, None), (FIRST, 4_950, None)]
    one = await trading.buying.souq.place(quote, now=trading.buying.now)
    await trading.buying.work()
    assert (await trading.buying.find(one)).charged == Money(4_650, "SAR")
    assert trading.orders() == (0, 1)
    assert await trading.buying.souq.journals_of("redemption", one.redemption_id) == booked(
        4_900, 4_650
    )
    assert (await trading.owed(), len(await trading.buying.vouchers(one))) == ((0, 4_650), 1)
    await trading.assert_books_hold(superuser)


async def test_of_equally_dear_ones_the_rewards_own_is_chosen(trading: Trading) -> None:
    quote = await trading.quote()
    assert await trading.sources(quote) == [(FIRST, 4_950, None), (SECOND, 4_950, None)]
    # A smaller fee in place of a discount: as dear for the network, but the member would pay less.
    await trading.offer("3", fee="1.00")
    quote = await trading.quote()
    assert await trading.sources(quote) == [(SECOND, 4_950, None), (FIRST, 4_950, None)]
    assert quote.total == Money(5_025, "SAR")


async def test_out_of_stock_at_one_is_bought_from_the_next(
    trading: Trading, superuser: AsyncConnection
) -> None:
    await trading.offer("2")
    trading.first.fault("out_of_stock")
    buying = trading.buying
    one = await buying.place()
    await buying.work()
    between = await buying.find(one)
    assert (between.state, between.ended_at, await buying.due()) == (PLACED, None, 1)
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 5_050)
    await buying.work()
    done = await buying.find(one)
    # The price stays; the second charges 50.00 + 1.50 - 1.00, all that the member paid.
    assert (done.state, done.total, done.charged) == (
        FULFILLED,
        Money(5_050, "SAR"),
        Money(5_050, "SAR"),
    )
    assert (done.failure_code, done.hold_id) == (None, one.hold_id)
    assert await trading.tries(one) == [(FIRST, "failed", OUT), (SECOND, "succeeded", None)]
    assert [it.cost for it in await trading.attempts(one)] == [
        Money(4_950, "SAR"),
        Money(5_050, "SAR"),
    ]
    assert trading.orders() == (0, 1)
    (order,) = trading.second.orders()
    assert order["key"] == f"mz-{trading.network_id}-{one.redemption_id}-2"
    assert await buying.souq.journals_of("redemption", one.redemption_id) == booked(5_050, 5_050)
    assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 0)
    assert await trading.owed() == (0, 5_050)
    assert (len(await buying.vouchers(one)), await buying.due()) == (1, 0)
    await trading.assert_books_hold(superuser)


@pytest.mark.parametrize(
    "kind", ["timeout_after", "timeout_before", "error_500_after", "error_500_before", "error_429"]
)
async def test_only_a_definite_refusal_goes_to_the_next(trading: Trading, kind: str) -> None:
    trading.first.fault(kind)
    one = await trading.buying.place()
    done = await trading.buying.work_until_done(one)
    assert done.state is FULFILLED
    assert trading.orders() == (1, 0)
    assert await trading.tries(one) == [(FIRST, "succeeded", None)]
    (attempt,) = await trading.attempts(one)
    assert (attempt.unknown_at is not None) == (kind != "error_429")
    assert len(await trading.buying.vouchers(one)) == 1


async def test_a_pending_order_is_waited_for_and_goes_on_when_it_fails(
    trading: Trading, superuser: AsyncConnection
) -> None:
    trading.first.fault("pending_then_success", reads=99)
    buying = trading.buying
    one = await buying.place()
    for _ in range(5):
        await buying.work()
        buying.pass_time(seconds=20)
    assert await trading.tries(one) == [(FIRST, "ordered", None)]
    trading.first.control("POST", "orders/1", {"status": "REFUNDED"})
    done = await buying.work_until_done(one)
    assert done.state is FULFILLED
    assert await trading.tries(one) == [(FIRST, "failed", "REFUNDED"), (SECOND, "succeeded", None)]
    assert (await trading.owed(), len(await buying.vouchers(one))) == ((0, 4_950), 1)
    await trading.assert_books_hold(superuser)


async def test_when_all_refuse_the_member_has_everything_back(
    trading: Trading, superuser: AsyncConnection
) -> None:
    for double in (trading.first, trading.second):
        double.fault("out_of_stock")
    one = await trading.buying.place()
    done = await trading.buying.work_until_done(one)
    assert (done.state, done.failure_code) == (FAILED, OUT)
    assert await trading.tries(one) == [(FIRST, "failed", OUT), (SECOND, "failed", OUT)]
    assert await trading.buying.is_untouched(one)
    assert await trading.buying.souq.balance(trading.buying.souq.wallet()) == (20_000, 0)
    assert (trading.orders(), await trading.owed(), await trading.buying.due()) == (
        (0, 0),
        (0, 0),
        0,
    )
    await trading.assert_books_hold(superuser)


async def test_a_second_supplier_that_costs_more_than_was_paid_is_not_asked(
    trading: Trading,
) -> None:
    trading.first.fault("out_of_stock")
    one = await trading.buying.place()
    await trading.offer("1")  # its price rises by the time: 51.00, of 50.50 that were paid
    done = await trading.buying.work_until_done(one)
    assert (done.state, done.failure_code) == (FAILED, OUT)
    assert await trading.tries(one) == [(FIRST, "failed", OUT)]
    assert await trading.buying.is_untouched(one)
    assert trading.orders() == (0, 0)


async def test_a_network_may_take_a_loss_so_far(
    trading: Trading, superuser: AsyncConnection
) -> None:
    buying = trading.buying

    async def publish(bps: int) -> None:
        async with buying.souq.database.writing(trading.network_id) as db:
            await publish_sourcing_policy(
                db,
                network_id=trading.network_id,
                loss_max_bps=bps,
                actor="operator",
                now=buying.now,
            )

    trading.first.fault("withdrawn_item", count=2)
    await trading.offer("1")  # 51.00; 0.99 % of 50.50 are 0.49
    await publish(98)
    refused = await buying.work_until_done(await buying.place())
    assert refused.state is FAILED
    buying.pass_time(seconds=1)
    await publish(100)
    one = await buying.place()
    done = await buying.work_until_done(one)
    assert (done.state, done.charged) == (FULFILLED, Money(5_100, "SAR"))
    assert await buying.souq.journals_of("redemption", one.redemption_id) == booked(5_050, 5_100)
    await trading.assert_books_hold(superuser)


async def test_the_next_supplier_may_charge_in_another_currency(
    trading: Trading, superuser: AsyncConnection
) -> None:
    buying = trading.buying
    async with buying.souq.database.writing(trading.network_id) as db:
        rate = await make_rate(
            db,
            network_id=trading.network_id,
            base="USD",
            quote="SAR",
            value="3.75",
            observed_at=buying.now,
            now=buying.now,
        )
    trading.first.fault("out_of_stock")
    await trading.offer("4", fee="0.40", in_dollars=True)
    one = await buying.place()
    done = await buying.work_until_done(one)
    # 13.40 + 0.40 - 0.54 dollars, which are 49.72 at the rate of the quote.
    assert (done.state, done.charged) == (FULFILLED, Money(1_326, "USD"))
    assert await buying.souq.journals_of("redemption", one.redemption_id) == [
        (
            "redemption.supplier",
            {
                "member_available SAR": 5_050,
                "fx_position SAR": -4_972,
                "redemption_margin SAR": -78,
                "fx_position USD": 1_326,
                "supplier_payable USD": -1_326,
            },
        )
    ]
    note = await superuser.execute(
        text("SELECT note FROM payouts.journal WHERE kind = 'redemption.supplier'")
    )
    assert note.scalar_one()["fx_rate_id"] == str(rate.fx_rate_id)
    await trading.assert_books_hold(superuser)


async def test_workers_at_once_leave_one_card_each(
    trading: Trading, superuser: AsyncConnection
) -> None:
    trading.first.fault("withdrawn_item", count=3)
    placed = [await trading.buying.place() for _ in range(3)]
    for _ in range(4):
        await asyncio.gather(*(trading.buying.work() for _ in range(6)))
    for one in placed:
        assert (await trading.buying.find(one)).state is FULFILLED
        assert len(await trading.buying.vouchers(one)) == 1
        assert await trading.tries(one) == [
            (FIRST, "failed", "INVALID_PRODUCT"),
            (SECOND, "succeeded", None),
        ]
    assert trading.orders() == (0, 3)
    assert await trading.owed() == (0, 3 * 4_950)
    await trading.assert_books_hold(superuser)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.parametrize(
    "point",
    ["redemption.claimed", "redemption.refused", "redemption.ordered", "redemption.fetched"],
)
async def test_a_worker_that_dies_leaves_one_card(
    trading: Trading, superuser: AsyncConnection, point: str, turn: int
) -> None:
    """It dies at a point for the first supplier, or for the second."""
    buying = trading.buying
    trading.first.fault("out_of_stock")
    one = await buying.place()
    if turn == 2:
        await buying.work()
    buying.kill_at = point
    for _ in range(80):
        try:
            await buying.work()
        except Killed:
            buying.pass_time(seconds=90)
        if (await buying.find(one)).ended_at is not None:
            break
        buying.pass_time(seconds=5)
    assert (await buying.find(one)).state is FULFILLED
    assert trading.orders() == (0, 1)
    assert len(await buying.vouchers(one)) == 1
    assert [it.state for it in await trading.attempts(one)].count(AttemptState.SUCCEEDED) == 1
    assert await buying.souq.journals_of("redemption", one.redemption_id) == booked(5_050, 4_950)
    assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 0)
    await trading.assert_books_hold(superuser)


async def test_what_comes_late_of_the_first_supplier_changes_nothing(
    trading: Trading, superuser: AsyncConnection
) -> None:
    buying, network_id = trading.buying, trading.network_id
    trading.first.fault("out_of_stock")
    one = await buying.place()
    await buying.work()
    async with buying.souq.database.writing(network_id) as db:
        (step,) = await claim_fulfilments(db, network_id=network_id, limit=1, now=buying.now)
    assert (step.epoch, step.sends, step.supplier_name) == (2, 1, "second")
    given: dict[str, Any] = {
        "network_id": network_id,
        "redemption_id": one.redemption_id,
        "epoch": 1,
        "now": buying.now,
    }
    order = SupplierOrder("late", OrderState.SUCCEEDED, Money(4_950, "SAR"))
    for _ in range(2):
        async with buying.souq.database.writing(network_id) as db:
            assert not await record_refusal(db, sends=1, code="LATE", remark="", **given)
            assert not await record_delivery(
                db,
                vault=buying.souq.vault,
                order=order,
                codes=(SupplierCode(Secret("0000111122223333")),),
                **given,
            )
    assert await trading.tries(one) == [(FIRST, "failed", OUT), (SECOND, "sending", None)]
    # A card that turned up after all is there for people to find, and nobody was given it.
    assert [it.other_references for it in await trading.attempts(one)] == [("late",), ()]
    assert not await buying.vouchers(one)
    buying.pass_time(seconds=90)
    done = await buying.work_until_done(one)
    assert (done.state, trading.orders()) == (FULFILLED, (0, 1))
    assert len(await buying.vouchers(one)) == 1
    await trading.assert_books_hold(superuser)


async def test_between_two_suppliers_the_member_may_cancel(trading: Trading) -> None:
    buying = trading.buying
    trading.first.fault("out_of_stock")
    one = await buying.place()
    await buying.work()
    async with buying.souq.database.writing(trading.network_id) as db:
        await cancel_redemption(
            db,
            network_id=trading.network_id,
            redemption_id=one.redemption_id,
            member_id=one.member_id,
            actor="m",
            now=buying.now,
        )
    await buying.work()
    assert (await buying.find(one)).state is RedemptionState.CANCELLED
    assert (trading.orders(), await buying.due()) == ((0, 0), 0)
    assert await buying.is_untouched(one)


@pytest.mark.parametrize("reason", ["withdrawn", "separated"])
async def test_what_is_not_the_same_any_more_is_not_bought_instead(
    trading: Trading, reason: str
) -> None:
    buying, network_id = trading.buying, trading.network_id
    trading.first.fault("out_of_stock")
    one = await buying.place()
    if reason == "withdrawn":
        await trading.withdraw()
    else:
        async with buying.souq.database.writing(network_id) as db:
            (match,) = await list_matches(
                db, network_id=network_id, state=MatchState.MATCHED, limit=9
            )
            await separate_match(
                db,
                network_id=network_id,
                match_id=match.reward_match_id,
                actor="operator",
                now=buying.now,
            )
    done = await buying.work_until_done(one)
    assert (done.state, done.failure_code, trading.orders()) == (FAILED, OUT, (0, 0))
    assert await buying.is_untouched(one)
