"""From rows to values."""

import json
from datetime import timedelta
from typing import Any

from payouts.disbursement.destinations import (
    ChangeState,
    DestinationChange,
    DestinationPolicy,
    PayoutRail,
)
from payouts.disbursement.model import (
    Attempt,
    AttemptState,
    Collection,
    CollectionAttempt,
    CollectionState,
    Leg,
    Payee,
    PayeeState,
    Payout,
    PayoutState,
    TopUp,
    TopUpState,
)
from payouts.money import Money


def payout_of(row: Any) -> Payout:
    """Read a payout."""
    return Payout(
        payout_id=row.payout_id,
        kind=row.kind,
        partner_id=row.partner_id,
        member_id=row.member_id,
        cycle_id=row.cycle_id,
        amount=Money(row.amount, row.currency),
        state=PayoutState(row.state),
        round=row.round,
        hold_id=row.hold_id,
        is_taken=bool(row.taken),
        destination_hash=row.destination_hash,
        requested_by=row.requested_by,
        approved_by=row.approved_by,
        released_by=row.released_by,
        reason=row.reason,
        created_at=row.created_at,
        changed_at=row.changed_at,
        paid_at=row.paid_at,
    )


def attempt_of(row: Any) -> Attempt:
    """Read an attempt of a payout."""
    return Attempt(
        attempt_id=row.attempt_id,
        payout_id=row.payout_id,
        round=row.round,
        epoch=row.epoch,
        leg=Leg(row.leg),
        key=row.key,
        account_id=row.account_id,
        amount=Money(row.amount, row.currency),
        state=AttemptState(row.state),
        external_id=row.external_id,
        code=row.code,
        sends=row.sends,
        lookups=row.lookups,
        prepared_at=row.prepared_at,
        sent_at=row.sent_at,
        resolved_at=row.resolved_at,
    )


def collection_of(row: Any) -> Collection:
    """Read a collection."""
    return Collection(
        collection_id=row.collection_id,
        cycle_id=row.cycle_id,
        partner_id=row.partner_id,
        amount=Money(row.amount, row.currency),
        state=CollectionState(row.state),
        reason=row.reason,
        created_at=row.created_at,
        changed_at=row.changed_at,
        collected_at=row.collected_at,
    )


def collection_attempt_of(row: Any) -> CollectionAttempt:
    """Read an attempt of a collection."""
    return CollectionAttempt(
        attempt_id=row.attempt_id,
        collection_id=row.collection_id,
        epoch=row.epoch,
        key=row.key,
        customer_id=row.customer_id,
        payment_method_id=row.payment_method_id,
        amount=Money(row.amount, row.currency),
        state=AttemptState(row.state),
        external_id=row.external_id,
        code=row.code,
        sends=row.sends,
        lookups=row.lookups,
        prepared_at=row.prepared_at,
        sent_at=row.sent_at,
    )


def topup_of(row: Any) -> TopUp:
    """Read a top-up."""
    return TopUp(
        topup_id=row.topup_id,
        amount=Money(row.amount, row.currency),
        state=TopUpState(row.state),
        key=row.key,
        external_id=row.external_id,
        reason=row.reason,
        sends=row.sends,
        lookups=row.lookups,
        requested_by=row.requested_by,
        created_at=row.created_at,
        sent_at=row.sent_at,
        changed_at=row.changed_at,
    )


def payee_of(row: Any) -> Payee:
    """Read a payee."""
    return Payee(
        payee_id=row.payee_id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        state=PayeeState(row.state),
        country=row.country,
        email=row.email,
        name=row.name,
        return_url=row.return_url,
        account_id=row.account_id,
        customer_id=row.customer_id,
        payment_method_id=row.payment_method_id,
        onboarding_url=row.onboarding_url,
        onboarding_expires_at=row.onboarding_expires_at,
        requirements=tuple(json.loads(row.requirements)),
        destination_hash=row.destination_hash,
        offered_hash=row.offered_hash,
        reason=row.reason,
        created_at=row.created_at,
        refreshed_at=row.refreshed_at,
    )


def change_of(row: Any) -> DestinationChange:
    """Read a change of a payee's destination."""
    return DestinationChange(
        change_id=row.change_id,
        payee_id=row.payee_id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        old_hash=row.old_hash,
        new_hash=row.new_hash,
        state=ChangeState(row.state),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        effective_at=row.effective_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        in_force_at=row.in_force_at,
    )


def destination_policy_of(row: Any) -> DestinationPolicy:
    """Read a policy of destinations."""
    return DestinationPolicy(
        policy_id=row.policy_id,
        cooldown=timedelta(seconds=row.cooldown_seconds),
        rail=PayoutRail(row.rail),
        published_by=row.published_by,
        published_at=row.published_at,
    )
