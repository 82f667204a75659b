"""Purchases: what members bought at partners, and what came back."""

from partners.purchases.end_debt import end_debt
from partners.purchases.errors import (
    AmountNotPositive,
    CurrencyNotAgreed,
    InvalidCategory,
    InvalidExternalId,
    PurchaseBeforeAgreement,
    PurchaseConflict,
    PurchaseInFuture,
    PurchaseNotFound,
    ReturnConflict,
    ReturnExceedsPurchase,
    SomeNotPosted,
)
from partners.purchases.known_terms import KnownTerms
from partners.purchases.model import (
    CLOCK_TOLERANCE,
    Purchase,
    PurchaseReturn,
    Recorded,
    Report,
    check_report,
)
from partners.purchases.queries import (
    find_purchase,
    get_purchase,
    list_members_in_debt,
    list_open_debts,
    list_purchases,
    read_purchases,
    read_returns,
    read_returns_of_purchases,
    total_purchases,
)
from partners.purchases.record_purchase import record_purchase
from partners.purchases.record_purchases import record_purchases
from partners.purchases.record_return import record_return

__all__ = [
    "CLOCK_TOLERANCE",
    "AmountNotPositive",
    "CurrencyNotAgreed",
    "InvalidCategory",
    "InvalidExternalId",
    "KnownTerms",
    "Purchase",
    "PurchaseBeforeAgreement",
    "PurchaseConflict",
    "PurchaseInFuture",
    "PurchaseNotFound",
    "PurchaseReturn",
    "Recorded",
    "Report",
    "ReturnConflict",
    "ReturnExceedsPurchase",
    "SomeNotPosted",
    "check_report",
    "end_debt",
    "find_purchase",
    "get_purchase",
    "list_members_in_debt",
    "list_open_debts",
    "list_purchases",
    "read_purchases",
    "read_returns",
    "read_returns_of_purchases",
    "record_purchase",
    "record_purchases",
    "record_return",
    "total_purchases",
]
