"""Preparing to look how a payout fares at the bank."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import (
    PAID_WATCH,
    WATCH_WAIT,
    AttemptState,
    Leg,
    PayoutState,
)
from payouts.disbursement.queries import list_attempts, lock_payout
from payouts.due import announce_due, clear_due

_WATCHED = frozenset({AttemptState.ACCEPTED, AttemptState.SUCCEEDED})


async def prepare_watch(
    db: AsyncConnection, *, network_id: int, payout_id: UUID, now: datetime
) -> tuple[UUID, str, str] | None:
    """Say which payout of the provider to read: attempt, account, id; and when to look again.

    A payout is watched until it is paid, and until an answer says some days later that it still is:
    the bank may send it back.
    """
    payout = await lock_payout(db, network_id=network_id, payout_id=payout_id)
    attempts = await list_attempts(db, network_id=network_id, payout_id=payout_id)
    sent = [one for one in attempts if one.leg is Leg.PAYOUT and one.state in _WATCHED]
    is_paid = payout.state is PayoutState.PAID
    is_over = payout.state is not PayoutState.IN_TRANSIT and not is_paid
    if is_over or not sent or sent[-1].external_id is None:
        await clear_due(db, network_id=network_id, kind="payout.watch", due_id=payout_id)
        return None
    await announce_due(
        db,
        network_id=network_id,
        kind="payout.watch",
        due_id=payout_id,
        due_at=now + (PAID_WATCH if is_paid else WATCH_WAIT),
    )
    return sent[-1].attempt_id, sent[-1].account_id, sent[-1].external_id
