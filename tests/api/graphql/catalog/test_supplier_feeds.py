"""An operator uploads the file of a described feed and reads what became of each item."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.suppliers import register_supplier, save_feed_source
from tests.api.graphql.catalog.redeeming import Redeeming, start_redeeming
from tests.catalog.pools.conftest import DESCRIPTION, Pool, open_pool
from tests.conftest import NOW

SHOWN = """supplier { lastImport { isComplete added changed withdrawn unchanged refused startedBy
  refusals(first: 10) { edges { node { item supplierSku reasons } } } } }"""
# A title in Arabic, numbers in Arabic digits; one with an exponent, and one that changes brands.
CONTENT = "Code,Title,Brand,Value\r\nA,بطاقة,Jarir,٥٠\r\nB,Card,Jarir,1e2\r\nJ-50,New,Other,50\r\n"


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


async def on_sale(superuser: AsyncConnection) -> list[str]:
    rows = await superuser.execute(
        text("SELECT supplier_sku FROM catalog.reward WHERE state = 'active' ORDER BY supplier_sku")
    )
    return list(rows.scalars())


async def test_a_file_is_put_on_sale_once_and_tells_what_it_refused(
    world: Redeeming, superuser: AsyncConnection
) -> None:
    pool: Pool = await open_pool(world.souq)
    given = {
        "idempotencyKey": "one",
        "supplierId": world.id("Supplier", pool.supplier_id),
        "content": CONTENT,
    }
    first = await world.staff().mutate("importSupplierFeed", given, SHOWN)
    again = await world.staff().mutate("importSupplierFeed", given, SHOWN)
    assert (first["problems"], first["replayed"], again["replayed"]) == ([], False, True)
    assert first["supplier"] == again["supplier"]
    told = first["supplier"]["lastImport"]
    assert told.pop("startedBy").startswith("staff:")
    told["refusals"] = [one["node"] for one in told["refusals"]["edges"]]
    assert told == {
        "isComplete": True,
        "added": 1,
        "changed": 0,
        "withdrawn": 0,
        "unchanged": 0,
        "refused": 2,
        "refusals": [
            {
                "item": 1,
                "supplierSku": "B",
                "reasons": ["Value: is written with an exponent, is '1e2'"],
            },
            {
                "item": 4,
                "supplierSku": "J-50",
                "reasons": ["brand: is not the brand that this sku was of before"],
            },
        ],
    }
    assert await on_sale(superuser) == ["A", "J-50"]
    imports = await superuser.execute(text("SELECT count(*) FROM catalog.catalogue_import"))
    assert imports.scalar_one() == 2


async def test_what_cannot_be_read_and_who_may_not_change_nothing(
    world: Redeeming, superuser: AsyncConnection
) -> None:
    pool: Pool = await open_pool(world.souq)
    async with world.souq.database.writing(world.souq.network_id) as db:
        other = await register_supplier(
            db, network_id=world.souq.network_id, name="undescribed", now=NOW
        )
    supplier_id = world.id("Supplier", pool.supplier_id)

    async def tried(caller: Any = None, **changes: Any) -> list[str]:
        given = {"supplierId": supplier_id, "content": CONTENT, **changes}
        return codes(
            await (caller or world.staff()).mutate("importSupplierFeed", given, "supplier { id }")
        )

    assert await tried(content="no columns\r\n") == ["DOCUMENT_REFUSED"]
    assert await tried(content="") == ["INVALID_INPUT"]
    assert await tried(content="x" * 200_001) == ["INVALID_INPUT"]
    assert await tried(supplierId=world.id("Supplier", other.supplier_id)) == ["NOT_FOUND"]
    assert await tried(supplierId=world.id("Supplier", pool.reward_id)) == ["NOT_FOUND"]
    for caller in (world.member, world.merchant, world.staff("auditor")):
        assert await tried(caller) == ["FORBIDDEN"]
    assert await on_sale(superuser) == ["J-50"]
    imports = await superuser.execute(text("SELECT count(*) FROM catalog.catalogue_import"))
    assert imports.scalar_one() == 1


async def test_a_feed_that_names_its_languages_is_read_in_each_of_them(world: Redeeming) -> None:
    pool: Pool = await open_pool(world.souq)
    fields = {**DESCRIPTION["fields"], "name:fr": "Titre", "name:zh_hant": "名稱"}
    async with world.souq.database.writing(world.souq.network_id) as db:
        await save_feed_source(
            db,
            network_id=world.souq.network_id,
            supplier_id=pool.supplier_id,
            description={**DESCRIPTION, "language": "de", "fields": fields},
            actor="staff:operator",
            now=NOW,
        )
    content = "Code,Title,Titre,名稱,Brand,Value\r\nA,Buchkarte,Carte livres,書卡,Jarir,50\r\n"
    given = {"supplierId": world.id("Supplier", pool.supplier_id), "content": content}
    done = await world.staff().mutate("importSupplierFeed", given, SHOWN)
    found = await world.member.data(
        '{ searchRewards(query: "書卡", first: 5) { edges { node { title(locale: "fr-CH")'
        " texts { locale title } } } } }"
    )

    assert (done["problems"], done["supplier"]["lastImport"]["added"]) == ([], 1)
    assert [one["node"] for one in found["searchRewards"]["edges"]] == [
        {
            "title": "Carte livres",
            "texts": [
                {"locale": "de", "title": "Buchkarte"},
                {"locale": "fr", "title": "Carte livres"},
                {"locale": "zh-Hant", "title": "書卡"},
            ],
        }
    ]
