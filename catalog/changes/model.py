"""Changes of the catalogue and their order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ChangeKind(StrEnum):
    """What happened to a reward."""

    PUBLISHED = "published"
    """It came on sale, for the first time or again."""
    REVISED = "revised"
    """It is on sale in a later version."""
    RETIRED = "retired"
    """The network took it off sale."""
    WITHDRAWN = "withdrawn"
    """Its supplier took it off sale."""
    AVAILABILITY = "availability"
    """There is more or less of it than before."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is being made; `version` is the one that is on sale from now on."""

    reward_id: UUID
    kind: ChangeKind
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RewardChange:
    """A change that was committed, at its place in the network's order: 1, 2, 3 without gaps."""

    place: int
    reward_id: UUID
    kind: ChangeKind
    version: int | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes that follow each other, and the last place there was when they were read."""

    changes: tuple[RewardChange, ...]
    last_place: int
