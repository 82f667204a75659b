"""Seats: never oversold, cancelled on their terms, earned when they took place."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import (
    BookingEnded,
    ExperienceSlot,
    SlotInvalid,
    SlotNotFound,
    SlotOver,
    SoldOut,
    add_slot,
    get_slot,
    list_slots,
)
from catalog.redemptions import (
    Redemption,
    RedemptionNotCancellable,
    RedemptionState,
    RewardNotRedeemable,
    SlotOfAnotherReward,
    cancel_redemption,
    deliver_due_experiences,
    read_redemptions,
)
from catalog.rewards import RewardNotFound
from payouts.ledger import BalanceTooLow
from payouts.money import new_id
from payouts.refusal import Refusal
from tests.conftest import NOW
from tests.factories.small_network import ACTOR, SmallNetwork

STARTS = NOW + timedelta(days=3)


async def slot_of(
    souq: SmallNetwork, reward_id: UUID, *, capacity: int = 1, partner_id: UUID | None = None
) -> ExperienceSlot:
    async with souq.database.writing(souq.network_id) as db:
        return await add_slot(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            starts_at=STARTS,
            capacity=capacity,
            partner_id=partner_id,
            now=NOW,
        )


async def seats(souq: SmallNetwork, slot: ExperienceSlot) -> int:
    async with souq.database.reading(souq.network_id) as db:
        return (await get_slot(db, network_id=souq.network_id, slot_id=slot.slot_id)).booked


async def booked(souq: SmallNetwork, **terms: int | None) -> tuple[Redemption, ExperienceSlot]:
    reward_id = await souq.experience_reward(8_000, **terms)  # type: ignore[arg-type]
    slot = await slot_of(souq, reward_id)
    await souq.fund(10_000)
    return await souq.place(await souq.quote(reward_id, slot_id=slot.slot_id)), slot


async def cancelled(
    souq: SmallNetwork, one: Redemption, *, now: datetime = NOW, member_id: UUID | None = None
) -> Redemption:
    async with souq.database.writing(souq.network_id) as db:
        return await cancel_redemption(
            db,
            network_id=souq.network_id,
            redemption_id=one.redemption_id,
            member_id=member_id or one.member_id,
            actor=ACTOR,
            now=now,
        )


async def delivered(souq: SmallNetwork, *, now: datetime = STARTS) -> int:
    async with souq.database.writing(souq.network_id) as db:
        return await deliver_due_experiences(db, network_id=souq.network_id, limit=10, now=now)


async def state_of(souq: SmallNetwork, one: Redemption) -> RedemptionState:
    async with souq.database.reading(souq.network_id) as db:
        found = await read_redemptions(
            db, network_id=souq.network_id, redemption_ids=[one.redemption_id]
        )
    return found[one.redemption_id].state


BOOK = (
    "experience.book",
    {
        "member_available SAR": 8_000,
        "partner_payable_pending SAR": -7_000,
        "fee_deferred SAR": -1_000,
    },
)


async def test_a_booked_seat_is_owed_to_the_partner_later(souq: SmallNetwork) -> None:
    one, slot = await booked(souq)
    assert (one.state, await seats(souq, slot)) == (RedemptionState.PLACED, 1)
    assert await souq.journals_of("booking", one.booking_id) == [BOOK]
    assert await souq.balance(souq.wallet()) == (2_000, 0)


async def test_a_late_cancellation_costs_the_penalty(souq: SmallNetwork) -> None:
    one, slot = await booked(souq)
    done = await cancelled(souq, one, now=STARTS - timedelta(hours=24) + timedelta(seconds=1))
    assert (done.state, await seats(souq, slot)) == (RedemptionState.CANCELLED, 0)
    assert await souq.journals_of("booking", one.booking_id) == [
        BOOK,
        (
            "experience.cancel",
            {
                "partner_payable_pending SAR": 7_000,
                "fee_deferred SAR": 1_000,
                "member_available SAR": -6_400,
                "partner_payable SAR": -1_400,
                "platform_fee SAR": -200,
            },
        ),
    ]
    assert await souq.balance(souq.wallet()) == (8_400, 0)
    assert await delivered(souq) == 1
    assert await delivered(souq) == 0
    assert await state_of(souq, one) is RedemptionState.CANCELLED


@pytest.mark.parametrize(("hours", "paid_back"), [(24, 8_000), (None, 6_400), (0, 8_000)])
async def test_a_cancellation_in_time_is_free_if_its_terms_say_so(
    souq: SmallNetwork, hours: int | None, paid_back: int
) -> None:
    one, _ = await booked(souq, free_until_hours=hours)
    await cancelled(souq, one, now=STARTS - timedelta(hours=24))
    assert await souq.balance(souq.wallet()) == (2_000 + paid_back, 0)
    pending = souq.of_partner("partner_payable_pending")
    deferred = souq.of_partner("fee_deferred")
    assert [await souq.balance(one) for one in (pending, deferred)] == [(0, 0), (0, 0)]


async def test_what_took_place_is_earned(souq: SmallNetwork) -> None:
    one, _ = await booked(souq)
    assert await delivered(souq, now=STARTS - timedelta(seconds=1)) == 0
    assert await delivered(souq) == 1
    assert (await souq.journals_of("booking", one.booking_id))[1] == (
        "experience.deliver",
        {
            "partner_payable_pending SAR": 7_000,
            "partner_payable SAR": -7_000,
            "fee_deferred SAR": 1_000,
            "platform_fee SAR": -1_000,
        },
    )
    assert await state_of(souq, one) is RedemptionState.FULFILLED
    assert await delivered(souq) == 0
    with pytest.raises(RedemptionNotCancellable):
        await cancelled(souq, one, now=STARTS)


async def test_what_has_begun_is_not_cancelled(souq: SmallNetwork) -> None:
    one, slot = await booked(souq)
    with pytest.raises(BookingEnded):
        await cancelled(souq, one, now=STARTS)
    assert (await seats(souq, slot), await souq.balance(souq.wallet())) == (1, (2_000, 0))


async def test_cancelled_and_delivered_at_once_ends_one_way(souq: SmallNetwork) -> None:
    one, _ = await booked(souq)
    almost = STARTS - timedelta(seconds=1)

    async def attempt(number: int) -> None:
        try:
            if number % 2:
                await cancelled(souq, one, now=almost)
            else:
                await delivered(souq)
        except Refusal:
            pass

    await asyncio.gather(*(attempt(number) for number in range(10)))
    kinds = [kind for kind, _ in await souq.journals_of("booking", one.booking_id)]
    state = await state_of(souq, one)
    ended = {RedemptionState.CANCELLED: "cancel", RedemptionState.FULFILLED: "deliver"}[state]
    assert kinds == ["experience.book", f"experience.{ended}"]


@pytest.mark.proof
async def test_fifty_bookings_of_one_seat_take_it_once(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    reward_id = await souq.experience_reward(100)
    slot = await slot_of(souq, reward_id, capacity=50)
    await souq.fund(5_000)
    quotes = [await souq.quote(reward_id, slot_id=slot.slot_id) for _ in range(50)]
    # Every quote has a seat; then 49 of them are gone, and the bookings race for the last.
    await superuser.execute(text("UPDATE catalog.experience_slot SET capacity = 1"))

    async def attempt(number: int) -> bool:
        try:
            await souq.place(quotes[number])
        except SoldOut:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(50)))) == 1
    assert await seats(souq, slot) == 1
    assert await souq.balance(souq.wallet()) == (4_900, 0)
    for table in ("booking", "redemption"):
        count = await superuser.execute(text(f"SELECT count(*) FROM catalog.{table}"))
        assert count.scalar_one() == 1


async def test_a_seat_that_cannot_be_paid_stays_free(souq: SmallNetwork) -> None:
    reward_id = await souq.experience_reward(8_000)
    slot = await slot_of(souq, reward_id)
    quote = await souq.quote(reward_id, slot_id=slot.slot_id)
    with pytest.raises(BalanceTooLow):
        await souq.place(quote)
    assert await seats(souq, slot) == 0


async def test_slots_are_offered_for_experiences_of_their_partner(souq: SmallNetwork) -> None:
    reward_id = await souq.experience_reward(8_000)
    card_id = await souq.own_card_reward(1_000)
    with pytest.raises(RewardNotFound):
        await slot_of(souq, reward_id, partner_id=souq.other_partner_id)
    for wrong, capacity in ((card_id, 1), (reward_id, 0), (reward_id, 100_001)):
        with pytest.raises(SlotInvalid):
            await slot_of(souq, wrong, capacity=capacity)
    made = await slot_of(souq, reward_id, partner_id=souq.partner_id, capacity=3)
    async with souq.database.reading(souq.network_id) as db:
        assert await list_slots(
            db, network_id=souq.network_id, reward_id=reward_id, since=NOW, limit=5
        ) == [made]
        assert not await list_slots(
            db, network_id=souq.network_id, reward_id=reward_id, since=STARTS, limit=5
        )


async def test_an_experience_is_quoted_for_a_free_slot_of_its_own(souq: SmallNetwork) -> None:
    reward_id, other_id = [await souq.experience_reward(8_000) for _ in range(2)]
    slot = await slot_of(souq, reward_id)
    with pytest.raises(RewardNotRedeemable):
        await souq.quote(reward_id)
    with pytest.raises(SlotOfAnotherReward):
        await souq.quote(other_id, slot_id=slot.slot_id)
    with pytest.raises(SlotNotFound):
        await souq.quote(reward_id, slot_id=new_id(NOW))
    with pytest.raises(SlotOver):
        await souq.quote(reward_id, slot_id=slot.slot_id, now=STARTS)
    await souq.fund(8_000)
    await souq.place(await souq.quote(reward_id, slot_id=slot.slot_id))
    with pytest.raises(SoldOut):
        await souq.quote(reward_id, slot_id=slot.slot_id)
