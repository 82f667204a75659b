"""Budgets: caps on what campaigns may spend, kept to the unit by many who spend at once."""

from payouts.budgets.errors import (
    BudgetCapNotRaised,
    BudgetExhausted,
    BudgetNotFound,
    BudgetReturnTooHigh,
)
from payouts.budgets.grant_budget import grant_budget
from payouts.budgets.model import SLICES_MAX, Budget, BudgetBalance, Spending
from payouts.budgets.queries import read_budget, read_budget_balances
from payouts.budgets.return_budget import return_budget
from payouts.budgets.spend_budget import spend_budget
from payouts.budgets.spend_budgets import spend_budgets

__all__ = [
    "SLICES_MAX",
    "Budget",
    "BudgetBalance",
    "BudgetCapNotRaised",
    "BudgetExhausted",
    "BudgetNotFound",
    "BudgetReturnTooHigh",
    "Spending",
    "grant_budget",
    "read_budget",
    "read_budget_balances",
    "return_budget",
    "spend_budget",
    "spend_budgets",
]
