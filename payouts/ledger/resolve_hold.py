"""Resolving holds."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.faults import ledger_refusals
from payouts.ledger.post_journals import AMOUNT_MAX
from payouts.money import AmountOutOfRange, Money, Points, new_id

_RESOLVE = text(
    "SELECT remaining, replayed FROM payouts.resolve_hold("
    ":book, :hold, :resolution, :kind, :amount, :key, :resolved_at)"
).bindparams(
    bindparam("book", type_=BigInteger),
    bindparam("hold", type_=Uuid),
    bindparam("resolution", type_=Uuid),
    bindparam("amount", type_=BigInteger),
    bindparam("resolved_at", type_=DateTime(timezone=True)),
)


async def resolve_hold(
    db: AsyncConnection,
    *,
    network_id: int,
    hold_id: UUID,
    kind: Literal["captured", "voided", "expired"],
    amount: Money | Points,
    key: str,
    now: datetime,
) -> bool:
    """Give back an amount of a hold by a new record, once per key; true when it was a replay.

    "captured" frees the amount for the journal that the caller posts in the same transaction;
    "voided" and "expired" free it for anything. Raises HoldNotFound, HoldHasLess, AmountOutOfRange.
    """
    if abs(amount.minor) > AMOUNT_MAX:
        raise AmountOutOfRange
    with ledger_refusals():
        row = await db.execute(
            _RESOLVE,
            {
                "book": network_id,
                "hold": hold_id,
                "resolution": new_id(now),
                "kind": kind,
                "amount": amount.minor,
                "key": key,
                "resolved_at": now,
            },
        )
        return bool(row.one().replayed)
