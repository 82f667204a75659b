"""Recording many transfers."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.lock_attempts import lock_attempts
from payouts.disbursement.model import UNSURE, Attempt, AttemptState, Leg, Payout, PayoutState
from payouts.disbursement.moves import changed_attempt, moved_payout
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.disbursement.remember_objects import remember_objects
from payouts.disbursement.write_attempts import write_attempts
from payouts.disbursement.write_payouts import write_payouts
from payouts.due import announce_all_due, clear_all_due
from payouts.rails import ProviderTransfer


async def record_transfers(
    db: AsyncConnection,
    *,
    network_id: int,
    made: Mapping[UUID, ProviderTransfer],
    now: datetime,
) -> set[UUID]:
    """Write down transfers that were made just as their attempts asked, by a few statements.

    What becomes of each is what `record_transfer` makes of it. Tells which attempts were so; the
    others are left as they are, for their turn alone.
    """
    if not made:
        return set()
    found = await lock_attempts(db, network_id=network_id, attempt_ids=list(made))
    plain = {
        attempt_id: pair
        for attempt_id, pair in found.items()
        if _is_as_ordered(*pair, made[attempt_id])
    }
    await remember_objects(
        db,
        network_id=network_id,
        object_ids=[made[one].id for one in plain],
        kind="transfer",
    )
    attempts = [
        changed_attempt(
            attempt,
            state=AttemptState.SUCCEEDED,
            now=now,
            external_id=made[attempt_id].id,
            code=None,
        )
        for attempt_id, (_, attempt) in plain.items()
    ]
    await write_attempts(db, network_id=network_id, attempts=attempts)
    payouts = [_arrived(payout, now) for payout, _ in plain.values()]
    await write_payouts(db, network_id=network_id, payouts=payouts)
    await _lead_on(db, network_id, payouts, now)
    for cycle_id in sorted({one.cycle_id for one in payouts if one.cycle_id is not None}):
        await refresh_cycle(db, network_id=network_id, cycle_id=cycle_id, now=now)
    return set(plain)


def _is_as_ordered(payout: Payout, attempt: Attempt, transfer: ProviderTransfer) -> bool:
    return (
        payout.state is PayoutState.SUBMITTING
        and attempt.leg is Leg.TRANSFER
        and attempt.state in UNSURE
        and attempt.external_id is None
        and transfer.amount == attempt.amount
        and transfer.destination == attempt.account_id
        and not transfer.amount_reversed
    )


def _arrived(payout: Payout, now: datetime) -> Payout:
    """A settled position is paid by a transfer; cashback goes on to the member's bank."""
    if payout.kind == "cashback":
        return moved_payout(payout, to=PayoutState.TRANSFERRED, now=now)
    return moved_payout(payout, to=PayoutState.PAID, now=now, paid_at=now)


async def _lead_on(
    db: AsyncConnection, network_id: int, payouts: list[Payout], now: datetime
) -> None:
    ids = [one.payout_id for one in payouts]
    kinds = ("payout.submit", "payout.resolve")
    await clear_all_due(db, network_id=network_id, kinds=kinds, due_ids=ids)
    going_on = [(one.payout_id, now) for one in payouts if one.state is PayoutState.TRANSFERRED]
    await announce_all_due(db, network_id=network_id, kind="payout.submit", due=going_on)
