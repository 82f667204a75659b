"""What a rail is asked to do for an attempt."""

from datetime import datetime

from payouts.disbursement.model import (
    Attempt,
    AttemptState,
    Leg,
    Order,
    Payout,
    can_resend,
    group_of,
    rail_key,
)
from payouts.money import new_id

BUSY = "provider_busy"
"""Code of an attempt that the provider certainly did not carry out and that may be sent again."""


def transfer_of(attempts: list[Attempt]) -> Attempt:
    """Pick the transfer that stands."""
    return next(
        one
        for one in reversed(attempts)
        if one.leg is Leg.TRANSFER and one.state is AttemptState.SUCCEEDED
    )


def first_try(
    network_id: int,
    payout: Payout,
    leg: Leg,
    account_id: str,
    attempts: list[Attempt],
    now: datetime,
) -> Attempt:
    """Make the first try of a leg in this round; its key is its own."""
    attempt_id = new_id(now)
    return Attempt(
        attempt_id=attempt_id,
        payout_id=payout.payout_id,
        round=payout.round,
        epoch=1 + sum(one.leg is leg for one in attempts),
        leg=leg,
        key=rail_key(network_id, attempt_id),
        account_id=account_id,
        amount=payout.amount,
        state=AttemptState.PREPARED,
        external_id=None,
        code=None,
        sends=1,
        lookups=0,
        prepared_at=now,
        sent_at=now,
        resolved_at=None,
    )


def order_of(
    network_id: int, payout: Payout, attempt: Attempt, attempts: list[Attempt], now: datetime
) -> Order:
    """Write what the rail is asked to do for an attempt."""
    is_first = attempt.leg in (Leg.TRANSFER, Leg.BANK)
    transfer_id = None if is_first else transfer_of(attempts).external_id
    return Order(
        payout_id=payout.payout_id,
        attempt_id=attempt.attempt_id,
        leg=attempt.leg,
        key=attempt.key,
        amount=attempt.amount,
        account_id=attempt.account_id,
        transfer_id=transfer_id,
        prepared_at=attempt.prepared_at,
        can_resend=can_resend(sends=attempt.sends, prepared_at=attempt.prepared_at, now=now),
        group=group_of(network_id, payout.payout_id),
        metadata={
            "network": str(network_id),
            "payout": str(payout.payout_id),
            "attempt": str(attempt.attempt_id),
        },
    )
