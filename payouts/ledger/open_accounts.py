"""Opening accounts."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account

# Most accounts exist: each is looked up by its id, and only missing ones are written.
_OPEN = text(
    """
    INSERT INTO payouts.account (book_id, account_id, network_id, type, unit, owner_kind, owner_id,
        sub, created_at)
      SELECT CAST(:book AS bigint), g.account_id, CAST(:book AS bigint), g.type, g.unit,
          g.owner_kind, g.owner_id, g.sub, CAST(:created_at AS timestamptz)
        FROM unnest(CAST(:account_id AS uuid[]), CAST(:type AS text[]), CAST(:unit AS text[]),
          CAST(:owner_kind AS text[]), CAST(:owner_id AS text[]), CAST(:sub AS text[]))
          AS g (account_id, type, unit, owner_kind, owner_id, sub)
        LEFT JOIN LATERAL (SELECT a.account_id FROM payouts.account a
          WHERE a.book_id = CAST(:book AS bigint) AND a.account_id = g.account_id OFFSET 0) known
          ON true
        WHERE known.account_id IS NULL
      ON CONFLICT DO NOTHING
    """
)


async def open_accounts(
    db: AsyncConnection, *, network_id: int, accounts: Iterable[Account], now: datetime
) -> None:
    """Make sure that the accounts exist in the network's book; open ones stay as they are."""
    named = sorted((one.id_in(network_id), one) for one in set(accounts))
    if not named:
        return
    ordered = [one for _, one in named]
    await db.execute(
        _OPEN,
        {
            "book": network_id,
            "created_at": now,
            "account_id": [account_id for account_id, _ in named],
            "type": [one.type for one in ordered],
            "unit": [one.unit for one in ordered],
            "owner_kind": [one.owner_kind for one in ordered],
            "owner_id": [one.owner_id for one in ordered],
            "sub": [one.sub for one in ordered],
        },
    )
