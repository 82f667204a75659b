"""Refusals about prices."""

from payouts.refusal import Refusal


class RewardHasNoPrice(Refusal):
    """This kind of reward is not bought."""


class CurrencyNotOffered(Refusal):
    """The reward is not sold for this currency."""


class PointsExceedPrice(Refusal):
    """Fewer points pay the whole price."""


class PointsTooFew(Refusal):
    """So few points are worth nothing."""
