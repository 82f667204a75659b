"""Locking balances."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.faults import ledger_refusals
from payouts.ledger.model import Account

_LOCK = text("SELECT payouts.lock_balances(:book, :accounts)").bindparams(
    bindparam("book", type_=BigInteger), bindparam("accounts", type_=ARRAY(Uuid))
)


async def lock_balances(
    db: AsyncConnection, *, network_id: int, accounts: Sequence[Account]
) -> None:
    """Let nobody else move or hold what these accounts have until the transaction ends.

    In the order in which journals lock them. An account without a kept balance is not locked.
    """
    wanted = [one.id_in(network_id) for one in accounts]
    with ledger_refusals():
        await db.execute(_LOCK, {"book": network_id, "accounts": wanted})
