"""Changing what is known of an attempt."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import Attempt, AttemptState
from payouts.disbursement.moves import changed_attempt
from payouts.disbursement.tables import payout_attempt


async def change_attempt(
    db: AsyncConnection,
    *,
    network_id: int,
    attempt: Attempt,
    state: AttemptState,
    now: datetime,
    **changes: Any,
) -> Attempt:
    """Write down what became of one try; a try that is over keeps the time of its end."""
    changed = changed_attempt(attempt, state=state, now=now, **changes)
    await db.execute(
        update(payout_attempt)
        .where(
            payout_attempt.c.network_id == network_id,
            payout_attempt.c.attempt_id == attempt.attempt_id,
        )
        .values(
            state=changed.state.value,
            external_id=changed.external_id,
            code=changed.code,
            sends=changed.sends,
            lookups=changed.lookups,
            sent_at=changed.sent_at,
            resolved_at=changed.resolved_at,
        )
    )
    return changed
