"""The suppliers that are described rather than ordered from, as subjects of conformance."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from api.conformance import Subject
from api.doubles.feed_store import TOKEN
from api.settings import SupplierSettings
from catalog.suppliers import (
    FeedAccess,
    GraphqlAccess,
    Secret,
    Supplier,
    open_feed,
    open_graphql,
    origin_of,
    read_mapping,
)

FEED = read_mapping(
    {
        "format": "csv",
        "fields": {
            "sku": "sku",
            "name": "name",
            "brand": "brand",
            "country": {"constant": "SA"},
            "currency": {"constant": "SAR"},
            "faces": "value",
            "costs": "price",
        },
    }
)
"""How the file of the double of feeds is read."""
GRAPHQL = read_mapping(
    {
        "format": "json",
        "list": "data.shop.products.nodes",
        "numbers": "text",
        "query": "query ($first: Int!, $after: String, $country: String) {"
        " shop { products(first: $first, after: $after, country: $country) {"
        " nodes { id title vendor country currency faces price available description }"
        " pageInfo { hasNextPage endCursor } } } }",
        "fields": {
            "sku": "id",
            "name": "title",
            "brand": "vendor",
            "country": "country",
            "currency": "currency",
            "faces": "faces",
            "costs": "price",
            "is_active": "available",
            "details": "description",
        },
    }
)
"""What the double of a brand's endpoint is asked, and how its answer is read."""
Open = Callable[[SupplierSettings], Supplier]
_FAULTS = ("timeout_before", "error_500_before", "error_429")


def _open_feed(account: SupplierSettings) -> Supplier:
    return open_feed(FeedAccess(FEED, **_reached(account, "feed.csv")))


def _open_graphql(account: SupplierSettings) -> Supplier:
    return open_graphql(GraphqlAccess(GRAPHQL, **_reached(account, "graphql")))


def _reached(account: SupplierSettings, name: str) -> dict[str, Any]:
    """Tell where and how a double is reached; its own origin is trusted, as it is not public."""
    assert account.api_base is not None, "a double has an address"
    return {
        "url": f"{account.api_base}/{name}",
        "token": Secret(account.client_secret),
        "trusted_origins": frozenset({origin_of(account.api_base)}),
    }


def _subject(name: str, open_: Open, faults: Sequence[str], url: str) -> Subject:
    description = {
        "capabilities": [],
        "controls": ["credentials"],
        "faults": {"feed": list(faults)},
    }
    account = SupplierSettings("", TOKEN, url, url)
    return Subject(name, open_, account, url, description)


DESCRIBED: Mapping[str, Callable[[str], Subject]] = {
    "feed": partial(_subject, "feed", _open_feed, _FAULTS),
    "graphql": partial(_subject, "graphql", _open_graphql, (*_FAULTS, "malformed_json")),
}
"""What is tried, given where its double listens; their doubles do not describe themselves."""
