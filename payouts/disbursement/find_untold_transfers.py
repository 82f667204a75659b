"""Finding transfers that say something new."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import LIVE, AttemptState, Leg, Reason
from payouts.disbursement.tables import payout_attempt
from payouts.money import Money
from payouts.rails import ProviderTransfer

_STANDING = LIVE | {AttemptState.SUCCEEDED}


async def find_untold_transfers(
    db: AsyncConnection, *, network_id: int, marked: Sequence[tuple[UUID, ProviderTransfer]]
) -> list[tuple[UUID, ProviderTransfer]]:
    """Tell which transfers, each with the attempt it is marked with, are not written down yet.

    Changes nothing. One that no attempt of ours made is not told: it is not ours.
    """
    rows = await db.execute(
        select(
            payout_attempt.c.attempt_id,
            payout_attempt.c.account_id,
            payout_attempt.c.external_id,
            payout_attempt.c.state,
            payout_attempt.c.code,
            payout_attempt.c.amount,
            payout_attempt.c.currency,
        ).where(
            payout_attempt.c.network_id == network_id,
            payout_attempt.c.leg == Leg.TRANSFER.value,
            payout_attempt.c.attempt_id.in_([attempt_id for attempt_id, _ in marked]),
        )
    )
    known = {row.attempt_id: row for row in rows}
    return [one for one in marked if one[0] in known and _is_news(one[1], known[one[0]])]


def _is_news(transfer: ProviderTransfer, attempt: Any) -> bool:
    if attempt.external_id is None:
        return True
    state = AttemptState(attempt.state)
    if attempt.external_id != transfer.id or state not in _STANDING:
        return False
    differs = (
        transfer.amount != Money(attempt.amount, attempt.currency)
        or transfer.destination != attempt.account_id
    )
    if differs != (attempt.code == Reason.AMOUNT_MISMATCH.value):
        return True
    is_taken_back = transfer.amount_reversed >= transfer.amount
    return is_taken_back and (not differs or state is AttemptState.UNKNOWN)
