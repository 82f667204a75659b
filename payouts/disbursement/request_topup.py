"""Requesting a top-up."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import TopUp, TopUpState, rail_key
from payouts.disbursement.tables import topup
from payouts.due import announce_due
from payouts.halts import refuse_halted
from payouts.money import InvalidAmount, Money, new_id


async def request_topup(
    db: AsyncConnection, *, network_id: int, amount: Money, actor: str, now: datetime
) -> TopUp:
    """Order money from the network's own bank to its balance at the provider.

    It is booked when the provider's balance moves. Raises InvalidAmount, Halted.
    """
    if amount.minor <= 0:
        raise InvalidAmount(path=("amount",), amount=str(amount))
    await refuse_halted(db, network_id=network_id)
    topup_id = new_id(now)
    key = rail_key(network_id, topup_id)
    await db.execute(
        insert(topup).values(
            network_id=network_id,
            topup_id=topup_id,
            amount=amount.minor,
            currency=amount.currency,
            state=TopUpState.REQUESTED.value,
            key=key,
            sends=0,
            lookups=0,
            requested_by=actor,
            created_at=now,
            changed_at=now,
        )
    )
    await announce_due(db, network_id=network_id, kind="topup.submit", due_id=topup_id, due_at=now)
    return TopUp(
        topup_id, amount, TopUpState.REQUESTED, key, None, None, 0, 0, actor, now, None, now
    )
