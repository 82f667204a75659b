"""Listing what stands on accounts."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.appended import with_beyond
from payouts.ledger.model import Account, Standing
from payouts.money import Money

_STANDING = with_beyond(
    """
    SELECT stands.type, stands.owner_id, stands.unit, stands.sub, stands.amount,
      first.effective_at AS since
    FROM (
      SELECT a.account_id, a.type, a.owner_id, a.unit, a.sub, coalesce(b.debit - b.credit, 0)
        + coalesce(s.debit - s.credit, 0) + coalesce(t.amount, 0) AS amount
      FROM payouts.account a
      JOIN payouts.account_type y ON y.type = a.type
      LEFT JOIN payouts.balance b ON b.book_id = :book AND b.account_id = a.account_id
      LEFT JOIN payouts.balance_snapshot s ON s.book_id = :book AND s.account_id = a.account_id
      LEFT JOIN (SELECT x.account_id, sum(x.amount) AS amount FROM beyond x GROUP BY x.account_id)
        t ON t.account_id = a.account_id AND y.mode = 'append'
      WHERE a.book_id = :book AND a.type = ANY(:types)
    ) stands
    CROSS JOIN LATERAL (SELECT p.effective_at FROM payouts.posting p
      WHERE p.book_id = :book AND p.account_id = stands.account_id
      ORDER BY p.effective_at LIMIT 1) first
    WHERE stands.amount <> 0
    ORDER BY first.effective_at, stands.account_id
    LIMIT :limit
    """
).bindparams(bindparam("types", type_=ARRAY(Text)), bindparam("limit", type_=BigInteger))


async def list_standing(
    db: AsyncConnection, *, network_id: int, types: Sequence[str], limit: int
) -> list[Standing]:
    """List the accounts of some types that are not at zero, oldest movement first.

    Changes nothing. Amounts are debits less credits.
    """
    rows = await db.execute(_STANDING, {"book": network_id, "types": list(types), "limit": limit})
    return [
        Standing(
            Account(row.type, row.owner_id, row.unit, row.sub),
            Money(int(row.amount), row.unit),
            row.since,
        )
        for row in rows
    ]
