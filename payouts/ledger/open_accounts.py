"""Opening accounts."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account
from payouts.ledger.tables import account as account_table


async def open_accounts(
    db: AsyncConnection, *, network_id: int, accounts: Iterable[Account], now: datetime
) -> None:
    """Make sure that the accounts exist in the network's book; open ones stay as they are."""
    ordered = sorted(set(accounts), key=lambda a: a.id_in(network_id))
    rows = [
        {
            "book_id": network_id,
            "account_id": one.id_in(network_id),
            "network_id": network_id,
            "type": one.type,
            "unit": one.unit,
            "owner_kind": one.owner_kind,
            "owner_id": one.owner_id,
            "sub": one.sub,
            "created_at": now,
        }
        for one in ordered
    ]
    if rows:
        await db.execute(insert(account_table).values(rows).on_conflict_do_nothing())
