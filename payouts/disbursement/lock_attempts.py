"""Locking the payouts of many attempts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.given import any_of
from payouts.disbursement.model import Attempt, Payout
from payouts.disbursement.queries import lock_payouts
from payouts.disbursement.rows import attempt_of
from payouts.disbursement.tables import payout_attempt


async def lock_attempts(
    db: AsyncConnection, *, network_id: int, attempt_ids: Sequence[UUID]
) -> dict[UUID, tuple[Payout, Attempt]]:
    """Find attempts with their payouts and keep others from changing either."""
    wanted = (
        payout_attempt.c.network_id == network_id,
        payout_attempt.c.attempt_id == any_of(attempt_ids),
    )
    owners = await db.execute(select(payout_attempt.c.payout_id).where(*wanted))
    payouts = await lock_payouts(db, network_id=network_id, payout_ids=list(set(owners.scalars())))
    # Read after the lock: what they were before may be over.
    rows = await db.execute(select(payout_attempt).where(*wanted))
    found = (attempt_of(row) for row in rows)
    return {one.attempt_id: (payouts[one.payout_id], one) for one in found}
