"""Placing holds."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.faults import ledger_refusals
from payouts.ledger.model import Account, Cause, PlacedHold
from payouts.ledger.open_accounts import open_accounts
from payouts.ledger.post_journals import AMOUNT_MAX
from payouts.money import AmountOutOfRange, Money, Points, new_id

_PLACE = text(
    "SELECT hold_id, replayed FROM payouts.place_hold("
    ":book, :hold, :account, :amount, :key, :cause_kind, :cause_id, :placed_at, :expires_at)"
).bindparams(
    bindparam("book", type_=BigInteger),
    bindparam("hold", type_=Uuid),
    bindparam("account", type_=Uuid),
    bindparam("amount", type_=BigInteger),
    bindparam("placed_at", type_=DateTime(timezone=True)),
    bindparam("expires_at", type_=DateTime(timezone=True)),
)


async def place_hold(
    db: AsyncConnection,
    *,
    network_id: int,
    account: Account,
    amount: Money | Points,
    key: str,
    cause: Cause,
    expires_at: datetime | None,
    now: datetime,
) -> PlacedHold:
    """Set an amount of an account aside, once per key, so that nothing else can use it.

    Raises BalanceTooLow when the balance less other holds does not cover it, AccountNotOpen,
    AmountOutOfRange.
    """
    if account.unit != amount.unit:
        raise ValueError("what is held is in its account's unit")
    if abs(amount.minor) > AMOUNT_MAX:
        raise AmountOutOfRange
    await open_accounts(db, network_id=network_id, accounts=[account], now=now)
    with ledger_refusals():
        row = await db.execute(
            _PLACE,
            {
                "book": network_id,
                "hold": new_id(now),
                "account": account.id_in(network_id),
                "amount": amount.minor,
                "key": key,
                "cause_kind": cause.kind,
                "cause_id": cause.id,
                "placed_at": now,
                "expires_at": expires_at,
            },
        )
        placed = row.one()
    return PlacedHold(placed.hold_id, placed.replayed)
