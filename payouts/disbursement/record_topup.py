"""Recording how a top-up fares."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_topup import change_topup
from payouts.disbursement.model import WATCH_WAIT, Reason, TopUpState
from payouts.disbursement.queries import lock_topup
from payouts.disbursement.remember_object import remember_object
from payouts.rails import ProviderTopup

_STATES = {"pending": TopUpState.PENDING, "succeeded": TopUpState.SUCCEEDED}
_OVER = frozenset({TopUpState.SUCCEEDED, TopUpState.FAILED})


async def record_topup(
    db: AsyncConnection,
    *,
    network_id: int,
    topup_id: UUID,
    provider_topup: ProviderTopup,
    now: datetime,
) -> bool:
    """Write down how a top-up stands at the provider; it never goes backwards.

    Tells whether it is the one that was ordered.
    """
    topup = await lock_topup(db, network_id=network_id, topup_id=topup_id)
    if topup is None or topup.external_id not in (None, provider_topup.id):
        return False
    if topup.external_id is None:
        await remember_object(db, network_id=network_id, object_id=provider_topup.id, kind="topup")
    to = _STATES.get(provider_topup.status, TopUpState.FAILED)
    if topup.external_id and topup.state in _OVER and to is TopUpState.PENDING:
        return True
    matches = provider_topup.amount == topup.amount
    reason = None if matches else Reason.AMOUNT_MISMATCH.value
    if to is TopUpState.FAILED:
        reason = Reason.REFUSED.value
    await change_topup(
        db,
        network_id=network_id,
        topup_id=topup_id,
        to=to,
        now=now,
        wait=WATCH_WAIT if to is TopUpState.PENDING else None,
        external_id=provider_topup.id,
        reason=reason,
    )
    return True
