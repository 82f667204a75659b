"""Margins: versions that are only added, and the narrowest that decides."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.brands import BrandNotFound, create_brand
from catalog.margins import (
    Margin,
    MarginInvalid,
    MarginScope,
    deciding_margin,
    list_margins,
    list_margins_in_force,
    publish_margin,
    read_margins,
    subjects_of,
)
from catalog.suppliers import SupplierNotFound
from tests.conftest import NOW
from tests.factories.catalog import make_supplier
from tests.factories.partners import Shop, open_shop


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


async def publish(database: Database, shop: Shop, margin_bps: int, **of: object) -> Margin:
    async with database.writing(shop.network_id) as db:
        return await publish_margin(
            db,
            network_id=shop.network_id,
            margin_bps=margin_bps,
            actor="staff:operator-1",
            now=NOW,
            **of,  # type: ignore[arg-type]
        )


async def test_the_narrowest_margin_decides_and_its_newest_version(database, shop) -> None:
    async with database.writing(shop.network_id) as db:
        supplier = await make_supplier(db, network_id=shop.network_id)
        brand = await create_brand(
            db, network_id=shop.network_id, slug="noon", name={"en": "Noon"}, now=NOW
        )
    of_all = await publish(database, shop, 100)
    of_supplier = await publish(database, shop, 200, supplier_id=supplier.supplier_id)
    of_category = await publish(database, shop, 300, category="games")
    first = await publish(database, shop, 400, brand_id=brand.brand_id)
    second = await publish(database, shop, -50, brand_id=brand.brand_id)
    assert (first.version, second.version, of_all.version) == (1, 2, 1)
    known = {"category": "games", "supplier_id": supplier.supplier_id}
    cases = [
        ({"brand_id": brand.brand_id, **known}, second),
        ({"brand_id": uuid4(), **known}, of_category),
        ({"brand_id": None, **known, "category": "food"}, of_supplier),
        ({"brand_id": None, "category": None, "supplier_id": uuid4()}, of_all),
    ]
    async with database.reading(shop.network_id) as db:
        for reward, expected in cases:
            subjects = subjects_of(**reward)  # type: ignore[arg-type]
            found = await list_margins(db, network_id=shop.network_id, subjects=subjects)
            assert deciding_margin(found, subjects) == expected
        earlier = await read_margins(
            db, network_id=shop.network_id, margin_ids=[first.margin_id, second.margin_id]
        )
        in_force = await list_margins_in_force(db, network_id=shop.network_id)
    assert earlier == {first.margin_id: first, second.margin_id: second}
    assert [(one.scope, one.margin_bps) for one in in_force] == [
        (MarginScope.BRAND, -50),
        (MarginScope.CATEGORY, 300),
        (MarginScope.NETWORK, 100),
        (MarginScope.SUPPLIER, 200),
    ]


async def test_no_margin_decides_where_there_is_none(database, shop) -> None:
    await publish(database, shop, 300, category="games")
    subjects = subjects_of(brand_id=None, category=None, supplier_id=uuid4())
    async with database.reading(shop.network_id) as db:
        found = await list_margins(db, network_id=shop.network_id, subjects=subjects)
        assert (found, deciding_margin(found, subjects)) == ({}, None)
        assert await list_margins(db, network_id=shop.network_id, subjects=[]) == {}


async def test_what_cannot_be_a_margin_is_refused_and_not_kept(
    database: Database, shop: Shop, superuser: AsyncConnection
) -> None:
    for bps in (-5_001, 10_001):
        with pytest.raises(MarginInvalid):
            await publish(database, shop, bps)
    for of in ({"category": ""}, {"category": "x" * 201}, {"category": "a", "brand_id": uuid4()}):
        with pytest.raises(MarginInvalid):
            await publish(database, shop, 1, **of)
    with pytest.raises(SupplierNotFound):
        await publish(database, shop, 1, supplier_id=uuid4())
    with pytest.raises(BrandNotFound):
        await publish(database, shop, 1, brand_id=uuid4())
    count = await superuser.execute(text("SELECT count(*) FROM catalog.margin"))
    assert count.scalar_one() == 0


async def test_another_network_has_margins_of_its_own(database: Database, shop: Shop) -> None:
    other = await open_shop(database, slug="other")
    await publish(database, shop, 300)
    async with database.reading(other.network_id) as db:
        assert await list_margins_in_force(db, network_id=other.network_id) == []
