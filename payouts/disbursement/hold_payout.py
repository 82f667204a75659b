"""Setting the value of a cashback payout aside."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Account, Cause, place_hold
from payouts.money import Money


async def hold_payout(
    db: AsyncConnection,
    *,
    network_id: int,
    payout_id: UUID,
    member_id: UUID,
    amount: Money,
    round_: int,
    now: datetime,
) -> UUID:
    """Set the amount of a payout aside in the member's wallet. Raises BalanceTooLow."""
    placed = await place_hold(
        db,
        network_id=network_id,
        account=Account("member_available", str(member_id), amount.currency),
        amount=amount,
        key=f"payout:{payout_id}:hold:{round_}",
        cause=Cause("payout", str(payout_id)),
        expires_at=None,
        now=now,
    )
    return placed.hold_id
