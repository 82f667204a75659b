"""Problems: what a caller could have foreseen, as data, in English and Arabic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import strawberry

from payouts.ledger import (
    AccountNotOpen,
    BalanceTooLow,
    FloorLimitTooLow,
    HoldHasLess,
    HoldNotFound,
    PeriodClosed,
)
from payouts.money import AmountOutOfRange, CurrencyMismatch, InvalidAmount, UnknownCurrency
from payouts.refusal import Refusal


@strawberry.enum(description="The closed list of reasons why a mutation changed nothing.")
class ProblemCode(Enum):
    """Machine-readable reasons; each has one meaning everywhere."""

    INVALID_INPUT = "INVALID_INPUT"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    IN_PROGRESS = "IN_PROGRESS"
    INVALID_AMOUNT = "INVALID_AMOUNT"
    AMOUNT_OUT_OF_RANGE = "AMOUNT_OUT_OF_RANGE"
    UNKNOWN_CURRENCY = "UNKNOWN_CURRENCY"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    ACCOUNT_NOT_OPEN = "ACCOUNT_NOT_OPEN"
    PERIOD_CLOSED = "PERIOD_CLOSED"
    PURCHASE_IN_FUTURE = "PURCHASE_IN_FUTURE"
    NO_AGREEMENT = "NO_AGREEMENT"
    RETURN_EXCEEDS_PURCHASE = "RETURN_EXCEEDS_PURCHASE"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    STATE_CONFLICT = "STATE_CONFLICT"
    RATE_MISSING = "RATE_MISSING"
    RATE_STALE = "RATE_STALE"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    SOLD_OUT = "SOLD_OUT"
    QUOTE_NOT_FOUND = "QUOTE_NOT_FOUND"
    QUOTE_ALTERED = "QUOTE_ALTERED"
    QUOTE_EXPIRED = "QUOTE_EXPIRED"
    QUOTE_USED = "QUOTE_USED"
    ALREADY_REVEALED = "ALREADY_REVEALED"
    CODE_REFUSED = "CODE_REFUSED"
    CAPTURE_EXCEEDS_HOLD = "CAPTURE_EXCEEDS_HOLD"
    HOLD_RESOLVED = "HOLD_RESOLVED"
    PAYEE_NOT_READY = "PAYEE_NOT_READY"
    MAKER_IS_CHECKER = "MAKER_IS_CHECKER"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    NOTHING_TO_SETTLE = "NOTHING_TO_SETTLE"
    NOTHING_TO_ADJUST = "NOTHING_TO_ADJUST"
    DOCUMENT_REFUSED = "DOCUMENT_REFUSED"
    DUPLICATE_DOCUMENT = "DUPLICATE_DOCUMENT"
    HALTED = "HALTED"


@strawberry.type(description="A reason why nothing changed.")
class Problem:
    """One foreseen refusal."""

    code: ProblemCode
    message: str = strawberry.field(description="For a person, in the language of the request.")
    path: list[str] = strawberry.field(description="The part of the input it is about.")
    retryable: bool = strawberry.field(
        description="True when sending the same request again later may succeed."
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """How one class of refusal is shown."""

    refusal: type[Refusal]
    code: ProblemCode
    english: str
    arabic: str


class InvalidInput(Refusal):
    """The input has a value that cannot be used: {reason}"""


class IdForeignOrAbsent(Refusal):
    """There is nothing with this id."""


OWN_RULES = (
    Rule(InvalidInput, ProblemCode.INVALID_INPUT, "{reason}", "قيمة غير صالحة في الطلب: {reason}"),
    Rule(
        IdForeignOrAbsent,
        ProblemCode.NOT_FOUND,
        "There is nothing with this id.",
        "لا يوجد شيء بهذا المعرّف.",
    ),
    Rule(
        InvalidAmount,
        ProblemCode.INVALID_AMOUNT,
        "This is not an amount of the currency's units. Nothing was booked.",
        "هذا ليس مبلغًا صالحًا بوحدات العملة. لم يُقيَّد شيء.",
    ),
    Rule(
        AmountOutOfRange,
        ProblemCode.AMOUNT_OUT_OF_RANGE,
        "The amount is outside the range that can be booked. Nothing was booked.",
        "المبلغ خارج النطاق المسموح. لم يُقيَّد شيء.",
    ),
    Rule(
        UnknownCurrency,
        ProblemCode.UNKNOWN_CURRENCY,
        "The currency code is not known.",
        "رمز العملة غير معروف.",
    ),
    Rule(
        CurrencyMismatch,
        ProblemCode.CURRENCY_MISMATCH,
        "The amount is in another currency than expected. Nothing was booked.",
        "عملة المبلغ ليست العملة المطلوبة. لم يُقيَّد شيء.",
    ),
    Rule(
        BalanceTooLow,
        ProblemCode.INSUFFICIENT_BALANCE,
        "The available balance does not cover the amount. No money moved.",
        "الرصيد المتاح لا يكفي. لم يتحرك أي مبلغ.",
    ),
    Rule(
        FloorLimitTooLow,
        ProblemCode.INSUFFICIENT_BALANCE,
        "More than that limit was drawn already or is set aside. Nothing changed.",
        "ما سُحب أو حُجز يتجاوز هذا الحد بالفعل. لم يتغير شيء.",
    ),
    Rule(
        AccountNotOpen,
        ProblemCode.ACCOUNT_NOT_OPEN,
        "The account is frozen or closed. No money moved.",
        "الحساب مجمّد أو مغلق. لم يتحرك أي مبلغ.",
    ),
    Rule(
        PeriodClosed,
        ProblemCode.PERIOD_CLOSED,
        "The accounting period is closed. Nothing was booked.",
        "الفترة المحاسبية مغلقة. لم يُقيَّد شيء.",
    ),
    Rule(
        HoldNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such hold.",
        "لا يوجد حجز بهذا المعرّف.",
    ),
    Rule(
        HoldHasLess,
        ProblemCode.HOLD_RESOLVED,
        "The hold has less left than that, or is already resolved.",
        "المتبقي من الحجز أقل من ذلك أو أن الحجز قد سُوّي.",
    ),
)

_PLAIN = {
    ProblemCode.FORBIDDEN: (
        "This caller may not do this. Nothing changed.",
        "لا يُسمح لهذا المستخدم بهذا الإجراء. لم يتغير شيء.",
    ),
    ProblemCode.IDEMPOTENCY_MISMATCH: (
        "This key was used for a request with other content. Nothing changed.",
        "استُخدم هذا المفتاح لطلب بمحتوى آخر. لم يتغير شيء.",
    ),
    ProblemCode.IN_PROGRESS: (
        "The first request with this key is still being carried out. Send it again shortly.",
        "ما زال الطلب الأول بهذا المفتاح قيد التنفيذ. أعد الإرسال بعد قليل.",
    ),
}
_RETRYABLE = {ProblemCode.IN_PROGRESS}

_RULES: dict[str, Rule] = {}


def register_problems(rules: Iterable[Rule]) -> None:
    """Add a house's rules; every class of refusal has exactly one."""
    for rule in rules:
        if rule.refusal.__name__ in _RULES and _RULES[rule.refusal.__name__] != rule:
            raise ValueError(f"{rule.refusal.__name__} has two rules")
        _RULES[rule.refusal.__name__] = rule


register_problems(OWN_RULES)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def rule_named(name: str) -> Rule:
    """Find the rule of a class of refusal by its name."""
    return _RULES[name]


def _camel(name: str) -> str:
    # Verbs name their own arguments; callers know the fields of the schema.
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def show_problem(name: str, facts: Mapping[str, Any], path: Iterable[str], locale: str) -> Problem:
    """Render a refusal, fresh or stored, in a language."""
    rule = _RULES[name]
    text = rule.arabic if locale == "ar" else rule.english
    return Problem(
        code=rule.code,
        message=text.format_map(_Facts(facts)),
        path=[_camel(part) for part in path],
        retryable=rule.refusal.retryable,
    )


def problem(code: ProblemCode, locale: str, path: Iterable[str] = ()) -> Problem:
    """Render a problem of the door itself."""
    english, arabic = _PLAIN[code]
    return Problem(
        code=code,
        message=arabic if locale == "ar" else english,
        path=list(path),
        retryable=code in _RETRYABLE,
    )
