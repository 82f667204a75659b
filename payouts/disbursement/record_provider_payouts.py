"""Recording that many payouts are on their way to the bank."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.lock_attempts import lock_attempts
from payouts.disbursement.model import (
    UNSURE,
    WATCH_WAIT,
    Attempt,
    AttemptState,
    Leg,
    Payout,
    PayoutState,
)
from payouts.disbursement.moves import changed_attempt, moved_payout
from payouts.disbursement.write_attempts import write_attempts
from payouts.disbursement.write_payouts import write_payouts
from payouts.due import announce_all_due, clear_all_due
from payouts.rails import ProviderPayout

_GOING = frozenset({"pending", "in_transit"})


async def record_provider_payouts(
    db: AsyncConnection,
    *,
    network_id: int,
    made: Mapping[UUID, tuple[str, ProviderPayout]],
    now: datetime,
) -> set[UUID]:
    """Write down payouts that the provider sends to banks just as asked, by a few statements.

    Each attempt is given with the account that its payout was made from. What becomes of each is
    what `record_provider_payout` makes of it. Tells which attempts were so; the others are left as
    they are, for their turn alone.
    """
    if not made:
        return set()
    found = await lock_attempts(db, network_id=network_id, attempt_ids=list(made))
    plain = {
        attempt_id: pair
        for attempt_id, pair in found.items()
        if _is_as_ordered(*pair, *made[attempt_id])
    }
    attempts = [
        changed_attempt(
            attempt,
            state=AttemptState.ACCEPTED,
            now=now,
            external_id=made[attempt_id][1].id,
            code=None,
        )
        for attempt_id, (_, attempt) in plain.items()
    ]
    await write_attempts(db, network_id=network_id, attempts=attempts)
    payouts = [
        moved_payout(payout, to=PayoutState.IN_TRANSIT, now=now) for payout, _ in plain.values()
    ]
    await write_payouts(db, network_id=network_id, payouts=payouts)
    ids = [one.payout_id for one in payouts]
    kinds = ("payout.submit", "payout.resolve")
    await clear_all_due(db, network_id=network_id, kinds=kinds, due_ids=ids)
    due = [(one, now + WATCH_WAIT) for one in ids]
    await announce_all_due(db, network_id=network_id, kind="payout.watch", due=due)
    return set(plain)


def _is_as_ordered(
    payout: Payout, attempt: Attempt, account_id: str, found: ProviderPayout
) -> bool:
    return (
        payout.state is PayoutState.TRANSFERRED
        and attempt.leg is Leg.PAYOUT
        and attempt.state in UNSURE
        and attempt.external_id is None
        and account_id == attempt.account_id
        and found.amount == attempt.amount
        and found.status in _GOING
    )
