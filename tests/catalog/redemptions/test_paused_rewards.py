"""What is paused or suspended is neither quoted nor placed; what was paid for before goes on."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import add_slot
from catalog.giftcards import CardState, get_gift_card
from catalog.offers import activate_offer
from catalog.redemptions import RedemptionState, RewardNotRedeemable, retire_due_rewards
from catalog.rewards import (
    Reward,
    RewardPaused,
    RewardState,
    get_reward,
    pause_reward,
    resume_reward,
)
from payouts.money import Money
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.redemptions.trading import Trading
from tests.catalog.redemptions.trading import trading as trading
from tests.catalog.rewards.lives import Lives, is_listed, log_of
from tests.conftest import NOW
from tests.factories.catalog import offer
from tests.factories.small_network import SmallNetwork
from tests.fingerprint import changed, fingerprint


def lives_of(souq: SmallNetwork) -> Lives:
    return Lives(souq.database, souq.network_id, souq.partner_id)


async def find(souq: SmallNetwork, reward_id: UUID) -> Reward:
    async with souq.database.reading(souq.network_id) as db:
        return await get_reward(db, network_id=souq.network_id, reward_id=reward_id)


async def look(souq: SmallNetwork, now: Any) -> int:
    async with souq.database.writing(souq.network_id) as db:
        return await retire_due_rewards(db, network_id=souq.network_id, limit=10, now=now)


@pytest.mark.parametrize("command", ["pause", "suspend"])
async def test_a_quote_of_before_is_refused_and_good_again_afterwards(
    souq: SmallNetwork, superuser: AsyncConnection, command: str
) -> None:
    await souq.fund(15_000)
    reward_id = await souq.own_card_reward(10_000)
    quote = await souq.quote(reward_id, souq.money(10_000))
    lives = lives_of(souq)
    await lives.give(command, reward_id)
    before = await fingerprint(superuser)
    with pytest.raises(RewardPaused) as refused:
        await souq.quote(reward_id, souq.money(10_000))
    assert refused.value.retryable
    with pytest.raises(RewardPaused) as refused:
        await souq.place(quote)
    assert refused.value.path == ("quoteId",)
    assert changed(before, await fingerprint(superuser)) == []
    assert await souq.balance(souq.wallet()) == (15_000, 0)

    if command == "suspend":
        await lives.give("reinstate", reward_id)
        with pytest.raises(RewardPaused):
            await souq.place(quote)
    await lives.give("resume", reward_id)
    placed = await souq.place(quote)
    assert placed.state is RedemptionState.FULFILLED
    # A card that was issued is the member's, whatever becomes of the reward.
    await lives.give("suspend", reward_id)
    assert placed.card_id is not None
    async with souq.database.reading(souq.network_id) as db:
        card = await get_gift_card(db, network_id=souq.network_id, card_id=placed.card_id)
    assert card.state is CardState.ACTIVE


async def test_a_paused_offer_is_not_switched_on(souq: SmallNetwork) -> None:
    lives = lives_of(souq)
    reward_id = await souq.reward(offer(souq.partner_id), partner_id=souq.partner_id)

    async def switch_on() -> object:
        async with souq.database.writing(souq.network_id) as db:
            return await activate_offer(
                db,
                network_id=souq.network_id,
                reward_id=reward_id,
                member_id=souq.member_id,
                now=NOW,
            )

    await lives.give("pause", reward_id)
    with pytest.raises(RewardPaused):
        await switch_on()
    await lives.give("resume", reward_id)
    await switch_on()


async def test_a_suppliers_card_that_was_paid_for_is_delivered_in_a_suspension(
    buying: Buying,
) -> None:
    one = await buying.place()
    await lives_of(buying.souq).give("suspend", buying.rewards["7001"])
    ended = await buying.work_until_done(one)
    assert ended.state is RedemptionState.FULFILLED
    assert len(await buying.vouchers(one)) == 1


async def test_what_was_paid_for_goes_to_the_next_supplier_in_a_suspension(
    trading: Trading,
) -> None:
    """The second was cheaper for the member; the next is the suspended reward's own item."""
    await trading.offer("3", fee="1.00")
    quote = await trading.quote()
    one = await trading.buying.souq.place(quote, now=trading.buying.now)
    await lives_of(trading.buying.souq).give("suspend", quote.reward_id)
    trading.second.fault("out_of_stock")
    for _ in range(2):
        await trading.buying.work()
    assert (await trading.buying.find(one)).state is RedemptionState.FULFILLED
    assert await trading.tries(one) == [
        (False, "failed", "PRODUCT_OUT_OF_STOCK"),
        (True, "succeeded", None),
    ]
    assert len(await trading.buying.vouchers(one)) == 1


async def test_whoever_places_waits_for_a_pause_and_is_refused(souq: SmallNetwork) -> None:
    await souq.fund(15_000)
    reward_id = await souq.own_card_reward(10_000)
    quote = await souq.quote(reward_id, souq.money(10_000))
    async with souq.database.writing(souq.network_id) as db:
        await pause_reward(
            db, network_id=souq.network_id, reward_id=reward_id, actor="staff:one", now=NOW
        )
        placing = asyncio.create_task(souq.place(quote))
        await asyncio.sleep(0.2)
        assert not placing.done()
    with pytest.raises(RewardPaused):
        await placing
    assert await souq.balance(souq.wallet()) == (15_000, 0)


async def test_of_a_pause_and_orders_at_once_each_order_is_whole_or_refused(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    await souq.fund(50_000)
    reward_id = await souq.own_card_reward(1_000)
    quotes = [await souq.quote(reward_id, souq.money(1_000)) for _ in range(12)]

    async def place(number: int) -> bool:
        try:
            await souq.place(quotes[number])
        except RewardPaused:
            return False
        return True

    async def turn(verb: Any, seconds: float) -> None:
        await asyncio.sleep(seconds)
        async with souq.database.writing(souq.network_id) as db:
            await verb(
                db, network_id=souq.network_id, reward_id=reward_id, actor="staff:one", now=NOW
            )

    *placed, _ = await asyncio.gather(*(place(n) for n in range(12)), turn(pause_reward, 0.03))
    done = sum(placed)
    assert await souq.balance(souq.wallet()) == (50_000 - 1_000 * done, 0)
    cards = await superuser.execute(text("SELECT count(*) FROM catalog.gift_card"))
    assert cards.scalar_one() == done
    await turn(resume_reward, 0)
    rest = await asyncio.gather(*(place(n) for n in range(12) if not placed[n]))
    assert all(rest)
    assert await souq.balance(souq.wallet()) == (38_000, 0)


async def test_at_its_sunset_a_reward_is_off_the_lists_and_retires_once_no_quote_is_open(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    await souq.fund(15_000)
    reward_id = await souq.own_card_reward(1_000)
    lives, sunset = lives_of(souq), NOW + timedelta(minutes=10)
    await lives.give("announce", reward_id, sunset_at=sunset)
    used = await souq.quote(reward_id, souq.money(1_000), now=NOW + timedelta(minutes=5))
    left = await souq.quote(reward_id, souq.money(1_000), now=NOW + timedelta(minutes=6))
    assert await look(souq, sunset - timedelta(seconds=1)) == 0
    assert await is_listed(superuser, reward_id) == (True, True)

    with pytest.raises(RewardNotRedeemable):
        await souq.quote(reward_id, souq.money(1_000), now=sunset)
    assert await look(souq, sunset) == 1
    waiting = await find(souq, reward_id)
    assert (waiting.state, waiting.sunset_at) == (RewardState.RETIRING, sunset)
    assert await is_listed(superuser, reward_id) == (False, False)
    placed = await souq.place(used, now=NOW + timedelta(minutes=12))
    assert placed.state is RedemptionState.FULFILLED
    assert await look(souq, NOW + timedelta(minutes=13)) == 1
    assert (await find(souq, reward_id)).state is RewardState.RETIRING

    assert await look(souq, left.expires_at) == 1
    ended = await find(souq, reward_id)
    assert (ended.state, ended.sunset_at) == (RewardState.RETIRED, None)
    assert (await log_of(superuser, reward_id))[-1] == (
        3, "sunset", "retiring", "retired", 1, "clock", None,
    )  # fmt: skip
    told = await superuser.execute(
        text("SELECT kind FROM catalog.reward_change ORDER BY reward_change_id")
    )
    assert list(told.scalars()) == ["published", "retiring", "retired"]
    assert await look(souq, NOW + timedelta(days=1)) == 0


async def test_an_order_that_is_not_answered_keeps_a_reward_from_retiring(buying: Buying) -> None:
    souq, reward_id = buying.souq, buying.rewards["7001"]
    one = await buying.place()
    sunset = buying.now + timedelta(seconds=1)
    await lives_of(souq).give("announce", reward_id, sunset_at=sunset)
    later = sunset + timedelta(minutes=30)
    assert await look(souq, later) == 1
    assert (await find(souq, reward_id)).state is RewardState.RETIRING
    ended = await buying.work_until_done(one)
    assert ended.state is RedemptionState.FULFILLED
    assert await look(souq, later + timedelta(seconds=61)) == 1
    assert (await find(souq, reward_id)).state is RewardState.RETIRED


async def test_a_booked_seat_does_not_keep_an_experience_from_retiring(
    souq: SmallNetwork,
) -> None:
    await souq.fund(15_000)
    reward_id = await souq.experience_reward(5_000)
    async with souq.database.writing(souq.network_id) as db:
        slot = await add_slot(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            starts_at=NOW + timedelta(days=30),
            capacity=2,
            now=NOW,
        )
    booked = await souq.place(await souq.quote(reward_id, slot_id=slot.slot_id))
    assert booked.state is RedemptionState.PLACED
    sunset = NOW + timedelta(hours=1)
    await lives_of(souq).give("announce", reward_id, sunset_at=sunset)
    assert await look(souq, sunset) == 1
    assert (await find(souq, reward_id)).state is RewardState.RETIRED


async def test_a_sunset_that_was_moved_comes_at_its_new_time(souq: SmallNetwork) -> None:
    reward_id = await souq.own_card_reward(1_000)
    lives = lives_of(souq)
    await lives.give("announce", reward_id, sunset_at=NOW + timedelta(hours=1))
    await lives.give("announce", reward_id, sunset_at=NOW + timedelta(hours=2))
    assert await look(souq, NOW + timedelta(hours=1)) == 0
    assert await look(souq, NOW + timedelta(hours=2)) == 1
    assert (await find(souq, reward_id)).state is RewardState.RETIRED


async def test_what_was_retired_at_once_is_struck_off(souq: SmallNetwork) -> None:
    reward_id = await souq.own_card_reward(1_000)
    lives = lives_of(souq)
    await lives.give("announce", reward_id, sunset_at=NOW + timedelta(hours=1))
    await lives.give("retire", reward_id)
    assert await look(souq, NOW + timedelta(hours=1)) == 1
    assert await look(souq, NOW + timedelta(days=1)) == 0
    assert (await find(souq, reward_id)).state is RewardState.RETIRED


async def test_whoever_places_does_not_wait_for_an_import(buying: Buying) -> None:
    """A catalogue is imported in steps that may take seconds; nobody's order stands behind one."""
    souq = buying.souq
    quote = await souq.quote(buying.rewards["7001"], Money(5_000, "SAR"), now=buying.now)
    async with souq.database.writing(souq.network_id) as db:
        await db.execute(text("UPDATE catalog.reward SET latest_version = latest_version + 1"))
        placed = await asyncio.wait_for(souq.place(quote, now=buying.now), 5)
    assert placed.state is RedemptionState.PLACED
