"""Rewards: what the catalogue shows and a member can get, in versions that never change."""

from catalog.rewards.close_import import close_import
from catalog.rewards.confirm_match import confirm_match
from catalog.rewards.create_reward import create_reward
from catalog.rewards.decide_import import decide_import
from catalog.rewards.errors import (
    FaceNotOnSale,
    ImportDeciderStartedIt,
    ImportNotFound,
    ImportNotWaiting,
    ImportOutdated,
    ImportPolicyInvalid,
    RewardInvalid,
    RewardMatchConflict,
    RewardMatchNotFound,
    RewardNotFound,
    RewardNotPublishable,
)
from catalog.rewards.facts import select_on_sale, select_reward_facts
from catalog.rewards.file_next_rewards import file_next_rewards
from catalog.rewards.find_rewards import find_rewards
from catalog.rewards.import_described_feed import import_described_feed
from catalog.rewards.import_feed import import_feed
from catalog.rewards.import_items import import_items
from catalog.rewards.imports import (
    CatalogueImport,
    DoneChunk,
    ImportPolicy,
    ImportState,
    WithheldReward,
)
from catalog.rewards.list_done_chunks import list_done_chunks
from catalog.rewards.list_imports import list_imports
from catalog.rewards.list_item_ids import list_item_ids
from catalog.rewards.list_matches import list_matches
from catalog.rewards.list_sold_as import list_sold_as
from catalog.rewards.list_source_ids import list_source_ids
from catalog.rewards.list_sources import list_sources
from catalog.rewards.list_withheld import list_withheld
from catalog.rewards.model import (
    ExperienceTerms,
    FoundPage,
    FoundReward,
    GiftCardTerms,
    ImportRefusal,
    ImportReport,
    MatchState,
    OfferTerms,
    Reward,
    RewardCursor,
    RewardDraft,
    RewardKind,
    RewardMatch,
    RewardPage,
    RewardState,
    RewardText,
    SupplierItem,
    Terms,
)
from catalog.rewards.note_counted import note_counted
from catalog.rewards.open_import import open_import
from catalog.rewards.publish_import_policy import publish_import_policy
from catalog.rewards.publish_reward import publish_reward
from catalog.rewards.queries import (
    find_last_import,
    get_reward,
    get_rewards,
    list_import_refusals,
    list_rewards,
    read_instructions,
)
from catalog.rewards.read_import_policy import read_import_policy
from catalog.rewards.read_matches import read_matches
from catalog.rewards.refuse_recycled import refuse_recycled
from catalog.rewards.report_availability import report_availability
from catalog.rewards.retire_reward import retire_reward
from catalog.rewards.revise_reward import revise_reward
from catalog.rewards.separate_match import separate_match
from catalog.rewards.tell_availability import tell_availability

__all__ = [
    "CatalogueImport",
    "DoneChunk",
    "ExperienceTerms",
    "FaceNotOnSale",
    "FoundPage",
    "FoundReward",
    "GiftCardTerms",
    "ImportDeciderStartedIt",
    "ImportNotFound",
    "ImportNotWaiting",
    "ImportOutdated",
    "ImportPolicy",
    "ImportPolicyInvalid",
    "ImportRefusal",
    "ImportReport",
    "ImportState",
    "MatchState",
    "OfferTerms",
    "Reward",
    "RewardCursor",
    "RewardDraft",
    "RewardInvalid",
    "RewardKind",
    "RewardMatch",
    "RewardMatchConflict",
    "RewardMatchNotFound",
    "RewardNotFound",
    "RewardNotPublishable",
    "RewardPage",
    "RewardState",
    "RewardText",
    "SupplierItem",
    "Terms",
    "WithheldReward",
    "close_import",
    "confirm_match",
    "create_reward",
    "decide_import",
    "file_next_rewards",
    "find_last_import",
    "find_rewards",
    "get_reward",
    "get_rewards",
    "import_described_feed",
    "import_feed",
    "import_items",
    "list_done_chunks",
    "list_import_refusals",
    "list_imports",
    "list_item_ids",
    "list_matches",
    "list_rewards",
    "list_sold_as",
    "list_source_ids",
    "list_sources",
    "list_withheld",
    "note_counted",
    "open_import",
    "publish_import_policy",
    "publish_reward",
    "read_import_policy",
    "read_instructions",
    "read_matches",
    "refuse_recycled",
    "report_availability",
    "retire_reward",
    "revise_reward",
    "select_on_sale",
    "select_reward_facts",
    "separate_match",
    "tell_availability",
]
