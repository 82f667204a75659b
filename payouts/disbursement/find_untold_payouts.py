"""Finding payouts of the provider that say something new."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import LIVE, AttemptState, Leg, Reason
from payouts.disbursement.tables import payout_attempt
from payouts.money import Money
from payouts.rails import ProviderPayout

_ENDS = {
    "paid": AttemptState.SUCCEEDED,
    "failed": AttemptState.FAILED_FINAL,
    "canceled": AttemptState.FAILED_FINAL,
}
_OPEN = LIVE | {AttemptState.SUCCEEDED}


async def find_untold_payouts(
    db: AsyncConnection,
    *,
    network_id: int,
    account_id: str,
    marked: Sequence[tuple[UUID, ProviderPayout]],
) -> list[tuple[UUID, ProviderPayout]]:
    """Tell which payouts of an account, each with its attempt, are not written down yet.

    Changes nothing. One that no attempt of ours made is not told: it is not ours.
    """
    rows = await db.execute(
        select(
            payout_attempt.c.attempt_id,
            payout_attempt.c.external_id,
            payout_attempt.c.state,
            payout_attempt.c.code,
            payout_attempt.c.amount,
            payout_attempt.c.currency,
        ).where(
            payout_attempt.c.network_id == network_id,
            payout_attempt.c.leg == Leg.PAYOUT.value,
            payout_attempt.c.account_id == account_id,
            payout_attempt.c.attempt_id.in_([attempt_id for attempt_id, _ in marked]),
        )
    )
    known = {row.attempt_id: row for row in rows}
    return [one for one in marked if one[0] in known and _is_news(one[1], known[one[0]])]


def _is_news(found: ProviderPayout, attempt: Any) -> bool:
    state = AttemptState(attempt.state)
    if state not in _OPEN or attempt.external_id not in (None, found.id):
        return False
    differs = found.amount != Money(attempt.amount, attempt.currency)
    if attempt.external_id is None or differs != (attempt.code == Reason.AMOUNT_MISMATCH.value):
        return True
    end = _ENDS.get(found.status, AttemptState.ACCEPTED)
    goes_back = state is AttemptState.SUCCEEDED and end is AttemptState.ACCEPTED
    return not differs and end is not state and not goes_back
