"""Suppliers: what they offer, and ordering from them."""

from catalog.suppliers.agree_supplier_limit import agree_supplier_limit
from catalog.suppliers.errors import (
    FeedUnreadable,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierConflict,
    SupplierInvalid,
    SupplierNotFound,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from catalog.suppliers.model import (
    Denomination,
    FaceRange,
    Feed,
    FeedItem,
    Reason,
    RefusedItem,
    Secret,
    Translation,
)
from catalog.suppliers.port import (
    Capability,
    EventSubject,
    OrderState,
    Supplier,
    SupplierCode,
    SupplierEvent,
    SupplierOrder,
    not_offered,
)
from catalog.suppliers.queries import (
    find_supplier_by_name,
    get_supplier,
    get_suppliers,
    lock_supplier,
)
from catalog.suppliers.register_supplier import register_supplier
from catalog.suppliers.reloadly_feed import read_reloadly_feed
from catalog.suppliers.reloadly_supplier import ReloadlyAccess, ReloadlySupplier, open_reloadly
from catalog.suppliers.terms import SupplierTerms

__all__ = [
    "Capability",
    "Denomination",
    "EventSubject",
    "FaceRange",
    "Feed",
    "FeedItem",
    "FeedUnreadable",
    "OrderState",
    "Reason",
    "RefusedItem",
    "ReloadlyAccess",
    "ReloadlySupplier",
    "Secret",
    "Supplier",
    "SupplierAnswerInvalid",
    "SupplierBusy",
    "SupplierCode",
    "SupplierConflict",
    "SupplierEvent",
    "SupplierInvalid",
    "SupplierNotFound",
    "SupplierOrder",
    "SupplierRefused",
    "SupplierTerms",
    "SupplierUnauthorised",
    "SupplierUnknownOutcome",
    "Translation",
    "agree_supplier_limit",
    "find_supplier_by_name",
    "get_supplier",
    "get_suppliers",
    "lock_supplier",
    "not_offered",
    "open_reloadly",
    "read_reloadly_feed",
    "register_supplier",
]
