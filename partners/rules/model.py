"""Earn rules and their funding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from partners.rules.errors import InvalidBudget, InvalidFunding, InvalidRule
from payouts.money import Money, Rounding, share_of

RATE_BPS_MAX = 10_000
FUNDERS_MAX = 10
WEIGHT_MAX = 1_000_000
CATEGORY_LENGTH_MAX = 64
LIFETIME_DAYS_MAX = 36_500

Funder = Literal["partner", "network"]


@dataclass(frozen=True, slots=True)
class FundingShare:
    """One funder of a rule's cashback, and its weight among the others."""

    funder: Funder
    partner_id: UUID | None
    weight: int


@dataclass(frozen=True, slots=True)
class RuleBudget:
    """What a rule's cashback is spent of: a budget of the bank, and its currency."""

    budget_id: UUID
    currency: str


@dataclass(frozen=True, slots=True)
class BudgetGrant:
    """What a rule may pay in all, and who says so."""

    cap: Money
    actor: str


@dataclass(frozen=True, slots=True)
class EarnRule:
    """What purchases at a partner earn, from `starts_at` until before `ends_at`.

    A rule with a category counts only for purchases of that category; one that requires
    activation only for members who activated it. What it earns lapses `lifetime_days` after it
    became available; without them it does not. With a budget it pays a purchase's whole cashback out
    of it, or is passed over.
    """

    rule_id: UUID
    programme_id: UUID
    partner_id: UUID
    category: str | None
    rate_bps: int
    requires_activation: bool
    funding: tuple[FundingShare, ...]
    starts_at: datetime
    ends_at: datetime | None
    lifetime_days: int | None = None
    budget: RuleBudget | None = None

    def cashback_on(self, amount: Money) -> Money:
        """What a purchase of this amount earns, rounded half to even."""
        return share_of(amount, basis_points=self.rate_bps, rounding=Rounding.HALF_EVEN)


def check_rule(
    category: str | None,
    rate_bps: int,
    starts_at: datetime,
    ends_at: datetime | None,
    lifetime_days: int | None,
) -> None:
    """Let the terms of a rule through; raises InvalidRule naming the wrong one."""
    if category is not None and not 1 <= len(category) <= CATEGORY_LENGTH_MAX:
        raise InvalidRule(path=("category",))
    if not 0 <= rate_bps <= RATE_BPS_MAX:
        raise InvalidRule(path=("rate_bps",), given=rate_bps)
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidRule(path=("ends_at",))
    if lifetime_days is not None and not 1 <= lifetime_days <= LIFETIME_DAYS_MAX:
        raise InvalidRule(path=("value_lifetime_days",), given=lifetime_days)


def check_cap(cap: Money, agreed: str | None, *, path: str) -> None:
    """Let the cap of a budget through, given the currency of the agreement; raises InvalidBudget."""
    if cap.minor <= 0 or agreed not in (None, cap.currency):
        raise InvalidBudget(path=(path,), given=str(cap))


def check_funding(funding: Sequence[FundingShare]) -> None:
    """Let a funding through; raises InvalidFunding."""
    if not 1 <= len(funding) <= FUNDERS_MAX:
        raise InvalidFunding(funders=len(funding))
    funders = {(share.funder, share.partner_id) for share in funding}
    if len(funders) != len(funding):
        raise InvalidFunding
    for share in funding:
        if (share.funder == "partner") != (share.partner_id is not None):
            raise InvalidFunding
        if not 1 <= share.weight <= WEIGHT_MAX:
            raise InvalidFunding(weight=share.weight)
