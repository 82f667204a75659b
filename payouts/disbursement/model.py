"""Payouts, collections and top-ups: one order, tried in attempts, never twice at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from payouts.money import Money

PROVIDER = "stripe"

KEY_LIFE = timedelta(hours=20)
"""How long the provider certainly remembers a key; after that nothing is sent again under it."""
HORIZON = timedelta(seconds=60)
"""How long after the last sending something not found may still appear at the provider."""
SENDS_MAX = 3
LOOKUPS_MIN = 3
LEASE_SECONDS = 60
FUNDS_WAIT = timedelta(seconds=5)
PAYEE_WAIT = timedelta(seconds=30)
WATCH_WAIT = timedelta(seconds=30)
PAID_WATCH = timedelta(days=1)
COLLECTIONS_MAX = 3
COLLECTION_WAIT = timedelta(days=1)
"""A debit that the bank refused is tried again after a while, a few times."""
WATCH_WAIT_MAX = timedelta(hours=1)
PAYEE_WATCHED = timedelta(days=30)
PAYEE_WAIT_MAX = timedelta(days=1)
"""A payee that cannot be paid after weeks is asked about seldom, but always: messages get lost."""
PAID_WATCHED = timedelta(days=7)
"""A paid payout may still be sent back by the bank for some days."""


class PayoutState(StrEnum):
    """Where a payout stands."""

    PENDING_APPROVAL = "pending_approval"
    HELD = "held"
    SCHEDULED = "scheduled"
    WAITING_FUNDS = "waiting_funds"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    TRANSFERRED = "transferred"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    RETURNING = "returning"
    RETURNED = "returned"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = PayoutState
PAYOUT_MOVES: dict[PayoutState, frozenset[PayoutState]] = {
    _S.PENDING_APPROVAL: frozenset({_S.SCHEDULED, _S.CANCELLED}),
    _S.HELD: frozenset({_S.SCHEDULED, _S.WAITING_FUNDS, _S.SUBMITTING, _S.FAILED, _S.CANCELLED}),
    _S.SCHEDULED: frozenset(
        {
            _S.HELD,
            _S.SUBMITTING,
            _S.WAITING_FUNDS,
            _S.UNKNOWN,
            _S.TRANSFERRED,
            _S.PAID,
            _S.FAILED,
            _S.CANCELLED,
        }
    ),
    _S.WAITING_FUNDS: frozenset({_S.HELD, _S.SUBMITTING, _S.SCHEDULED, _S.FAILED, _S.CANCELLED}),
    _S.SUBMITTING: frozenset(
        {_S.TRANSFERRED, _S.IN_TRANSIT, _S.PAID, _S.SCHEDULED}
        | {_S.WAITING_FUNDS, _S.UNKNOWN, _S.FAILED}
    ),
    _S.UNKNOWN: frozenset(
        {
            _S.TRANSFERRED,
            _S.PAID,
            _S.SCHEDULED,
            _S.WAITING_FUNDS,
            _S.FAILED,
            _S.IN_TRANSIT,
            _S.RETURNING,
            _S.RETURNED,
        }
    ),
    _S.TRANSFERRED: frozenset({_S.IN_TRANSIT, _S.PAID, _S.UNKNOWN, _S.RETURNING, _S.RETURNED}),
    _S.IN_TRANSIT: frozenset({_S.PAID, _S.RETURNING, _S.RETURNED}),
    _S.PAID: frozenset({_S.RETURNING, _S.RETURNED}),
    _S.RETURNING: frozenset({_S.RETURNED, _S.UNKNOWN}),
    _S.RETURNED: frozenset({_S.SCHEDULED}),
    _S.FAILED: frozenset({_S.SCHEDULED}),
    _S.CANCELLED: frozenset(),
}
"""Every move a payout can make; what is not here does not happen."""

CANCELLABLE = frozenset({_S.PENDING_APPROVAL, _S.HELD, _S.SCHEDULED, _S.WAITING_FUNDS})
RETRYABLE = frozenset({_S.RETURNED, _S.FAILED})


class Leg(StrEnum):
    """Which movement an attempt is about.

    To the payee's account, on to its bank, or back; or straight to its bank by a bank file.
    """

    TRANSFER = "transfer"
    PAYOUT = "payout"
    REVERSAL = "reversal"
    BANK = "bank"


class AttemptState(StrEnum):
    """Where one try stands. From prepared to unknown it is alive: nothing else may be tried."""

    PREPARED = "prepared"
    SENT = "sent"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED_RETRYABLE = "failed_retryable"
    FAILED_FINAL = "failed_final"
    RETURNED = "returned"


LIVE = frozenset(
    {AttemptState.PREPARED, AttemptState.SENT, AttemptState.ACCEPTED, AttemptState.UNKNOWN}
)
UNSURE = frozenset({AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNKNOWN})


class Reason(StrEnum):
    """Why an order is where it is, in words that its owner may read."""

    INSUFFICIENT_FUNDS = "insufficient_platform_funds"
    PAYEE_NOT_READY = "identity_needed"
    NO_PAYMENT_METHOD = "payment_method_needed"
    DESTINATION_CHANGED = "destination_changed"
    DESTINATION_PENDING = "destination_change_pending"
    FIRST_PAYOUT_CAPPED = "first_payout_capped"
    PROVIDER_BUSY = "provider_transient"
    UNKNOWN_OUTCOME = "unknown_outcome"
    REFUSED = "refused_by_provider"
    RETURNED_BY_BANK = "returned_by_bank"
    AMOUNT_MISMATCH = "amount_mismatch"
    CANCELLED = "cancelled"


class PayeeState(StrEnum):
    """Whether a payee can receive money."""

    CREATING = "creating"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    RESTRICTED = "restricted"
    UNKNOWN = "unknown"


class CollectionState(StrEnum):
    """Where a collection from a debtor stands."""

    SCHEDULED = "scheduled"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class TopUpState(StrEnum):
    """Where money drawn from the network's own bank stands."""

    REQUESTED = "requested"
    UNKNOWN = "unknown"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody who is paid or debited: a partner or a member, with its account at the provider."""

    payee_id: UUID
    partner_id: UUID | None
    member_id: UUID | None
    state: PayeeState
    country: str
    email: str
    name: str
    return_url: str
    account_id: str | None
    customer_id: str | None
    payment_method_id: str | None
    onboarding_url: str | None
    onboarding_expires_at: datetime | None
    requirements: tuple[str, ...]
    destination_hash: str | None
    offered_hash: str | None
    reason: str | None
    created_at: datetime
    refreshed_at: datetime | None

    @property
    def is_complete(self) -> bool:
        """True when the provider has nothing more to tell: paid, and debited if it is a partner."""
        debited = self.member_id is not None or self.payment_method_id is not None
        return self.state is PayeeState.ACTIVE and debited

    @property
    def is_changing(self) -> bool:
        """True while its money is asked to go, or would go, elsewhere than was agreed to."""
        return self.offered_hash not in (None, self.destination_hash)

    @property
    def account_hash(self) -> str | None:
        """The hash of its account alone, as it was before a bank was known behind it."""
        return None if self.account_id is None else hash_destination(self.account_id)


@dataclass(frozen=True, slots=True)
class Payout:
    """An order to pay a member its cashback or a partner its settled position."""

    payout_id: UUID
    kind: str
    partner_id: UUID | None
    member_id: UUID | None
    cycle_id: UUID | None
    amount: Money
    state: PayoutState
    round: int
    hold_id: UUID | None
    is_taken: bool
    destination_hash: str | None
    requested_by: str
    approved_by: str | None
    released_by: str | None
    reason: str | None
    created_at: datetime
    changed_at: datetime
    paid_at: datetime | None

    @property
    def owner_id(self) -> UUID:
        """Whose money it is."""
        owner = self.member_id or self.partner_id
        assert owner is not None
        return owner


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one leg of a payout, with the key that makes it happen once."""

    attempt_id: UUID
    payout_id: UUID
    round: int
    epoch: int
    leg: Leg
    key: str
    account_id: str
    amount: Money
    state: AttemptState
    external_id: str | None
    code: str | None
    sends: int
    lookups: int
    prepared_at: datetime
    sent_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Order:
    """What a rail is asked to do for one attempt."""

    payout_id: UUID
    attempt_id: UUID
    leg: Leg
    key: str
    amount: Money
    account_id: str
    transfer_id: str | None
    prepared_at: datetime
    can_resend: bool
    group: str
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Collection:
    """An order to debit a partner its settled position."""

    collection_id: UUID
    cycle_id: UUID
    partner_id: UUID
    amount: Money
    state: CollectionState
    reason: str | None
    created_at: datetime
    changed_at: datetime
    collected_at: datetime | None


@dataclass(frozen=True, slots=True)
class CollectionAttempt:
    """One try of a collection."""

    attempt_id: UUID
    collection_id: UUID
    epoch: int
    key: str
    customer_id: str
    payment_method_id: str
    amount: Money
    state: AttemptState
    external_id: str | None
    code: str | None
    sends: int
    lookups: int
    prepared_at: datetime
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Debit:
    """What a rail is asked to do, or to tell, for one attempt of a collection.

    `act` is "send", "resend" (an unknown outcome), "look_up" or "watch".
    """

    act: str
    collection_id: UUID
    attempt_id: UUID
    key: str
    amount: Money
    customer_id: str
    payment_method_id: str
    prepared_at: datetime
    external_id: str | None
    group: str
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money drawn from the network's own bank to the balance at the provider."""

    topup_id: UUID
    amount: Money
    state: TopUpState
    key: str
    external_id: str | None
    reason: str | None
    sends: int
    lookups: int
    requested_by: str
    created_at: datetime
    sent_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class OwnedTransfer:
    """Whose transfer it is."""

    payout_id: UUID
    kind: str
    owner_id: UUID


def rail_key(network_id: int, attempt_id: UUID) -> str:
    """Name an attempt to the provider: the same name is the same act."""
    return f"mz:{network_id}:{attempt_id}"


def group_of(network_id: int, order_id: UUID) -> str:
    """Name all transfers of one payout to the provider."""
    return f"mz_{network_id}_{order_id}"


def hash_destination(account_id: str, bank: str | None = None) -> str:
    """Hash where the money goes, to tell later whether it still goes there."""
    place = account_id if bank is None else f"{account_id}:{bank}"
    return sha256(place.encode()).hexdigest()


def can_resend(*, sends: int, prepared_at: datetime, now: datetime) -> bool:
    """Tell whether sending again under the same key is safe and may still help."""
    return sends < SENDS_MAX and now - prepared_at < KEY_LIFE


def is_proven_absent(*, lookups: int, sent_at: datetime, now: datetime) -> bool:
    """Tell whether something looked up and not found may be taken as never having happened."""
    return lookups >= LOOKUPS_MIN and now - sent_at >= HORIZON


def backoff(tries: int) -> timedelta:
    """Tell how long to wait before asking again: 2 seconds, doubling, at most 5 minutes."""
    return timedelta(seconds=min(2 ** min(tries, 9), 300))
