"""Rewards: what the catalogue shows and a member can get, in versions that never change."""

from catalog.rewards.close_import import close_import
from catalog.rewards.create_reward import create_reward
from catalog.rewards.errors import (
    FaceNotOnSale,
    RewardInvalid,
    RewardNotFound,
    RewardNotPublishable,
)
from catalog.rewards.import_described_feed import import_described_feed
from catalog.rewards.import_feed import import_feed
from catalog.rewards.import_items import import_items
from catalog.rewards.model import (
    CatalogueImport,
    ExperienceTerms,
    GiftCardTerms,
    ImportRefusal,
    ImportReport,
    OfferTerms,
    Reward,
    RewardCursor,
    RewardDraft,
    RewardKind,
    RewardPage,
    RewardState,
    RewardText,
    SupplierItem,
    Terms,
)
from catalog.rewards.open_import import open_import
from catalog.rewards.publish_reward import publish_reward
from catalog.rewards.queries import (
    find_last_import,
    get_reward,
    get_rewards,
    list_import_refusals,
    list_rewards,
    read_import,
    read_instructions,
)
from catalog.rewards.refuse_recycled import refuse_recycled
from catalog.rewards.retire_reward import retire_reward
from catalog.rewards.revise_reward import revise_reward

__all__ = [
    "CatalogueImport",
    "ExperienceTerms",
    "FaceNotOnSale",
    "GiftCardTerms",
    "ImportRefusal",
    "ImportReport",
    "OfferTerms",
    "Reward",
    "RewardCursor",
    "RewardDraft",
    "RewardInvalid",
    "RewardKind",
    "RewardNotFound",
    "RewardNotPublishable",
    "RewardPage",
    "RewardState",
    "RewardText",
    "SupplierItem",
    "Terms",
    "close_import",
    "create_reward",
    "find_last_import",
    "get_reward",
    "get_rewards",
    "import_described_feed",
    "import_feed",
    "import_items",
    "list_import_refusals",
    "list_rewards",
    "open_import",
    "publish_reward",
    "read_import",
    "read_instructions",
    "refuse_recycled",
    "retire_reward",
    "revise_reward",
]
