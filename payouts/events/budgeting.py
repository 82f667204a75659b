"""Events of budgets: what a campaign may spend. They stand apart from money, in memo accounts."""

from collections.abc import Sequence
from uuid import UUID

from payouts.events.model import Lines, business_event, owned
from payouts.ledger import Account, credit, debit
from payouts.money import Money

RESERVE = 0
"""The slice that every other is filled from."""


@business_event("budget.grant", source="`publishEarnRule` with a budget, `raiseEarnRuleBudget`")
def budget_grant(*, budget_id: UUID, amount: Money) -> Lines:
    """A campaign may spend more: the amount lies in its budget's reserve.

    A campaign is an earn rule with a budget.
    """
    return (
        debit(owned("budget_granted", budget_id, amount.currency), amount),
        credit(_slice(budget_id, RESERVE, amount.currency), amount),
    )


@business_event("budget.fill", source="a slice that has too little")
def budget_fill(*, budget_id: UUID, number: int, taken: Sequence[tuple[int, Money]]) -> Lines:
    """A slice of a budget is filled from the reserve, or from others that have more than they need.

    What the campaign may spend in all stays the same.
    """
    unit = taken[0][1].currency
    total = sum((amount for _, amount in taken), Money.zero(unit))
    return (
        *(debit(_slice(budget_id, other, unit), amount) for other, amount in taken),
        credit(_slice(budget_id, number, unit), total),
    )


@business_event(
    "budget.spend", reversal="budget.return", source="a purchase that earns by a rule with a budget"
)
def budget_spend(*, budget_id: UUID, number: int, amount: Money) -> Lines:
    """A campaign spends from one slice of its budget.

    It stands beside `accrual.pending` of the same purchase, in the same transaction, and is its whole
    cashback.
    """
    return (
        debit(_slice(budget_id, number, amount.currency), amount),
        credit(owned("budget_spent", budget_id, amount.currency), amount),
    )


@business_event(
    "budget.return", reversal="budget.spend", source="`recordReturn` of such a purchase"
)
def budget_return(*, budget_id: UUID, number: int, amount: Money) -> Lines:
    """What a campaign spent comes back to the slice that it was taken from."""
    return (
        debit(owned("budget_spent", budget_id, amount.currency), amount),
        credit(_slice(budget_id, number, amount.currency), amount),
    )


def _slice(budget_id: UUID, number: int, unit: str) -> Account:
    return Account("budget", str(budget_id), unit, str(number))
