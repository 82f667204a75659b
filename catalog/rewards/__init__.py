"""Rewards: what the catalogue shows and a member can get, in versions that never change."""

from catalog.rewards.announce_retirement import announce_retirement
from catalog.rewards.approve_reward import approve_reward
from catalog.rewards.begin_sunset import begin_sunset
from catalog.rewards.close_import import close_import
from catalog.rewards.confirm_match import confirm_match
from catalog.rewards.create_reward import create_reward
from catalog.rewards.decide_import import decide_import
from catalog.rewards.drop_import_file import drop_import_file
from catalog.rewards.end_sunset import end_sunset
from catalog.rewards.errors import (
    FaceNotOnSale,
    ImportDeciderStartedIt,
    ImportNotFound,
    ImportNotWaiting,
    ImportOutdated,
    ImportPolicyInvalid,
    RewardIncomplete,
    RewardInvalid,
    RewardMatchConflict,
    RewardMatchNotFound,
    RewardNotFound,
    RewardNotPublishable,
    RewardPaused,
    RewardReasonInvalid,
    RewardStateConflict,
    RewardSubmitterDecides,
    RewardTimeInvalid,
    RewardWithdrawn,
)
from catalog.rewards.facts import select_on_sale, select_reward_facts
from catalog.rewards.file_next_rewards import file_next_rewards
from catalog.rewards.find_kept_import import find_kept_import
from catalog.rewards.find_rewards import find_rewards
from catalog.rewards.import_described_feed import import_described_feed
from catalog.rewards.import_feed import import_feed
from catalog.rewards.import_items import import_items
from catalog.rewards.import_next_items import import_next_items
from catalog.rewards.imports import (
    FILE_KEPT_FOR,
    IMPORT_KIND,
    IMPORT_LEFT_AFTER,
    CatalogueImport,
    DoneChunk,
    ImportFile,
    ImportPolicy,
    ImportState,
    KeptImport,
    WithheldReward,
)
from catalog.rewards.keep_import_file import keep_import_file
from catalog.rewards.lifecycle import (
    CLOCK,
    GO_LIVE_KIND,
    MOVES,
    RETIRE_KIND,
    RewardCommand,
    RewardTransition,
)
from catalog.rewards.list_done_chunks import list_done_chunks
from catalog.rewards.list_imports import list_imports
from catalog.rewards.list_item_ids import list_item_ids
from catalog.rewards.list_matches import list_matches
from catalog.rewards.list_sold_as import list_sold_as
from catalog.rewards.list_source_ids import list_source_ids
from catalog.rewards.list_sources import list_sources
from catalog.rewards.list_transitions import list_transitions
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
from catalog.rewards.pause_reward import pause_reward
from catalog.rewards.pin_state import pin_state
from catalog.rewards.publish_due_rewards import publish_due_rewards
from catalog.rewards.publish_import_policy import publish_import_policy
from catalog.rewards.publish_reward import publish_reward
from catalog.rewards.queries import (
    find_last_import,
    get_reward,
    get_rewards,
    list_import_refusals,
    list_rewards,
    read_all_instructions,
    read_instructions,
)
from catalog.rewards.read_import_policy import read_import_policy
from catalog.rewards.read_matches import read_matches
from catalog.rewards.read_transitions import read_transitions
from catalog.rewards.refuse_recycled import refuse_recycled
from catalog.rewards.reinstate_reward import reinstate_reward
from catalog.rewards.reject_reward import reject_reward
from catalog.rewards.report_availability import report_availability
from catalog.rewards.resume_reward import resume_reward
from catalog.rewards.retire_reward import retire_reward
from catalog.rewards.revise_reward import revise_reward
from catalog.rewards.separate_match import separate_match
from catalog.rewards.submit_reward import submit_reward
from catalog.rewards.suspend_reward import suspend_reward
from catalog.rewards.tell_availability import tell_availability
from catalog.rewards.unschedule_reward import unschedule_reward

__all__ = [
    "CLOCK",
    "FILE_KEPT_FOR",
    "GO_LIVE_KIND",
    "IMPORT_KIND",
    "IMPORT_LEFT_AFTER",
    "MOVES",
    "RETIRE_KIND",
    "CatalogueImport",
    "DoneChunk",
    "ExperienceTerms",
    "FaceNotOnSale",
    "FoundPage",
    "FoundReward",
    "GiftCardTerms",
    "ImportDeciderStartedIt",
    "ImportFile",
    "ImportNotFound",
    "ImportNotWaiting",
    "ImportOutdated",
    "ImportPolicy",
    "ImportPolicyInvalid",
    "ImportRefusal",
    "ImportReport",
    "ImportState",
    "KeptImport",
    "MatchState",
    "OfferTerms",
    "Reward",
    "RewardCommand",
    "RewardCursor",
    "RewardDraft",
    "RewardIncomplete",
    "RewardInvalid",
    "RewardKind",
    "RewardMatch",
    "RewardMatchConflict",
    "RewardMatchNotFound",
    "RewardNotFound",
    "RewardNotPublishable",
    "RewardPage",
    "RewardPaused",
    "RewardReasonInvalid",
    "RewardState",
    "RewardStateConflict",
    "RewardSubmitterDecides",
    "RewardText",
    "RewardTimeInvalid",
    "RewardTransition",
    "RewardWithdrawn",
    "SupplierItem",
    "Terms",
    "WithheldReward",
    "announce_retirement",
    "approve_reward",
    "begin_sunset",
    "close_import",
    "confirm_match",
    "create_reward",
    "decide_import",
    "drop_import_file",
    "end_sunset",
    "file_next_rewards",
    "find_kept_import",
    "find_last_import",
    "find_rewards",
    "get_reward",
    "get_rewards",
    "import_described_feed",
    "import_feed",
    "import_items",
    "import_next_items",
    "keep_import_file",
    "list_done_chunks",
    "list_import_refusals",
    "list_imports",
    "list_item_ids",
    "list_matches",
    "list_rewards",
    "list_sold_as",
    "list_source_ids",
    "list_sources",
    "list_transitions",
    "list_withheld",
    "note_counted",
    "open_import",
    "pause_reward",
    "pin_state",
    "publish_due_rewards",
    "publish_import_policy",
    "publish_reward",
    "read_all_instructions",
    "read_import_policy",
    "read_instructions",
    "read_matches",
    "read_transitions",
    "refuse_recycled",
    "reinstate_reward",
    "reject_reward",
    "report_availability",
    "resume_reward",
    "retire_reward",
    "revise_reward",
    "select_on_sale",
    "select_reward_facts",
    "separate_match",
    "submit_reward",
    "suspend_reward",
    "tell_availability",
    "unschedule_reward",
]
