"""Budgets: caps on what campaigns may spend, kept to the unit by many who spend at once."""

from payouts.budgets.errors import (
    BudgetCapNotRaised,
    BudgetExhausted,
    BudgetNotFound,
    BudgetReturnTooHigh,
)
from payouts.budgets.grant_budget import grant_budget
from payouts.budgets.model import SLICES_MAX, Budget
from payouts.budgets.queries import read_budget
from payouts.budgets.return_budget import return_budget
from payouts.budgets.spend_budget import spend_budget

__all__ = [
    "SLICES_MAX",
    "Budget",
    "BudgetCapNotRaised",
    "BudgetExhausted",
    "BudgetNotFound",
    "BudgetReturnTooHigh",
    "grant_budget",
    "read_budget",
    "return_budget",
    "spend_budget",
]
