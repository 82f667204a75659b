"""Who a member is, and what a wallet shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from partners.members.errors import InvalidIdentity
from payouts.ledger import Account
from payouts.money import Money

IDENTITY_LENGTH_MAX = 255
ERASED_PREFIX = "erased:"
"""Begins what stands where the identity of an erased member stood."""


class MemberState(StrEnum):
    """Whether a member takes part."""

    ACTIVE = "active"
    CLOSED = "closed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the network, as the partner who enrolled them knows them; no name, no address."""

    member_id: UUID
    partner_id: UUID
    external_id: str
    state: MemberState
    enrolled_at: datetime
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a member has in one currency.

    `available` can be spent now, `held` is set aside by something under way, `pending` waits for
    its return window, `debt` is what returns took back after it had been spent.
    """

    member_id: UUID
    currency: str
    available: Money
    held: Money
    pending: Money
    debt: Money


def wallet_accounts(member_id: UUID, currency: str) -> tuple[Account, Account, Account]:
    """Name a member's accounts: available, pending, debt."""
    owner = str(member_id)
    return (
        Account("member_available", owner, currency),
        Account("member_pending", owner, currency),
        Account("member_recv", owner, currency),
    )


def check_identity(external_id: str) -> str:
    """Let a partner's identity through; raises InvalidIdentity."""
    if not 1 <= len(external_id) <= IDENTITY_LENGTH_MAX or "\x00" in external_id:
        raise InvalidIdentity
    if external_id.startswith(ERASED_PREFIX):
        raise InvalidIdentity
    return external_id
