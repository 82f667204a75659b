"""Locking what covers an amount."""

from sqlalchemy import BigInteger, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.faults import ledger_refusals
from payouts.ledger.model import Account
from payouts.money import Money

_LOCK = text("SELECT payouts.lock_coverage(:book, :account, :amount)").bindparams(
    bindparam("book", type_=BigInteger),
    bindparam("account", type_=Uuid),
    bindparam("amount", type_=BigInteger),
)


async def lock_coverage(
    db: AsyncConnection, *, network_id: int, account: Account, amount: Money
) -> bool:
    """Let nobody else move or hold what an account has, if that covers an amount; tells whether.

    When it does not, nothing is locked by it. The account was opened and keeps a balance.
    """
    values = {"book": network_id, "account": account.id_in(network_id), "amount": amount.minor}
    with ledger_refusals():
        return bool((await db.execute(_LOCK, values)).scalar_one())
