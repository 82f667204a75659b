"""How the refusals of budgets are shown."""

from api.graphql.problems import ProblemCode, Rule
from payouts.budgets import (
    BudgetCapNotRaised,
    BudgetExhausted,
    BudgetNotFound,
    BudgetReturnTooHigh,
)

PROBLEMS = (
    Rule(
        BudgetNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such budget.",
        "لا توجد ميزانية بهذا المعرّف.",
    ),
    Rule(
        BudgetExhausted,
        ProblemCode.INSUFFICIENT_BALANCE,
        "The budget has {left} {currency} left, which does not cover the amount."
        " Nothing was spent.",
        "المتبقي من الميزانية {left} {currency} ولا يكفي المبلغ. لم يُصرف شيء.",
    ),
    Rule(
        BudgetCapNotRaised,
        ProblemCode.STATE_CONFLICT,
        "The cap of the budget is {cap} {currency} and can only be raised. Nothing changed.",
        "سقف الميزانية {cap} {currency} ولا يمكن إلا رفعه. لم يتغير شيء.",
    ),
    Rule(
        BudgetReturnTooHigh,
        ProblemCode.STATE_CONFLICT,
        "More would be given back to the budget than was spent of it. Nothing changed.",
        "المبلغ المراد إرجاعه إلى الميزانية أكبر مما صُرف منها. لم يتغير شيء.",
    ),
)
