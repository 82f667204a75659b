"""Reserving seats and cards."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import SoldOut, lock_slot
from catalog.redemptions.model import Quote, RedemptionKind
from catalog.redemptions.tables import quote, redemption
from catalog.stocks import CardsSoldOut, lock_card_stock


async def reserve_stock(
    db: AsyncConnection, *, network_id: int, made: Quote, now: datetime
) -> None:
    """Let a quote that is written in this transaction have its seat or card until it expires.

    A reservation is the quote itself: what is taken and what quotes may still take is never more
    than there is, and a quote that was used or expired holds nothing, without anybody's doing.
    Raises SlotNotFound, SoldOut, CardsSoldOut.
    """
    if made.slot_id is not None:
        slot = await lock_slot(db, network_id=network_id, slot_id=made.slot_id)
        is_alike = quote.c.slot_id == made.slot_id
        if slot.left <= await _count_reserved(db, network_id, is_alike, now):
            raise SoldOut(path=("slotId",))
    elif made.kind is RedemptionKind.OWN_CARD:
        left = await lock_card_stock(db, network_id=network_id, reward_id=made.reward_id)
        if left is None:
            return
        is_alike = (quote.c.reward_id == made.reward_id) & (quote.c.kind == made.kind.value)
        if left <= await _count_reserved(db, network_id, is_alike, now):
            raise CardsSoldOut(path=("rewardId",))


async def _count_reserved(
    db: AsyncConnection, network_id: int, is_alike: ColumnElement[bool], now: datetime
) -> int:
    is_used = exists(
        select(redemption.c.redemption_id).where(
            redemption.c.network_id == network_id, redemption.c.quote_id == quote.c.quote_id
        )
    )
    found = await db.execute(
        select(func.count()).where(
            quote.c.network_id == network_id, is_alike, quote.c.expires_at > now, ~is_used
        )
    )
    return int(found.scalar_one())
