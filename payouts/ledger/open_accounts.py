"""Opening accounts."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account
from payouts.ledger.tables import account as account_table
from payouts.money import kind_of

_OPENED = select(account_table.c.account_id).where(
    account_table.c.book_id == bindparam("book_id"),
    account_table.c.account_id == any_(bindparam("account_ids", type_=ARRAY(Uuid))),
)


async def open_accounts(
    db: AsyncConnection, *, network_id: int, accounts: Iterable[Account], now: datetime
) -> None:
    """Make sure that the accounts exist in the network's book; open ones stay as they are."""
    by_id = {one.id_in(network_id): one for one in set(accounts)}
    if not by_id:
        return
    found = await db.execute(_OPENED, {"book_id": network_id, "account_ids": list(by_id)})
    opened = set(found.scalars())
    # In order, so that two who open the same accounts do not wait for each other.
    rows = [
        {
            "book_id": network_id,
            "account_id": key,
            "network_id": network_id,
            "type": one.type,
            "unit": one.unit,
            "unit_kind": kind_of(one.unit),
            "owner_kind": one.owner_kind,
            "owner_id": one.owner_id,
            "sub": one.sub,
            "created_at": now,
        }
        for key, one in sorted(by_id.items())
        if key not in opened
    ]
    if rows:
        await db.execute(insert(account_table).on_conflict_do_nothing(), rows)
