"""Preparing the next act of a top-up."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_topup import change_topup
from payouts.disbursement.model import (
    LEASE_SECONDS,
    WATCH_WAIT,
    TopUp,
    TopUpState,
    can_resend,
)
from payouts.disbursement.queries import lock_topup
from payouts.due import announce_due, clear_due
from payouts.halts import HALT_WAIT, is_halted


async def prepare_topup(
    db: AsyncConnection, *, network_id: int, topup_id: UUID, now: datetime
) -> tuple[str, TopUp] | None:
    """Commit a top-up to its next act: "send", "look_up" or "watch"; None when it is over.

    It has one key for all its life, so sending it again is safe while the provider remembers.
    While the network is halted it is not sent, but due again later.
    """
    topup = await lock_topup(db, network_id=network_id, topup_id=topup_id)
    if topup is None or topup.state in (TopUpState.SUCCEEDED, TopUpState.FAILED):
        await clear_due(db, network_id=network_id, kind="topup.submit", due_id=topup_id)
        return None
    if topup.state is TopUpState.PENDING:
        await change_topup(
            db,
            network_id=network_id,
            topup_id=topup_id,
            to=TopUpState.PENDING,
            now=now,
            wait=WATCH_WAIT,
        )
        return "watch", topup
    if not can_resend(sends=topup.sends, prepared_at=topup.created_at, now=now):
        return "look_up", topup
    if await is_halted(db, network_id=network_id):
        later = now + HALT_WAIT
        await announce_due(
            db, network_id=network_id, kind="topup.submit", due_id=topup_id, due_at=later
        )
        return None
    await change_topup(
        db,
        network_id=network_id,
        topup_id=topup_id,
        to=topup.state,
        now=now,
        wait=timedelta(seconds=LEASE_SECONDS),
        sends=topup.sends + 1,
        sent_at=now,
    )
    return "send", topup
