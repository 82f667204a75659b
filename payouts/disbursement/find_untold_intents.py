"""Finding payment intents that say something new."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import LIVE, AttemptState
from payouts.disbursement.tables import collection_attempt
from payouts.money import Money
from payouts.rails import ProviderPaymentIntent

_STATES = {"succeeded": AttemptState.SUCCEEDED, "processing": AttemptState.ACCEPTED}


async def find_untold_intents(
    db: AsyncConnection, *, network_id: int, marked: Sequence[tuple[UUID, ProviderPaymentIntent]]
) -> list[tuple[UUID, ProviderPaymentIntent]]:
    """Tell which payment intents, each with its attempt, are not written down yet.

    Changes nothing. One that no attempt of ours made is not told: it is not ours.
    """
    rows = await db.execute(
        select(
            collection_attempt.c.attempt_id,
            collection_attempt.c.external_id,
            collection_attempt.c.state,
            collection_attempt.c.amount,
            collection_attempt.c.currency,
        ).where(
            collection_attempt.c.network_id == network_id,
            collection_attempt.c.attempt_id.in_([attempt_id for attempt_id, _ in marked]),
        )
    )
    known = {row.attempt_id: row for row in rows}
    return [one for one in marked if one[0] in known and _is_news(one[1], known[one[0]])]


def _is_news(intent: ProviderPaymentIntent, attempt: Any) -> bool:
    if attempt.external_id is None:
        return True
    state = AttemptState(attempt.state)
    if attempt.external_id != intent.id or state not in LIVE:
        return False
    told = _STATES.get(intent.status, AttemptState.FAILED_FINAL)
    if intent.amount != Money(attempt.amount, attempt.currency):
        told = AttemptState.UNKNOWN
    return told is not state
