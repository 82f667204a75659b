"""Refusals about earn rules."""

from payouts.refusal import Refusal


class RuleNotFound(Refusal):
    """There is no such earn rule, or it is not open for activation."""


class InvalidRule(Refusal):
    """A rate is 0 to 10,000 basis points, a rule ends after it starts, value lives 1 day or more."""


class InvalidBudget(Refusal):
    """A budget is more than nothing, in the currency of the partner's agreement."""


class RuleHasNoBudget(Refusal):
    """The earn rule has no budget to raise."""


class InvalidFunding(Refusal):
    """Funding names 1 to 10 different funders with positive weights."""
