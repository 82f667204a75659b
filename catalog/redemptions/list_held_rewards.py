"""Listing which rewards something still hangs on."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import QUOTE_LIFE, RedemptionKind
from catalog.redemptions.tables import quote, redemption
from payouts.money import first_id


async def list_held_rewards(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID], now: datetime
) -> frozenset[UUID]:
    """Tell of which of these rewards a quote may still be used, or an order is not answered yet.

    A card that was issued and a seat that was booked are the member's, and hold nothing.
    """
    ids = list(reward_ids)
    if not ids:
        return frozenset()
    ordered = select(redemption.c.reward_id).where(
        redemption.c.network_id == network_id,
        redemption.c.reward_id.in_(ids),
        redemption.c.kind == RedemptionKind.SUPPLIER_CARD.value,
        redemption.c.ended_at.is_(None),
    )
    is_used = exists(
        select(redemption.c.redemption_id).where(
            redemption.c.network_id == network_id, redemption.c.quote_id == quote.c.quote_id
        )
    )
    quoted = select(quote.c.reward_id).where(
        quote.c.network_id == network_id,
        # Ids sort by time: none older than a quote lives is looked at.
        quote.c.quote_id >= first_id(now - QUOTE_LIFE),
        quote.c.reward_id.in_(ids),
        quote.c.expires_at > now,
        ~is_used,
    )
    rows = await db.execute(union(ordered, quoted))
    return frozenset(rows.scalars())
