"""Reading the attempts of many payouts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.given import any_of
from payouts.disbursement.model import Attempt, Leg
from payouts.disbursement.rows import attempt_of
from payouts.disbursement.tables import payout_attempt


async def read_attempts(
    db: AsyncConnection, *, network_id: int, payout_ids: Sequence[UUID]
) -> dict[UUID, list[Attempt]]:
    """Read the attempts of each of some payouts, oldest first. Changes nothing."""
    rows = await db.execute(
        select(payout_attempt).where(
            payout_attempt.c.network_id == network_id,
            payout_attempt.c.payout_id == any_of(payout_ids),
        )
    )
    found: dict[UUID, list[Attempt]] = {one: [] for one in payout_ids}
    for row in rows:
        found[row.payout_id].append(attempt_of(row))
    # One instant may see a transfer end and the next leg begin.
    legs = list(Leg)
    for attempts in found.values():
        attempts.sort(key=lambda one: (one.round, one.prepared_at, legs.index(one.leg), one.epoch))
    return found
