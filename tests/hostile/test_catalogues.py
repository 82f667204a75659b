"""Suppliers' files that nobody should send: each item is refused for its reason, the rest is sold."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api.database.transaction import Database
from catalog.rewards import ImportReport, list_import_refusals, list_imports
from catalog.suppliers import SupplierTerms
from tests.conftest import NOW
from tests.factories.catalog import RAW_FEED, import_raw, make_supplier
from tests.factories.partners import make_network

LATER = NOW + timedelta(days=1)
Item = dict[str, Any]

# What becomes of the second item, and the only reason for which it is refused.
ITEMS: dict[str, tuple[Item, str]] = {
    "a price of binary fractions": (
        {"senderFee": 0.1 + 0.2},
        "senderFee: 0.30000000000000004 has more digits than SAR has (2)",
    ),
    "a price as text": (
        {"senderFee": "3.75"},
        "senderFee: must be a number, is '3.75'",
    ),
    "a price in Arabic digits": (
        {"senderFee": "٣٫٧٥"},
        r"senderFee: must be a number, is '\u0663\u066b\u0667\u0665'",
    ),
    "a negative discount": (
        {"discountPercentage": -2.25},
        "discountPercentage: must be from 0 to 100, is -2.25",
    ),
    "an unknown currency": (
        {"senderCurrencyCode": "XYZ"},
        "senderCurrencyCode: must be a known currency, is 'XYZ'",
    ),
    "an unknown country": (
        {"country": {"isoName": "QQ"}},
        "country.isoName: must be a known country, is 'QQ'",
    ),
    "a control character": (
        {"productName": "Harbour\x07 Lane"},
        "productName: has a control or text direction character (U+0007)",
    ),
    "a long description": (
        {"redeemInstruction": {"concise": "x" * 1_000_000}},
        "redeemInstruction.concise: is 100000 characters long, at most 20000 are taken",
    ),
    "an item that changes its currency": (
        {
            "recipientCurrencyCode": "EUR",
            "fixedRecipientDenominations": [5, 10, 50],
            "fixedSenderDenominations": [20, 40, 200],
            "fixedRecipientToSenderDenominationsMap": None,
        },
        "currency: is EUR, this sku was in USD before",
    ),
    "a number that is given to another brand": (
        {"brand": {"brandId": 999, "brandName": "Somebody else"}},
        "brand: is not the brand that this sku was of before",
    ),
}


@pytest.fixture
async def supplier(database: Database) -> SupplierTerms:
    await make_network(database)
    async with database.writing(1) as db:
        supplier = await make_supplier(db, network_id=1)
        await import_raw(db, network_id=1, supplier_id=supplier.supplier_id)
    return supplier


async def sent(database, supplier, raw: bytes) -> tuple[ImportReport, list[tuple[Any, list[str]]]]:
    """Import a file; tell the report and every refusal, by sku."""
    async with database.writing(1) as db:
        report = await import_raw(
            db, network_id=1, supplier_id=supplier.supplier_id, raw=raw, now=LATER
        )
        [last] = await list_imports(db, network_id=1, limit=1)
        refused = await list_import_refusals(
            db, network_id=1, catalogue_import_id=last.catalogue_import_id
        )
    return report, [(one.supplier_sku, list(one.reasons)) for one in refused]


def changed(edit: Callable[[list[Item]], object]) -> bytes:
    """The fixture with one more change beside: the first item is renamed."""
    items = json.loads(RAW_FEED)["content"]
    items[0]["productName"] = "Harbour Lane 20 anew"
    edit(items)
    return json.dumps(items).encode()


async def versions(superuser) -> dict[str, int]:
    """The versions that are on sale."""
    rows = await superuser.execute(
        text("SELECT supplier_sku, current_version FROM catalog.reward WHERE state = 'active'")
    )
    return {row.supplier_sku: row.current_version for row in rows}


@pytest.mark.parametrize("name", ITEMS)
async def test_a_bad_item_is_refused_and_the_rest_is_sold(
    database, superuser, supplier, name: str
) -> None:
    change, reason = ITEMS[name]
    before = await versions(superuser)
    report, refused = await sent(database, supplier, changed(lambda items: items[1].update(change)))

    assert refused == [("9002", [reason])]
    assert report == ImportReport(changed=1, unchanged=8, refused=1)
    assert await versions(superuser) == before | {"9001": 2}


async def test_a_number_given_twice_counts_once(database, superuser, supplier) -> None:
    before = await versions(superuser)
    raw = changed(lambda items: items.append(items[1] | {"productName": "Again"}))
    report, refused = await sent(database, supplier, raw)

    assert refused == [
        (
            "9002",
            [
                "productId: is the same as that of item 1",
                "$: differs from item 1 in productName",
            ],
        )
    ]
    assert report == ImportReport(changed=1, unchanged=9, refused=1)
    assert await versions(superuser) == before | {"9001": 2}


async def test_a_file_cut_in_half_sells_its_half_and_withdraws_nothing(
    database, superuser, supplier
) -> None:
    before = await versions(superuser)
    raw = changed(lambda _: None)
    report, refused = await sent(database, supplier, raw[: len(raw) // 2])

    [(sku, [reason])] = refused
    assert sku is None
    assert reason.startswith("$: the rest of the list cannot be read: broken JSON (character ")
    assert (report.changed, report.withdrawn, report.refused) == (1, 0, 1)
    assert await versions(superuser) == before | {"9001": 2}


async def test_bytes_of_another_encoding_cost_their_item_alone(
    database, superuser, supplier
) -> None:
    before = await versions(superuser)
    raw = changed(lambda items: items[1].update({"productName": "CAFE"}))
    report, refused = await sent(database, supplier, raw.replace(b"CAFE", b"caf\xe9"))

    assert refused == [
        ("9002", ["productName: has a control or text direction character (U+DCE9)"])
    ]
    assert report == ImportReport(changed=1, unchanged=8, refused=1)
    assert await versions(superuser) == before | {"9001": 2}


async def test_a_file_that_withdraws_everything_withdraws_nothing(
    database, superuser, supplier
) -> None:
    before = await versions(superuser)
    raw = changed(lambda items: [one.update({"status": "INACTIVE"}) for one in items])
    report, refused = await sent(database, supplier, raw)

    assert (report, refused) == (ImportReport(unchanged=10, withheld=9), [])
    assert await versions(superuser) == before
