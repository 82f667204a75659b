"""Recording that an order is not settled yet."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import (
    FULFIL_KIND,
    OPEN_AT_SUPPLIER,
    REMARK_LENGTH_MAX,
    AttemptState,
    RedemptionState,
    pause_after,
)
from catalog.redemptions.note_mistaken_order import note_mistaken_order
from catalog.redemptions.queries import lock_redemption, read_attempts
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.settle_mistaken_order import settle_mistaken_order
from payouts.due import announce_due


async def record_progress(
    db: AsyncConnection,
    *,
    network_id: int,
    redemption_id: UUID,
    epoch: int,
    sends: int,
    attempt_state: AttemptState | None,
    reference: str | None = None,
    remark: str | None = None,
    pause: timedelta | None = None,
    now: datetime,
) -> None:
    """Write down what a supplier's answer, or its silence, means, and when to ask again.

    An unknown outcome makes the redemption UNKNOWN; without a state only the next asking is
    planned. An order that its supplier names is there, and lost no more; one that stays unknown
    for long is listed as lost. What belongs to an earlier sending changes nothing.
    """
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    attempts = await read_attempts(db, network_id=network_id, redemption_ids=[redemption_id])
    attempt = attempts[redemption_id]
    if one.state not in OPEN_AT_SUPPLIER or (attempt.epoch, attempt.sends) != (epoch, sends):
        return
    state = one.state
    changes: dict[str, Any] = {}
    if attempt_state is not None:
        changes["state"] = attempt_state
        is_unknown = attempt_state is AttemptState.UNKNOWN
        state = RedemptionState.UNKNOWN if is_unknown else RedemptionState.FULFILLING
        if is_unknown and attempt.unknown_at is None:
            changes["unknown_at"] = now
    if reference is not None:
        changes |= {"supplier_reference": reference, "absences": 0, "first_absent_at": None}
        await settle_mistaken_order(db, network_id=network_id, attempt=attempt, now=now)
    if remark is not None:
        changes["remark"] = remark[:REMARK_LENGTH_MAX]
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=redemption_id,
        state=state,
        attempt_id=attempt.attempt_id,
        attempt=changes or None,
    )
    known = replace(attempt, state=attempt_state or attempt.state)
    if known.is_unknown_for_long(now):
        await note_mistaken_order(db, network_id=network_id, attempt=attempt, now=now)
    await announce_due(
        db,
        network_id=network_id,
        kind=FULFIL_KIND,
        due_id=redemption_id,
        due_at=now + (pause or pause_after(attempt.claimed_at, now)),
    )
