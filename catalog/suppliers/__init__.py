"""Suppliers: what they offer, and ordering from them."""

from catalog.suppliers.agree_supplier_limit import agree_supplier_limit
from catalog.suppliers.errors import (
    AddressRefused,
    FeedSourceNotFound,
    FeedUnreadable,
    MappingInvalid,
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
from catalog.suppliers.feed_mapping import FeedFormat, FeedMapping, read_mapping
from catalog.suppliers.feed_source import (
    PULL_KIND,
    FeedPull,
    FeedSource,
    PullOutcome,
    SourceKind,
)
from catalog.suppliers.feed_supplier import FeedAccess, FeedSupplier, FetchedFile, open_feed
from catalog.suppliers.graphql_supplier import GraphqlAccess, GraphqlSupplier, open_graphql
from catalog.suppliers.mapped_feed import read_mapped_feed
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
    ItemAvailability,
    OrderState,
    Supplier,
    SupplierCode,
    SupplierEvent,
    SupplierOrder,
    not_offered,
)
from catalog.suppliers.public_address import (
    check_public_addresses,
    check_public_url,
    host_of,
    origin_of,
)
from catalog.suppliers.public_transport import PublicTransport, open_public_client
from catalog.suppliers.queries import (
    find_feed_pull,
    find_feed_source,
    find_supplier_by_name,
    get_supplier,
    get_suppliers,
    is_pooled,
    list_ordered_from,
    lock_free_supplier,
    lock_supplier,
)
from catalog.suppliers.record_pull import record_pull
from catalog.suppliers.refreshed_credentials import TokenShelf
from catalog.suppliers.register_supplier import register_supplier
from catalog.suppliers.reloadly_feed import read_reloadly_feed
from catalog.suppliers.reloadly_supplier import ReloadlyAccess, ReloadlySupplier, open_reloadly
from catalog.suppliers.save_feed_source import save_feed_source
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
    "PULL_KIND",
    "AddressRefused",
    "Capability",
    "Denomination",
    "EventSubject",
    "FaceRange",
    "Feed",
    "FeedAccess",
    "FeedFormat",
    "FeedItem",
    "FeedMapping",
    "FeedPull",
    "FeedSource",
    "FeedSourceNotFound",
    "FeedSupplier",
    "FeedUnreadable",
    "FetchedFile",
    "GraphqlAccess",
    "GraphqlSupplier",
    "ItemAvailability",
    "MappingInvalid",
    "OrderState",
    "PublicTransport",
    "PullOutcome",
    "Reason",
    "RefusedItem",
    "ReloadlyAccess",
    "ReloadlySupplier",
    "Secret",
    "SourceKind",
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
    "Translation",
    "TremendousAccess",
    "TremendousSupplier",
    "XoxodayAccess",
    "XoxodaySupplier",
    "agree_supplier_limit",
    "check_public_addresses",
    "check_public_url",
    "find_feed_pull",
    "find_feed_source",
    "find_supplier_by_name",
    "get_supplier",
    "get_suppliers",
    "host_of",
    "is_pooled",
    "list_ordered_from",
    "lock_free_supplier",
    "lock_supplier",
    "not_offered",
    "open_feed",
    "open_graphql",
    "open_public_client",
    "open_reloadly",
    "open_tango",
    "open_tremendous",
    "open_xoxoday",
    "origin_of",
    "read_mapped_feed",
    "read_mapping",
    "read_reloadly_feed",
    "read_tango_feed",
    "read_tremendous_feed",
    "read_xoxoday_feed",
    "record_pull",
    "register_supplier",
    "save_feed_source",
]
