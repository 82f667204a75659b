"""What a payout and its attempts become; nothing is written here."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from payouts.disbursement.model import (
    LIVE,
    PAYOUT_MOVES,
    Attempt,
    AttemptState,
    Payout,
    PayoutState,
)


def moved_payout(payout: Payout, *, to: PayoutState, now: datetime, **changes: Any) -> Payout:
    """Give a payout its next state, and the changes that come with it.

    `reason` goes unless it is given anew. A move that the machine does not know is a defect.
    """
    if to is not payout.state and to not in PAYOUT_MOVES[payout.state]:
        raise ValueError(f"a payout does not go from {payout.state} to {to}")
    return replace(payout, **{"state": to, "changed_at": now, "reason": None, **changes})


def changed_attempt(
    attempt: Attempt, *, state: AttemptState, now: datetime, **changes: Any
) -> Attempt:
    """Say what became of one try; a try that is over keeps the time of its end."""
    resolved_at = None if state in LIVE else (attempt.resolved_at or now)
    return replace(attempt, state=state, resolved_at=resolved_at, **changes)
