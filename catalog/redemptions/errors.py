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
