"""Changes of the catalogue and their order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ChangeKind(StrEnum):
    """What happened to a reward, or to what a programme shows."""

    PUBLISHED = "published"
    """It came on sale, for the first time or again."""
    REVISED = "revised"
    """It is on sale in a later version."""
    PAUSED = "paused"
    """It is off sale for a while."""
    RETIRING = "retiring"
    """It is on sale until its sunset, which was announced or moved."""
    RETIRED = "retired"
    """The network took it off sale."""
    WITHDRAWN = "withdrawn"
    """Its supplier took it off sale."""
    ASSORTMENT_PUBLISHED = "assortment_published"
    """A programme shows by other rules: any reward may have come into view or gone from it."""
    AVAILABILITY = "availability"
    """There is more or less of it than before."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is being made; `version` is the one that is on sale from now on.

    It is of one reward, or of what one programme shows.
    """

    reward_id: UUID | None
    kind: ChangeKind
    version: int | None = None
    programme_id: UUID | None = None

    def __post_init__(self) -> None:
        is_of_programme = self.kind is ChangeKind.ASSORTMENT_PUBLISHED
        assert (self.reward_id is None) == is_of_programme, "a change of a reward names it"
        assert (self.programme_id is None) != is_of_programme, "one of a programme names that"


@dataclass(frozen=True, slots=True)
class RewardChange:
    """A change that was committed, at its place in the network's order: 1, 2, 3 without gaps."""

    place: int
    reward_id: UUID | None
    kind: ChangeKind
    version: int | None
    changed_at: datetime
    programme_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes that follow each other, and the last place there was when they were read."""

    changes: tuple[RewardChange, ...]
    last_place: int
