"""What an import makes of one item."""

from dataclasses import dataclass
from uuid import UUID

from catalog.brands import Brand
from catalog.rewards.likeness import key_of
from catalog.rewards.model import RewardDraft
from catalog.suppliers import FeedItem


@dataclass(frozen=True, slots=True)
class ImportStep:
    """What one item changes: the reward it is, and the version that it publishes."""

    reward_id: UUID
    version: int
    draft: RewardDraft
    brand: Brand
    rank: int
    is_new: bool
    is_new_version: bool
    was_listed: bool
    item: FeedItem
    fills_id: UUID | None = None

    @property
    def key(self) -> str | None:
        """By what it is found among what other suppliers sell."""
        return key_of(self.item.brand_name, self.item.country)
