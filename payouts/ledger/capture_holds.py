"""Capturing many holds at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.faults import ledger_refusals
from payouts.ledger.post_journals import AMOUNT_MAX
from payouts.money import AmountOutOfRange, Money, Points, new_id

# Each locks the balance of its account, so they are taken in the order of their accounts.
_CAPTURE = text(
    """
    SELECT r.resolution_id
      FROM (SELECT g.hold_id, g.resolution_id, g.amount, g.ledger_key
              FROM unnest(:holds, :resolutions, :amounts, :keys)
                     AS g (hold_id, resolution_id, amount, ledger_key)
              LEFT JOIN payouts.hold h ON h.book_id = :book AND h.hold_id = g.hold_id
             ORDER BY h.account_id, g.hold_id
            OFFSET 0) o
     CROSS JOIN LATERAL payouts.resolve_hold(
         :book, o.hold_id, o.resolution_id, 'captured', o.amount, o.ledger_key, :resolved_at) r
    """
).bindparams(
    bindparam("book", type_=BigInteger),
    bindparam("holds", type_=ARRAY(Uuid)),
    bindparam("resolutions", type_=ARRAY(Uuid)),
    bindparam("amounts", type_=ARRAY(BigInteger)),
    bindparam("keys", type_=ARRAY(Text)),
    bindparam("resolved_at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Capture:
    """An amount of a hold that is freed for a journal, once per key."""

    hold_id: UUID
    amount: Money | Points
    key: str


async def capture_holds(
    db: AsyncConnection, *, network_id: int, captures: Sequence[Capture], now: datetime
) -> None:
    """Free amounts of holds for the journals that the caller posts in the same transaction.

    All of them or none: raises HoldNotFound, HoldHasLess, AmountOutOfRange.
    """
    if any(abs(one.amount.minor) > AMOUNT_MAX for one in captures):
        raise AmountOutOfRange
    if not captures:
        return
    with ledger_refusals():
        await db.execute(
            _CAPTURE,
            {
                "book": network_id,
                "holds": [one.hold_id for one in captures],
                "resolutions": [new_id(now) for _ in captures],
                "amounts": [one.amount.minor for one in captures],
                "keys": [one.key for one in captures],
                "resolved_at": now,
            },
        )
