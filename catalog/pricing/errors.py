"""Refusals about prices."""

from payouts.refusal import Refusal


class RewardHasNoPrice(Refusal):
    """This kind of reward is not bought."""


class CurrencyNotOffered(Refusal):
    """The reward is not sold for this currency."""
