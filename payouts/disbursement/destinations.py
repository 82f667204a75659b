"""Changes of where a payee's money goes, and what must be waited for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

COOLDOWN = timedelta(hours=24)
"""How long a change is on notice where no policy says otherwise."""
COOLDOWN_MAX = timedelta(days=30)
ERASED = "erased"
"""What stands where the account of a member stood that was erased."""


class PayoutRail(StrEnum):
    """The way by which a network's payouts leave."""

    STRIPE = "stripe"
    BANK_FILE = "bank_file"


class ChangeState(StrEnum):
    """Where a change of destination stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    IN_FORCE = "in_force"


OPEN = frozenset({ChangeState.PROPOSED, ChangeState.APPROVED})


@dataclass(frozen=True, slots=True)
class DestinationChange:
    """Somebody's wish that a payee's money go elsewhere; `effective_at` ends its cool-down."""

    change_id: UUID
    payee_id: UUID
    partner_id: UUID | None
    member_id: UUID | None
    old_hash: str
    new_hash: str
    state: ChangeState
    proposed_by: str
    proposed_at: datetime
    effective_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    in_force_at: datetime | None


@dataclass(frozen=True, slots=True)
class DestinationPolicy:
    """By which rail payouts leave, and how long a change of destination is on notice before."""

    policy_id: UUID
    cooldown: timedelta
    rail: PayoutRail
    published_by: str
    published_at: datetime
