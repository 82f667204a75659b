"""Points pay a part of a price or all of it: held with the money, taken with it, free with it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import add_slot
from catalog.pricing import PointsExceedPrice, PointsTooFew
from catalog.redemptions import (
    QuoteUsed,
    Redemption,
    RedemptionState,
    cancel_redemption,
    record_refusal,
)
from payouts.audit import run_checks
from payouts.fx import FxRateMissing
from payouts.ledger import BalanceTooLow
from payouts.money import Money, Points
from tests.catalog.redemptions.conftest import Buying
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork

SOUND = frozenset(
    {
        "hold_bounds",
        "held_equals_open_holds",
        "balance_floors",
        "redemption_booked_once",
        "reversal_bounded",
        "journal_balances",
        "fx_journals_carry_rate",
        "lots_equal_balances",
        "seats_within_capacity",
    }
)


async def assert_sound(superuser: AsyncConnection) -> None:
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=NOW + timedelta(minutes=1))
    await superuser.execute(text("ROLLBACK"))
    assert {one.name: one.breaches for one in results if one.name in SOUND and not one.ok} == {}


async def cancelled(souq: SmallNetwork, one: Redemption) -> Redemption:
    async with souq.database.writing(souq.network_id) as db:
        return await cancel_redemption(
            db, network_id=souq.network_id, redemption_id=one.redemption_id, actor="m", now=NOW
        )


async def test_an_own_card_is_paid_in_points_alone(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    await souq.give_points(90_000, rate="0.0125")
    reward_id = await souq.own_card_reward(100_001)
    quote = await souq.quote(reward_id, souq.money(100_001), points=80_001)
    assert (quote.points_price, quote.money_part) == (Points(80_001), souq.money(0))
    one = await souq.place(quote)
    assert (one.state, one.points) == (RedemptionState.FULFILLED, Points(80_001))
    assert await souq.journals_of("redemption", one.redemption_id) == [
        (
            "points.redeem",
            {
                "member_available POINTS": 80_001,
                "fx_position SAR": 100_001,
                "fx_position POINTS": -80_001,
                "member_available SAR": -100_001,
            },
        ),
        ("redemption.own_card", {"member_available SAR": 100_001, "gift_card SAR": -100_001}),
    ]
    assert (await souq.points(), await souq.balance(souq.wallet())) == ((9_999, 0), (0, 0))
    await assert_sound(superuser)


async def test_a_suppliers_card_holds_both_and_takes_both(
    buying: Buying, superuser: AsyncConnection
) -> None:
    souq = buying.souq
    await souq.give_points(3_000)
    quote = await souq.quote(buying.rewards["7001"], Money(5_000, "SAR"), points=2_000)
    assert (quote.total, quote.money_part) == (Money(5_050, "SAR"), Money(3_050, "SAR"))
    one = await souq.place(quote)
    assert await souq.balance(souq.wallet()) == (20_000, 3_050)
    assert await souq.points() == (3_000, 2_000)
    await buying.work()
    assert (await buying.find(one)).state is RedemptionState.FULFILLED
    assert await souq.balance(souq.wallet()) == (16_950, 0)
    assert await souq.points() == (1_000, 0)
    kinds = [kind for kind, _ in await souq.journals_of("redemption", one.redemption_id)]
    assert kinds == ["points.redeem", "redemption.supplier"]
    await assert_sound(superuser)


async def test_a_card_that_points_pay_whole_needs_no_money(
    buying: Buying, superuser: AsyncConnection
) -> None:
    souq = buying.souq
    await souq.give_points(5_050)
    quote = await souq.quote(buying.rewards["7001"], Money(5_000, "SAR"), points=5_050)
    one = await souq.place(quote)
    assert (one.hold_id, await souq.balance(souq.wallet())) == (None, (20_000, 0))
    assert await souq.points() == (5_050, 5_050)
    await buying.work()
    assert (await buying.find(one)).state is RedemptionState.FULFILLED
    assert (await souq.points(), await souq.balance(souq.wallet())) == ((0, 0), (20_000, 0))
    await assert_sound(superuser)


async def test_a_refused_order_and_a_cancelled_one_free_both(
    buying: Buying, superuser: AsyncConnection
) -> None:
    souq = buying.souq
    await souq.give_points(3_000)
    first = await souq.place(
        await souq.quote(buying.rewards["7001"], Money(5_000, "SAR"), points=2_000)
    )
    await cancelled(souq, first)
    assert (await souq.points(), await souq.balance(souq.wallet())) == ((3_000, 0), (20_000, 0))
    second = await souq.place(
        await souq.quote(buying.rewards["7001"], Money(5_000, "SAR"), points=2_000)
    )
    buying.kill_at = "redemption.claimed"
    with pytest.raises(BaseException, match=r"redemption\.claimed"):
        await buying.work()
    async with souq.database.writing(souq.network_id) as db:
        assert await record_refusal(
            db,
            network_id=souq.network_id,
            redemption_id=second.redemption_id,
            epoch=1,
            sends=1,
            code="REFUSED",
            remark="no",
            now=NOW,
        )
    assert await buying.is_untouched(second)
    assert (await souq.points(), await souq.balance(souq.wallet())) == ((3_000, 0), (20_000, 0))
    await assert_sound(superuser)


@pytest.mark.parametrize(
    ("hours", "points", "after"),
    [
        (48, 6_000, (10_000, 10_000)),  # no penalty: all comes back as it was
        (12, 6_000, (10_000, 8_000)),  # the penalty of 2,000 comes out of the money part
        (12, 9_000, (1_000, 17_000)),  # it takes of what the points became: the rest stays money
    ],
)
async def test_a_seat_given_back_gives_its_points_back(
    souq: SmallNetwork,
    superuser: AsyncConnection,
    hours: int,
    points: int,
    after: tuple[int, int],
) -> None:
    await souq.give_points(10_000)
    await souq.fund(10_000)
    reward_id = await souq.experience_reward(10_000)
    async with souq.database.writing(souq.network_id) as db:
        slot = await add_slot(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            starts_at=NOW + timedelta(hours=hours),
            capacity=1,
            now=NOW,
        )
    one = await souq.place(await souq.quote(reward_id, slot_id=slot.slot_id, points=points))
    assert await souq.points() == (10_000 - points, 0)
    assert await souq.balance(souq.wallet()) == (points, 0)
    await cancelled(souq, one)
    assert (await souq.points(), await souq.balance(souq.wallet())) == (
        (after[0], 0),
        (after[1], 0),
    )
    await assert_sound(superuser)


async def test_points_that_cannot_pay_are_refused_at_the_quote(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    reward_id = await souq.own_card_reward(1_000)
    with pytest.raises(FxRateMissing):
        await souq.quote(reward_id, souq.money(1_000), points=10)
    await souq.give_points(500, rate="0.001")
    for points, refusal in (
        (9, PointsTooFew),
        (510, BalanceTooLow),
        (10_001, PointsExceedPrice),
    ):
        with pytest.raises(refusal):
            await souq.quote(reward_id, souq.money(1_000), points=points)
    count = await superuser.execute(text("SELECT count(*) FROM catalog.quote"))
    assert (count.scalar_one(), await souq.points()) == (0, (500, 0))


async def test_points_spent_meanwhile_leave_the_quote_and_the_money_alone(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    await souq.give_points(500)
    await souq.fund(5_000)
    reward_id = await souq.own_card_reward(1_000)
    first = await souq.quote(reward_id, souq.money(1_000), points=400)
    second = await souq.quote(reward_id, souq.money(1_000), points=400)
    await souq.place(first)
    with pytest.raises(BalanceTooLow):
        await souq.place(second)
    assert (await souq.points(), await souq.balance(souq.wallet())) == ((100, 0), (4_400, 0))
    count = await superuser.execute(text("SELECT count(*) FROM catalog.redemption"))
    assert count.scalar_one() == 1


async def test_twenty_uses_at_once_take_the_points_once(buying: Buying) -> None:
    souq = buying.souq
    await souq.give_points(3_000)
    quote = await souq.quote(buying.rewards["7001"], Money(5_000, "SAR"), points=2_000)

    async def attempt(_: int) -> bool:
        try:
            await souq.place(quote)
        except QuoteUsed:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(20)))) == 1
    assert (await souq.points(), await souq.balance(souq.wallet())) == (
        (3_000, 2_000),
        (20_000, 3_050),
    )
