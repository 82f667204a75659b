"""Recording that a top-up did not go as asked, or was not found."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_topup import change_topup
from payouts.disbursement.model import Reason, TopUpState, backoff, is_proven_absent
from payouts.disbursement.queries import lock_topup
from payouts.rails import ProviderBusy, ProviderRefused, RailError

_OPEN = frozenset({TopUpState.REQUESTED, TopUpState.UNKNOWN})
_BUSY_WAIT = timedelta(seconds=5)


async def record_topup_failure(
    db: AsyncConnection,
    *,
    network_id: int,
    topup_id: UUID,
    failure: RailError | None,
    now: datetime,
) -> None:
    """Write down that the provider refused a top-up, was busy, or may have made it.

    Without a failure: that it was looked up and not found. Proven absent, it has failed; whoever
    still wants the money orders it again.
    """
    topup = await lock_topup(db, network_id=network_id, topup_id=topup_id)
    if topup is None or topup.state not in _OPEN:
        return
    lookups = topup.lookups + (failure is None)
    sent_at = topup.sent_at or topup.created_at
    wait: timedelta | None = backoff(topup.sends + lookups)
    to, reason = TopUpState.UNKNOWN, Reason.UNKNOWN_OUTCOME
    sends = topup.sends
    if failure is None and is_proven_absent(lookups=lookups, sent_at=sent_at, now=now):
        to, reason, wait = TopUpState.FAILED, Reason.UNKNOWN_OUTCOME, None
    elif isinstance(failure, ProviderBusy) and topup.state is TopUpState.REQUESTED:
        to, reason, wait = TopUpState.REQUESTED, Reason.PROVIDER_BUSY, _BUSY_WAIT
        sends = topup.sends - 1
    elif isinstance(failure, ProviderRefused) and failure.code != "idempotency_mismatch":
        to, reason, wait = TopUpState.FAILED, Reason.REFUSED, None
    await change_topup(
        db,
        network_id=network_id,
        topup_id=topup_id,
        to=to,
        now=now,
        wait=wait,
        reason=reason.value,
        lookups=lookups,
        sends=sends,
    )
