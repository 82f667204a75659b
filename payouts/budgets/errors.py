"""Refusals of budgets."""

from payouts.refusal import Refusal


class BudgetNotFound(Refusal):
    """There is no such budget."""


class BudgetExhausted(Refusal):
    """The budget has less left than that."""


class BudgetCapNotRaised(Refusal):
    """The cap of a budget is only ever raised."""


class BudgetReturnTooHigh(Refusal):
    """More would be given back to the budget than was spent of it."""
