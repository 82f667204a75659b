"""Redemptions: value turned into cards and seats."""

from catalog.redemptions.approve_mistaken_order import approve_mistaken_order
from catalog.redemptions.cancel_redemption import cancel_redemption
from catalog.redemptions.claim_fulfilments import claim_fulfilments
from catalog.redemptions.deliver_due_experiences import deliver_due_experiences
from catalog.redemptions.errors import (
    MistakenOrderEnded,
    MistakenOrderNotFound,
    OrderChargeUnfit,
    OrderReferenceTaken,
    OrderReferenceUnfit,
    OrderRemarkMissing,
    OrderResolutionOutdated,
    OrderResolverApproves,
    OutOfStock,
    QuoteAltered,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RedemptionNotCancellable,
    RedemptionNotFound,
    RewardNotRedeemable,
    SlotOfAnotherReward,
    SourcingPolicyInvalid,
    SupplierOrderNotFound,
    SupplierOrderOpen,
)
from catalog.redemptions.hasten_fulfilment import hasten_fulfilment
from catalog.redemptions.list_mistaken_orders import list_mistaken_orders
from catalog.redemptions.list_unavailable import list_unavailable
from catalog.redemptions.mistaken_order import (
    MistakenOrder,
    MistakenOrderKind,
    MistakenOrderState,
    OrderOutcome,
    OrderResolution,
)
from catalog.redemptions.model import (
    ABSENCE_GAP,
    FIRST_LOOK,
    FULFIL_KIND,
    QUOTE_LIFE,
    Action,
    Attempt,
    AttemptState,
    Exclusion,
    FulfilmentStep,
    PassedOver,
    Quote,
    QuoteLines,
    QuoteSource,
    Redemption,
    RedemptionKind,
    RedemptionState,
    read_supplier_key,
)
from catalog.redemptions.place_redemption import place_redemption
from catalog.redemptions.publish_sourcing_policy import publish_sourcing_policy
from catalog.redemptions.queries import (
    RedemptionCursor,
    find_sourcing_policy,
    get_quote,
    list_attempts,
    list_quote_sources,
    list_redemptions,
    read_attempts,
    read_quotes,
    read_redemptions,
    read_sourcing_policies,
    sum_redemptions,
)
from catalog.redemptions.quote_reward import quote_reward
from catalog.redemptions.read_availability import read_availability
from catalog.redemptions.read_health import read_health
from catalog.redemptions.record_absence import record_absence
from catalog.redemptions.record_delivery import record_delivery
from catalog.redemptions.record_progress import record_progress
from catalog.redemptions.record_refusal import record_refusal
from catalog.redemptions.report_mistaken_order import report_mistaken_order
from catalog.redemptions.resolve_mistaken_order import resolve_mistaken_order
from catalog.redemptions.retire_due_rewards import retire_due_rewards
from catalog.redemptions.sourcing import SourcingPolicy, Standing, SupplierHealth

__all__ = [
    "ABSENCE_GAP",
    "FIRST_LOOK",
    "FULFIL_KIND",
    "QUOTE_LIFE",
    "Action",
    "Attempt",
    "AttemptState",
    "Exclusion",
    "FulfilmentStep",
    "MistakenOrder",
    "MistakenOrderEnded",
    "MistakenOrderKind",
    "MistakenOrderNotFound",
    "MistakenOrderState",
    "OrderChargeUnfit",
    "OrderOutcome",
    "OrderReferenceTaken",
    "OrderReferenceUnfit",
    "OrderRemarkMissing",
    "OrderResolution",
    "OrderResolutionOutdated",
    "OrderResolverApproves",
    "OutOfStock",
    "PassedOver",
    "Quote",
    "QuoteAltered",
    "QuoteExpired",
    "QuoteLines",
    "QuoteNotFound",
    "QuoteSource",
    "QuoteUsed",
    "Redemption",
    "RedemptionCursor",
    "RedemptionKind",
    "RedemptionNotCancellable",
    "RedemptionNotFound",
    "RedemptionState",
    "RewardNotRedeemable",
    "SlotOfAnotherReward",
    "SourcingPolicy",
    "SourcingPolicyInvalid",
    "Standing",
    "SupplierHealth",
    "SupplierOrderNotFound",
    "SupplierOrderOpen",
    "approve_mistaken_order",
    "cancel_redemption",
    "claim_fulfilments",
    "deliver_due_experiences",
    "find_sourcing_policy",
    "get_quote",
    "hasten_fulfilment",
    "list_attempts",
    "list_mistaken_orders",
    "list_quote_sources",
    "list_redemptions",
    "list_unavailable",
    "place_redemption",
    "publish_sourcing_policy",
    "quote_reward",
    "read_attempts",
    "read_availability",
    "read_health",
    "read_quotes",
    "read_redemptions",
    "read_sourcing_policies",
    "read_supplier_key",
    "record_absence",
    "record_delivery",
    "record_progress",
    "record_refusal",
    "report_mistaken_order",
    "resolve_mistaken_order",
    "retire_due_rewards",
    "sum_redemptions",
]
