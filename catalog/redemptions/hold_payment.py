"""Setting aside what a redemption costs."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import Quote, Redemption, points_account, wallet_account
from payouts.ledger import Account, Cause, lock_balances, place_hold
from payouts.money import Money, Points


async def hold_payment(
    db: AsyncConnection, *, network_id: int, one: Redemption, quote: Quote, now: datetime
) -> Redemption:
    """Set aside the money and the points of a redemption until it is known what becomes of it.

    Raises BalanceTooLow when either does not suffice; then the other is not set aside either.
    """
    key = f"quote:{quote.quote_id}"
    if one.points is None:
        return replace(one, hold_id=await _hold(db, network_id, one, one.total, key, now))
    accounts = [_account(one, one.total), _account(one, one.points)]
    # In the order of journals, or a journal of both and these two holds could wait for each other.
    await lock_balances(db, network_id=network_id, accounts=accounts)
    points_hold_id = await _hold(db, network_id, one, one.points, f"{key}:points", now)
    hold_id = None
    if one.money_part:
        hold_id = await _hold(db, network_id, one, one.money_part, key, now)
    return replace(one, hold_id=hold_id, points_hold_id=points_hold_id)


def _account(one: Redemption, amount: Money | Points) -> Account:
    if isinstance(amount, Points):
        return points_account(one.member_id)
    return wallet_account(one.member_id, amount.currency)


async def _hold(
    db: AsyncConnection,
    network_id: int,
    one: Redemption,
    amount: Money | Points,
    key: str,
    now: datetime,
) -> UUID:
    held = await place_hold(
        db,
        network_id=network_id,
        account=_account(one, amount),
        amount=amount,
        # Of two uses of a quote at once, the second finds the hold of the first, then its row.
        key=key,
        cause=Cause("redemption", str(one.redemption_id)),
        expires_at=None,
        now=now,
    )
    return held.hold_id
