"""A brand's endpoint is asked page by page; errors cost the items that they are about."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.doubles.graphql_app import create_app
from catalog.suppliers import (
    AddressRefused,
    Feed,
    FeedMapping,
    GraphqlAccess,
    GraphqlSupplier,
    Secret,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
    open_graphql,
    read_mapping,
)
from payouts.money import Money
from tests.catalog.suppliers.feed_doubles import TOKEN_OF_DOUBLE, FeedDouble, serving

QUERY = """query ($first: Int!, $after: String, $country: String) {
  shop { products(first: $first, after: $after, country: $country) {
    nodes { id title vendor country currency faces price available description }
    pageInfo { hasNextPage endCursor }
  } } }"""
FIELDS: dict[str, Any] = {
    "sku": "id",
    "name": "title",
    "brand": "vendor",
    "country": "country",
    "currency": "currency",
    "faces": "faces",
    "costs": "price",
    "is_active": "available",
    "details": "description",
}
IDS = [f"gid-{number:03d}" for number in range(25)]


def described(query: str = QUERY, *, of: str = "", **changes: Any) -> FeedMapping:
    fields = {name: f"{of}{path}" for name, path in FIELDS.items()}
    document = {
        "format": "json",
        "list": "data.shop.products.nodes",
        "numbers": "text",
        "query": query,
        "fields": fields,
    }
    return read_mapping({**document, **changes})


@pytest.fixture
def brand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedDouble]:
    monkeypatch.setattr("catalog.suppliers.graphql_supplier.PAGE_SIZE", 10)
    with serving(create_app, tmp_path) as double:
        yield double


def opened(brand: FeedDouble, **changes: Any) -> GraphqlSupplier:
    fields: dict[str, Any] = {
        "mapping": described(),
        "url": brand.url("graphql"),
        "token": TOKEN_OF_DOUBLE,
        "trusted_origins": brand.trusted,
    }
    return open_graphql(GraphqlAccess(**{**fields, **changes}))


@pytest.fixture
async def supplier(brand: FeedDouble) -> AsyncIterator[GraphqlSupplier]:
    made = opened(brand)
    yield made
    await made.aclose()


async def fetched(supplier: GraphqlSupplier) -> Feed:
    return supplier.read_feed(await supplier.fetch_all())


def reasons(feed: Feed) -> list[str]:
    return [f"{one.path}: {one.message}" for item in feed.refused for one in item.reasons]


async def test_all_pages_are_one_catalogue(supplier: GraphqlSupplier, brand: FeedDouble) -> None:
    feed = await fetched(supplier)
    assert [one.supplier_sku for one in feed.items] == IDS
    assert (feed.refused, feed.remarks, feed.is_complete) == ((), (), True)
    assert feed.items[3].prices == (
        (Money(5_000, "SAR"), Money(4_800, "SAR")),
        (Money(10_000, "SAR"), Money(9_600, "SAR")),
    )
    assert feed.items[3].instructions_verbose == "بطاقة هدية"
    assert [one.supplier_sku for one in feed.items if not one.is_active] == ["gid-009", "gid-019"]
    assert brand.counts() == {"query": 3}


async def test_one_country_is_asked_for_where_the_query_takes_one(
    supplier: GraphqlSupplier,
) -> None:
    feed = supplier.read_feed(await supplier.fetch_feed("AE"))
    assert [one.supplier_sku for one in feed.items] == IDS[23:]
    with pytest.raises(SupplierRefused):
        await supplier.fetch_feed("XX")


async def test_edges_are_read_like_nodes(brand: FeedDouble) -> None:
    query = QUERY.replace("nodes {", "edges { cursor node {").replace(
        "description }", "description } }"
    )
    mapping = described(query, of="node.", list="data.shop.products.edges")
    made = opened(brand, mapping=mapping)
    assert [one.supplier_sku for one in (await fetched(made)).items] == IDS
    await made.aclose()


async def test_an_error_about_an_item_refuses_that_item(
    supplier: GraphqlSupplier, brand: FeedDouble
) -> None:
    brand.fault("item_error", place="4")
    feed = await fetched(supplier)
    assert [one.supplier_sku for one in feed.items] == [*IDS[:4], *IDS[5:]]
    assert [(one.index, one.supplier_sku) for one in feed.refused] == [(4, "gid-004")]
    assert reasons(feed) == ["$: the supplier says: The price is not known now."]
    assert feed.is_complete  # it is named, and so is not taken for withdrawn


async def test_an_error_on_a_later_page_is_about_the_right_item(
    supplier: GraphqlSupplier, brand: FeedDouble
) -> None:
    brand.fault("price_change", place="0", remaining=1)
    brand.fault("item_error", place="2")
    feed = await fetched(supplier)
    assert [one.supplier_sku for one in feed.refused] == ["gid-000", "gid-012"]
    assert "absurd" in reasons(feed)[0]


async def test_a_null_item_is_refused_and_the_rest_is_kept(
    supplier: GraphqlSupplier, brand: FeedDouble
) -> None:
    brand.fault("null_item", place="1")
    feed = await fetched(supplier)
    assert [one.supplier_sku for one in feed.items] == [IDS[0], *IDS[2:]]
    assert reasons(feed) == ["$: must be an object, is missing or null"]
    assert not feed.is_complete


async def test_an_error_about_no_item_makes_the_catalogue_doubtful(
    supplier: GraphqlSupplier, brand: FeedDouble
) -> None:
    brand.fault("whole_error")
    feed = await fetched(supplier)
    assert len(feed.items) == 25
    assert [one.message for one in feed.remarks] == ["Part of the shop is closed."]
    assert not feed.is_complete


@pytest.mark.parametrize(("kind", "pages"), [("cursor_loop", 2), ("no_cursor", 1)])
async def test_pages_without_end_are_left(
    supplier: GraphqlSupplier, brand: FeedDouble, kind: str, pages: int
) -> None:
    brand.fault(kind, remaining=100)
    feed = await fetched(supplier)
    assert brand.counts() == {"query": pages}
    assert "the pages do not come to an end" in [one.message for one in feed.remarks]
    assert not feed.is_complete


async def test_a_page_of_another_size_is_taken_as_it_comes(
    supplier: GraphqlSupplier, brand: FeedDouble
) -> None:
    brand.fault("page_size_ignored", remaining=100)
    feed = await fetched(supplier)
    assert [one.supplier_sku for one in feed.items] == IDS
    assert (feed.is_complete, brand.counts()) == (True, {"query": 1})


async def test_a_cut_answer_keeps_what_came(supplier: GraphqlSupplier, brand: FeedDouble) -> None:
    brand.fault("malformed_json")
    feed = await fetched(supplier)
    assert [one.supplier_sku for one in feed.items] == IDS[: len(feed.items)]
    assert 0 < len(feed.items) < 10
    assert not feed.is_complete
    assert brand.counts() == {"query": 1}


async def test_what_is_not_there_any_more_is_not_named(
    supplier: GraphqlSupplier, brand: FeedDouble
) -> None:
    brand.fault("withdrawn_item", remaining=3)
    feed = await fetched(supplier)
    assert (IDS[0] in feed.named_skus, feed.is_complete) == (False, True)


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("error_500_before", SupplierBusy, None),
        ("error_429", SupplierBusy, None),
        ("throttled", SupplierBusy, None),
        ("no_list", SupplierRefused, "HTTP_200"),
        ("bad_request", SupplierRefused, "GRAPHQL_VALIDATION_FAILED"),
        ("redirect", SupplierRefused, "REDIRECTED"),
    ],
)
async def test_every_failure_has_its_class(
    supplier: GraphqlSupplier,
    brand: FeedDouble,
    kind: str,
    error: type[Exception],
    code: str | None,
) -> None:
    brand.fault(kind, place="http://169.254.169.254/")
    with pytest.raises(error) as caught:
        await supplier.fetch_all()
    assert getattr(caught.value, "code", None) == code
    assert brand.counts() == {"query": 1}


async def test_an_endpoint_that_does_not_answer_is_busy(
    supplier: GraphqlSupplier, brand: FeedDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.suppliers.exchange.READ_DEADLINE_SECONDS", 0.4)
    brand.fault("timeout_before")
    with pytest.raises(SupplierBusy):
        await supplier.fetch_all()


async def test_a_query_that_asks_for_another_thing_is_not_understood(brand: FeedDouble) -> None:
    made = opened(
        brand,
        mapping=described(
            "query ($first: Int!) { shop { products(first: $first) { totalCount } } }"
        ),
    )
    with pytest.raises(SupplierAnswerInvalid):
        await made.fetch_all()
    wrong = opened(brand, mapping=described("query ($first: Int!) { nothing }"))
    with pytest.raises(SupplierRefused):
        await wrong.fetch_all()
    for one in (made, wrong):
        await one.aclose()


async def test_a_wrong_token_is_not_accepted_and_is_shown_nowhere(
    brand: FeedDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    token = "wrong-4711-token"
    made = opened(brand, token=Secret(token))
    with pytest.raises(SupplierUnauthorised) as caught:
        await made.fetch_all()
    assert token not in repr(made) + repr(caught.value) + str(vars(caught.value)) + caplog.text
    await made.aclose()


async def test_an_endpoint_inside_is_not_asked(brand: FeedDouble) -> None:
    made = opened(brand, trusted_origins=frozenset())
    with pytest.raises(AddressRefused):
        await made.fetch_all()
    assert brand.counts() == {}
    await made.aclose()


async def test_nothing_is_ordered_from_a_brand(
    supplier: GraphqlSupplier, brand: FeedDouble
) -> None:
    assert supplier.capabilities == frozenset()
    with pytest.raises(SupplierRefused) as caught:
        await supplier.place_order("key", IDS[0], Money(5_000, "SAR"), 1)
    assert caught.value.code == "NOT_OFFERED"
    assert brand.counts() == {}


@pytest.mark.parametrize(
    "raw", [b'{"content":[],"faults":3,"remarks":[1]}', b'{"content":[],"faults":[{"item":"x"}]}']
)
def test_a_file_that_was_tampered_with_is_only_not_complete(raw: bytes) -> None:
    made = open_graphql(GraphqlAccess(described(), "https://brand.example.com/graphql"))
    feed = made.read_feed(raw)
    assert (feed.items, feed.is_complete) == ((), False)
