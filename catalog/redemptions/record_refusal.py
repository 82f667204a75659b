"""Recording that a supplier will not deliver."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import (
    FULFIL_KIND,
    OPEN_AT_SUPPLIER,
    REMARK_LENGTH_MAX,
    AttemptState,
    RedemptionState,
)
from catalog.redemptions.queries import lock_redemption, read_attempts
from catalog.redemptions.resolve_payment import resolve_payment
from catalog.redemptions.save_progress import save_progress
from payouts.due import clear_due

CODE_LENGTH_MAX = 80


async def record_refusal(
    db: AsyncConnection,
    *,
    network_id: int,
    redemption_id: UUID,
    sends: int,
    code: str,
    remark: str,
    now: datetime,
) -> bool:
    """End a redemption that the supplier definitely refused: the member's value is free again.

    False, and nothing changes, when it had ended before or was sent again since.
    """
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    attempts = await read_attempts(db, network_id=network_id, redemption_ids=[redemption_id])
    if one.state not in OPEN_AT_SUPPLIER or attempts[redemption_id].sends != sends:
        return False
    await resolve_payment(
        db,
        network_id=network_id,
        one=one,
        kind="voided",
        key=f"redemption:{redemption_id}:refused",
        now=now,
    )
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=redemption_id,
        state=RedemptionState.FAILED,
        attempt={
            "state": AttemptState.FAILED,
            "remark": remark[:REMARK_LENGTH_MAX],
            "ended_at": now,
        },
        failure_code=code[:CODE_LENGTH_MAX],
        ended_at=now,
    )
    await clear_due(db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id)
    return True
