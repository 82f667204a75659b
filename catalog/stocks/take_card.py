"""Taking a card out of a stock."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.stocks.errors import CardsSoldOut
from catalog.stocks.queries import lock_card_stock
from catalog.stocks.tables import card_stock


async def take_card(db: AsyncConnection, *, network_id: int, reward_id: UUID) -> None:
    """Take one card of a reward, where its cards are limited. Raises CardsSoldOut."""
    left = await lock_card_stock(db, network_id=network_id, reward_id=reward_id)
    if left is None:
        return
    if left == 0:
        raise CardsSoldOut
    await db.execute(
        update(card_stock)
        .where(card_stock.c.network_id == network_id, card_stock.c.reward_id == reward_id)
        .values(cards_left=card_stock.c.cards_left - 1)
    )
