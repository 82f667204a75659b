"""Examples of budgets."""

from tests.payouts.events.cases import Case, G, eur

_SPENT = {"budget_id": G, "number": 2, "amount": eur(300)}

BUDGETING = (
    Case(
        "budget.grant",
        {"budget_id": G, "amount": eur(10000)},
        {"budget_granted G": 10000, "budget G 0": -10000},
    ),
    Case(
        "budget.fill",
        {"budget_id": G, "number": 2, "taken": [(0, eur(400)), (1, eur(100))]},
        {"budget G 0": 400, "budget G 1": 100, "budget G 2": -500},
        given={"budget G 0": -400, "budget G 1": -1000},
    ),
    Case(
        "budget.spend",
        _SPENT,
        {"budget G 2": 300, "budget_spent G": -300},
        given={"budget G 2": -500},
        undo=_SPENT,
    ),
    Case(
        "budget.return",
        _SPENT,
        {"budget_spent G": 300, "budget G 2": -300},
        given={"budget G 2": -200, "budget_spent G": -300},
        undo=_SPENT,
    ),
)
