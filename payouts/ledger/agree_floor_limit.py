"""Agreeing how far an account may fall below zero."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.chart import CHART
from payouts.ledger.errors import BalanceTooLow, FloorLimitTooLow
from payouts.ledger.faults import ledger_refusals
from payouts.ledger.model import Account, FloorLimit
from payouts.ledger.open_accounts import open_accounts
from payouts.ledger.post_journals import AMOUNT_MAX
from payouts.money import AmountOutOfRange, InvalidAmount, Money

_AGREE = text(
    "SELECT payouts.agree_floor_limit(:book, :account, :amount, :actor, :agreed_at)"
).bindparams(
    bindparam("book", type_=BigInteger),
    bindparam("account", type_=Uuid),
    bindparam("amount", type_=BigInteger),
    bindparam("agreed_at", type_=DateTime(timezone=True)),
)


async def agree_floor_limit(
    db: AsyncConnection,
    *,
    network_id: int,
    account: Account,
    limit: Money,
    actor: str,
    now: datetime,
) -> FloorLimit:
    """Let an account fall below zero by up to `limit` from now on; earlier limits stay on record.

    Only accounts of types with the floor "limit" have one, and it is nothing until it is agreed.
    Raises FloorLimitTooLow when the balance less its holds breaks it already, InvalidAmount,
    AmountOutOfRange.
    """
    if CHART[account.type].floor != "limit" or account.unit != limit.currency:
        raise ValueError(f"{account.type} in {account.unit} has no limit in {limit.currency}")
    if limit.minor < 0:
        raise InvalidAmount("A limit is not negative.", amount=limit.decimal)
    if limit.minor > AMOUNT_MAX:
        raise AmountOutOfRange
    await open_accounts(db, network_id=network_id, accounts=[account], now=now)
    values = {
        "book": network_id,
        "account": account.id_in(network_id),
        "amount": limit.minor,
        "actor": actor,
        "agreed_at": now,
    }
    try:
        with ledger_refusals():
            number: int = (await db.execute(_AGREE, values)).scalar_one()
    except BalanceTooLow as error:
        raise FloorLimitTooLow from error
    return FloorLimit(account, number, limit, actor, now)
