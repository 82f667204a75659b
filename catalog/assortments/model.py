"""Assortments: rules about rewards and members, and what they say of one reward."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from payouts.money import Money

RULES_MAX = 100
NAMES_MAX = 100
"""How many brands, categories, countries, tiers or segments one rule names."""


class Effect(StrEnum):
    """What a rule does with what it matches. A denial goes before everything."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class AssortmentRule:
    """One rule; it matches what fits all that it names. What it does not name fits.

    `early_access_for` are tiers or segments for which it counts before it begins.
    """

    effect: Effect
    brand_ids: tuple[UUID, ...] | None = None
    categories: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    cost_min: Money | None = None
    cost_max: Money | None = None
    tiers: tuple[str, ...] | None = None
    segments: tuple[str, ...] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    early_access_for: tuple[str, ...] | None = None

    @property
    def cost_currency(self) -> str | None:
        """The currency of its bounds of cost."""
        bound = self.cost_max if self.cost_min is None else self.cost_min
        return None if bound is None else bound.currency


@dataclass(frozen=True, slots=True)
class Assortment:
    """A version of what a programme shows; its newest is in force. Without rules: everything."""

    assortment_id: UUID
    programme_id: UUID
    version: int
    rules: tuple[AssortmentRule, ...]
    published_by: str
    published_at: datetime

    def changes_at(self, now: datetime) -> datetime | None:
        """When one of its rules next begins or ends; None when none does."""
        turns = [at for rule in self.rules for at in (rule.starts_at, rule.ends_at)]
        return min((at for at in turns if at is not None and at > now), default=None)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: by which assortments, as what. Of several assortments one that shows is enough.

    Without an assortment everything is shown.
    """

    assortment_ids: tuple[UUID, ...] = ()
    tier: str | None = None
    segments: tuple[str, ...] = ()
    own_partner_id: UUID | None = None
    """A partner sees its own rewards whatever the rules say."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its tier and its segments."""
        return self.segments if self.tier is None else (self.tier, *self.segments)


EVERYTHING = Viewer()
"""The view of the staff, and of a network without assortments."""


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """How one rule fits a reward and a viewer."""

    assortment_id: UUID
    number: int
    effect: Effect
    misses: tuple[str, ...]
    """What does not fit: brand, category, country, cost, member, time."""

    @property
    def is_match(self) -> bool:
        """Whether all fits."""
        return not self.misses


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a viewer sees a reward and may get it, and what every rule says."""

    is_visible: bool
    is_orderable: bool
    matches: tuple[RuleMatch, ...]


def is_shown_by(matches: Sequence[RuleMatch]) -> bool:
    """Decide as the query of lists does, for one assortment: no denial, and leave if any gives it."""
    allowing = [one for one in matches if one.effect is Effect.ALLOW]
    is_denied = any(one.is_match for one in matches if one.effect is Effect.DENY)
    return not is_denied and (not allowing or any(one.is_match for one in allowing))
