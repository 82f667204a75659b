"""A quote has its seat or card until it is used or expires; nobody gets what there is not."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import SoldOut, add_slot
from catalog.redemptions import QUOTE_LIFE, Quote, QuoteExpired, cancel_redemption
from catalog.stocks import CardsSoldOut, read_card_stocks, set_card_stock
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork

RACE, PLACES = 50, 10


async def slot_of(souq: SmallNetwork, reward_id: UUID, capacity: int) -> UUID:
    async with souq.database.writing(souq.network_id) as db:
        made = await add_slot(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            starts_at=NOW + timedelta(days=3),
            capacity=capacity,
            now=NOW,
        )
    return made.slot_id


async def stock(souq: SmallNetwork, reward_id: UUID, cards_left: int) -> None:
    async with souq.database.writing(souq.network_id) as db:
        await set_card_stock(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,
            cards_left=cards_left,
            actor="staff:operator-1",
            now=NOW,
        )


async def cards_left(souq: SmallNetwork, reward_id: UUID) -> int:
    async with souq.database.reading(souq.network_id) as db:
        found = await read_card_stocks(db, network_id=souq.network_id, reward_ids=[reward_id])
    return found[reward_id]


async def quotes(superuser: AsyncConnection) -> int:
    count = await superuser.execute(text("SELECT count(*) FROM catalog.quote"))
    return int(count.scalar_one())


@pytest.mark.proof
async def test_fifty_quotes_for_ten_seats_are_ten_and_each_is_booked(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    reward_id = await souq.experience_reward(100)
    slot_id = await slot_of(souq, reward_id, PLACES)
    await souq.fund(10_000)

    async def attempt(number: int) -> Quote | None:
        member_id = souq.member_id if number % 2 else souq.other_member_id
        try:
            return await souq.quote(reward_id, slot_id=slot_id, member_id=member_id)
        except SoldOut:
            return None

    made = await asyncio.gather(*(attempt(number) for number in range(RACE)))
    reserved = [one for one in made if one is not None]
    assert (len(reserved), await quotes(superuser)) == (PLACES, PLACES)
    await souq.fund(10_000, member_id=souq.other_member_id)
    await asyncio.gather(*(souq.place(one) for one in reserved))
    booked = await superuser.execute(text("SELECT booked FROM catalog.experience_slot"))
    assert booked.scalar_one() == PLACES
    with pytest.raises(SoldOut):
        await souq.quote(reward_id, slot_id=slot_id, now=NOW + QUOTE_LIFE)


@pytest.mark.proof
async def test_fifty_quotes_for_ten_cards_are_ten_and_each_is_given(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    reward_id = await souq.own_card_reward(100)
    await stock(souq, reward_id, PLACES)
    await souq.fund(10_000)

    async def attempt(_: int) -> Quote | None:
        try:
            return await souq.quote(reward_id, souq.money(100))
        except CardsSoldOut:
            return None

    made = await asyncio.gather(*(attempt(number) for number in range(RACE)))
    reserved = [one for one in made if one is not None]
    assert (len(reserved), await quotes(superuser)) == (PLACES, PLACES)
    await asyncio.gather(*(souq.place(one) for one in reserved))
    assert await cards_left(souq, reward_id) == 0
    assert await souq.balance(souq.wallet()) == (9_000, 0)
    with pytest.raises(CardsSoldOut):
        await souq.quote(reward_id, souq.money(100), now=NOW + QUOTE_LIFE)


async def test_what_expires_is_free_without_anybodys_doing(souq: SmallNetwork) -> None:
    reward_id = await souq.experience_reward(100)
    slot_id = await slot_of(souq, reward_id, 1)
    await souq.fund(1_000)
    first = await souq.quote(reward_id, slot_id=slot_id)
    almost = NOW + QUOTE_LIFE - timedelta(microseconds=1)
    with pytest.raises(SoldOut):
        await souq.quote(reward_id, slot_id=slot_id, now=almost)
    second = await souq.quote(reward_id, slot_id=slot_id, now=NOW + QUOTE_LIFE)
    with pytest.raises(QuoteExpired):
        await souq.place(first, now=NOW + QUOTE_LIFE)
    await souq.place(second, now=NOW + QUOTE_LIFE)
    assert await souq.balance(souq.wallet()) == (900, 0)


async def test_a_seat_that_is_given_back_can_be_quoted_again(souq: SmallNetwork) -> None:
    reward_id = await souq.experience_reward(100)
    slot_id = await slot_of(souq, reward_id, 1)
    await souq.fund(1_000)
    one = await souq.place(await souq.quote(reward_id, slot_id=slot_id))
    async with souq.database.writing(souq.network_id) as db:
        await cancel_redemption(
            db, network_id=souq.network_id, redemption_id=one.redemption_id, actor="m", now=NOW
        )
    assert (await souq.quote(reward_id, slot_id=slot_id)).slot_id == slot_id


async def test_cards_that_were_withdrawn_after_the_quote_are_not_given(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    reward_id = await souq.own_card_reward(100)
    await souq.fund(1_000)
    await stock(souq, reward_id, 1)
    quote = await souq.quote(reward_id, souq.money(100))
    await stock(souq, reward_id, 0)
    with pytest.raises(CardsSoldOut):
        await souq.place(quote)
    assert await souq.balance(souq.wallet()) == (1_000, 0)
    for table in ("redemption", "gift_card", "voucher"):
        count = await superuser.execute(text(f"SELECT count(*) FROM catalog.{table}"))
        assert count.scalar_one() == 0
    await stock(souq, reward_id, 1)
    await souq.place(quote)
    assert await cards_left(souq, reward_id) == 0
