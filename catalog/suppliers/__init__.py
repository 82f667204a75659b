"""Suppliers: what they offer, and ordering from them."""

from catalog.suppliers.errors import (
    FeedUnreadable,
    SupplierAnswerInvalid,
    SupplierBusy,
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
from catalog.suppliers.port import OrderState, Supplier, SupplierCode, SupplierOrder
from catalog.suppliers.reloadly_feed import read_reloadly_feed
from catalog.suppliers.reloadly_http import ReloadlyAccess
from catalog.suppliers.reloadly_supplier import ReloadlySupplier, open_reloadly

__all__ = [
    "Denomination",
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
    "SupplierOrder",
    "SupplierRefused",
    "SupplierUnauthorised",
    "SupplierUnknownOutcome",
    "open_reloadly",
    "read_reloadly_feed",
]
