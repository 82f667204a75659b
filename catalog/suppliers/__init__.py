"""Suppliers: what they offer, and ordering from them."""

from catalog.suppliers.agree_supplier_limit import agree_supplier_limit
from catalog.suppliers.errors import (
    FeedUnreadable,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierConflict,
    SupplierInvalid,
    SupplierNotFound,
    SupplierOrderMistaken,
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
from catalog.suppliers.refreshed_credentials import TokenShelf
from catalog.suppliers.register_supplier import register_supplier
from catalog.suppliers.reloadly_feed import read_reloadly_feed
from catalog.suppliers.reloadly_supplier import ReloadlyAccess, ReloadlySupplier, open_reloadly
from catalog.suppliers.tango_feed import read_tango_feed
from catalog.suppliers.tango_supplier import TangoAccess, TangoSupplier, open_tango
from catalog.suppliers.terms import SupplierTerms
from catalog.suppliers.tremendous_feed import read_tremendous_feed
from catalog.suppliers.tremendous_supplier import (
    TremendousAccess,
    TremendousSupplier,
    open_tremendous,
)
from catalog.suppliers.xoxoday_feed import read_xoxoday_feed
from catalog.suppliers.xoxoday_supplier import XoxodayAccess, XoxodaySupplier, open_xoxoday

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
    "SupplierOrderMistaken",
    "SupplierRefused",
    "SupplierTerms",
    "SupplierUnauthorised",
    "SupplierUnknownOutcome",
    "TangoAccess",
    "TangoSupplier",
    "TokenShelf",
    "TremendousAccess",
    "TremendousSupplier",
    "XoxodayAccess",
    "XoxodaySupplier",
    "agree_supplier_limit",
    "find_supplier_by_name",
    "get_supplier",
    "get_suppliers",
    "lock_supplier",
    "not_offered",
    "open_reloadly",
    "open_tango",
    "open_tremendous",
    "open_xoxoday",
    "read_reloadly_feed",
    "read_tango_feed",
    "read_tremendous_feed",
    "read_xoxoday_feed",
    "register_supplier",
]
