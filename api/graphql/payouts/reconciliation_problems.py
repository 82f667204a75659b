"""How the refusals of reconciliation and of closing a month are shown."""

from api.graphql.problems import ProblemCode, Rule
from payouts.ledger import PeriodCloserIsProposer, PeriodNotOver
from payouts.reconciliation import (
    ApproverIsProposer,
    BankDocumentRefused,
    DuplicateStatement,
    PeriodHasOpenItems,
    ReconciliationItemNotFound,
    ReconciliationItemNotOpen,
    ResolutionUnfit,
    StatementConflict,
)

PROBLEMS = (
    Rule(
        BankDocumentRefused,
        ProblemCode.DOCUMENT_REFUSED,
        "The bank document cannot be taken in: {reason}. Nothing was imported.",
        "لا يمكن قبول مستند البنك: {reason}. لم يُستورد شيء.",
    ),
    Rule(
        DuplicateStatement,
        ProblemCode.DUPLICATE_DOCUMENT,
        "The bank statement {statement} was imported already. Nothing was imported.",
        "كشف الحساب {statement} مستورد من قبل. لم يُستورد شيء.",
    ),
    Rule(
        StatementConflict,
        ProblemCode.DOCUMENT_REFUSED,
        "Another bank statement {statement} with other content was imported before."
        " Nothing was imported.",
        "استُورد من قبل كشف حساب {statement} بمحتوى آخر. لم يُستورد شيء.",
    ),
    Rule(
        ReconciliationItemNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such reconciliation item.",
        "لا يوجد بند تسوية بهذا المعرّف.",
    ),
    Rule(
        ReconciliationItemNotOpen,
        ProblemCode.STATE_CONFLICT,
        "The item is {state}, so this cannot be done with it. Nothing changed.",
        "حالة البند {state} لا تسمح بهذا الإجراء. لم يتغير شيء.",
    ),
    Rule(
        ResolutionUnfit,
        ProblemCode.INVALID_INPUT,
        "This resolution does not fit the item: {reason}. Nothing changed.",
        "هذه المعالجة لا تناسب البند: {reason}. لم يتغير شيء.",
    ),
    Rule(
        ApproverIsProposer,
        ProblemCode.MAKER_IS_CHECKER,
        "Who proposed a resolution cannot approve it. Nothing changed.",
        "لا يجوز لمن اقترح المعالجة أن يعتمدها. لم يتغير شيء.",
    ),
    Rule(
        PeriodHasOpenItems,
        ProblemCode.STATE_CONFLICT,
        "The month still has {items} open items and {clearing} settlements in clearing.",
        "ما زال في الشهر {items} بنود مفتوحة و{clearing} تسويات غير مكتملة.",
    ),
    Rule(
        PeriodNotOver,
        ProblemCode.STATE_CONFLICT,
        "The month {period} is not over yet. Nothing changed.",
        "لم ينتهِ الشهر {period} بعد. لم يتغير شيء.",
    ),
    Rule(
        PeriodCloserIsProposer,
        ProblemCode.MAKER_IS_CHECKER,
        "Who proposed to close a month cannot close it. Nothing changed.",
        "لا يجوز لمن اقترح إقفال الشهر أن يقفله. لم يتغير شيء.",
    ),
)
