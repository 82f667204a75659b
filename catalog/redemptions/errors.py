"""Refusals about redemptions."""

from payouts.refusal import Refusal


class RewardNotRedeemable(Refusal):
    """The reward cannot be got now."""


class OutOfStock(Refusal):
    """All suppliers of the reward are out of stock."""


class SlotOfAnotherReward(Refusal):
    """The slot does not belong to this experience."""


class QuoteNotFound(Refusal):
    """There is no such quote."""


class QuoteExpired(Refusal):
    """The quote has expired; ask for a new one."""


class QuoteAltered(Refusal):
    """The quote is not the one that was made."""


class QuoteUsed(Refusal):
    """The quote was used before."""


class RedemptionNotFound(Refusal):
    """There is no such redemption."""


class RedemptionNotCancellable(Refusal):
    """The redemption can no longer be cancelled."""


class SourcingPolicyInvalid(Refusal):
    """What a failover may cost beyond the price is 0 to 10,000 basis points of it."""


class SupplierOrderNotFound(Refusal):
    """No supplier was ever sent an order under this key."""


class SupplierOrderOpen(Refusal):
    """The order is still on its way: what becomes of it is noticed by itself."""


class MistakenOrderNotFound(Refusal):
    """There is no such mistaken order."""


class MistakenOrderEnded(Refusal):
    """The mistaken order has ended, and not so that this could still become of it."""


class OrderReferenceUnfit(Refusal):
    """The order has to be named as its supplier names it, in at most 200 characters."""


class OrderReferenceTaken(Refusal):
    """The reference is that of an order that was delivered, or of another mistaken order."""


class OrderChargeUnfit(Refusal):
    """Of an order that is written off the charge has to be said, of a cancelled one it may not."""


class OrderRemarkMissing(Refusal):
    """A remark of at most 500 characters is needed."""


class OrderResolutionOutdated(Refusal):
    """This resolution does not wait for an approval: it was approved, or another took its place."""


class OrderResolverApproves(Refusal):
    """What becomes of a mistaken order is approved by somebody other than who proposed it."""
