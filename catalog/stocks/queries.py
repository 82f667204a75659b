"""Reads of stocks."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.stocks.tables import card_stock


async def read_card_stocks(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Tell how many cards are left of each reward whose cards are limited."""
    rows = await db.execute(
        select(card_stock.c.reward_id, card_stock.c.cards_left).where(
            card_stock.c.network_id == network_id,
            card_stock.c.reward_id.in_(list(reward_ids)),
            card_stock.c.cards_left.is_not(None),
        )
    )
    return {row.reward_id: row.cards_left for row in rows}


async def lock_card_stock(db: AsyncConnection, *, network_id: int, reward_id: UUID) -> int | None:
    """Tell how many cards are left, and keep others from taking or reserving one; None: no limit."""
    row = await db.execute(
        select(card_stock.c.cards_left)
        .where(card_stock.c.network_id == network_id, card_stock.c.reward_id == reward_id)
        .with_for_update(key_share=True)
    )
    left: int | None = row.scalar_one_or_none()
    return left
