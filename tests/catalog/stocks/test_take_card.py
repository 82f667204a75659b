"""Cards of the network's own whose number is limited."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import RewardNotFound
from catalog.stocks import CardsSoldOut, StockInvalid, read_card_stocks, set_card_stock, take_card
from payouts.money import new_id
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network


@pytest.fixture
async def souq(database: Database) -> SmallNetwork:
    return await found_network(database)


async def put(souq: SmallNetwork, reward_id: object, cards_left: int | None) -> None:
    async with souq.database.writing(souq.network_id) as db:
        await set_card_stock(
            db,
            network_id=souq.network_id,
            reward_id=reward_id,  # type: ignore[arg-type]
            cards_left=cards_left,
            actor="staff:operator-1",
            now=NOW,
        )


async def take(souq: SmallNetwork, reward_id: object) -> bool:
    try:
        async with souq.database.writing(souq.network_id) as db:
            await take_card(db, network_id=souq.network_id, reward_id=reward_id)  # type: ignore[arg-type]
    except CardsSoldOut:
        return False
    return True


async def left(souq: SmallNetwork) -> list[int]:
    async with souq.database.reading(souq.network_id) as db:
        ids = (await db.execute(text("SELECT reward_id FROM catalog.reward"))).scalars().all()
        found = await read_card_stocks(db, network_id=souq.network_id, reward_ids=ids)
    return list(found.values())


async def test_no_more_cards_are_taken_than_there_are(souq: SmallNetwork) -> None:
    reward_id = await souq.own_card_reward(1_000)
    assert (await take(souq, reward_id), await left(souq)) == (True, [])
    await put(souq, reward_id, 7)
    taken = await asyncio.gather(*(take(souq, reward_id) for _ in range(20)))
    assert (sum(taken), await left(souq)) == (7, [0])
    await put(souq, reward_id, None)
    assert (await take(souq, reward_id), await left(souq)) == (True, [])


async def test_what_has_no_stock_is_refused(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    card_id, evening_id = await souq.own_card_reward(1_000), await souq.experience_reward(100)
    for reward_id, cards_left in ((evening_id, 1), (card_id, -1), (card_id, 1_000_000_001)):
        with pytest.raises(StockInvalid):
            await put(souq, reward_id, cards_left)
    with pytest.raises(RewardNotFound):
        await put(souq, new_id(NOW), 1)
    count = await superuser.execute(text("SELECT count(*) FROM catalog.card_stock"))
    assert count.scalar_one() == 0
