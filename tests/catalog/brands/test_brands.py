"""Brands are named once in a network, and in several languages."""

import pytest

from api.database.transaction import Database
from catalog.brands import (
    BrandInvalid,
    BrandNotFound,
    BrandSlugTaken,
    adopt_brands,
    create_brand,
    get_brand,
    get_brands,
    list_brands,
)
from partners.agreements import PartnerNotFound
from payouts.money import new_id
from tests.conftest import NOW

NETWORK = 7


async def make_brand(db, slug="nakheel", **given):
    name = given.pop("name", {"en": "Nakheel", "ar": "نخيل"})
    return await create_brand(db, network_id=NETWORK, slug=slug, name=name, now=NOW, **given)


async def test_a_brand_is_read_back_and_listed_by_slug(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        made = [await make_brand(db, slug) for slug in ("c", "a", "d", "b")]
        by_slug = sorted(made, key=lambda one: one.slug)

        assert await get_brand(db, network_id=NETWORK, brand_id=made[0].brand_id) == made[0]
        assert await list_brands(db, network_id=NETWORK, limit=3) == (by_slug[:3], True)
        assert await list_brands(db, network_id=NETWORK, limit=3, after="c") == (by_slug[3:], False)
        back = await list_brands(db, network_id=NETWORK, limit=2, before="d", backward=True)
        assert back == (by_slug[1:3], True)


async def test_a_slug_is_taken_once_and_a_bad_brand_not_at_all(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await make_brand(db)
        with pytest.raises(BrandSlugTaken):
            await make_brand(db, name={"en": "Another"})
        for bad in ({"slug": "Nakheel"}, {"slug": ""}, {"logo_url": "http://example.com/a.png"}):
            with pytest.raises(BrandInvalid):
                await make_brand(db, **{"slug": "other", **bad})
        with pytest.raises(PartnerNotFound):
            await make_brand(db, "other", partner_id=new_id(NOW))
        assert len((await list_brands(db, network_id=NETWORK, limit=10))[0]) == 1


async def test_another_networks_brand_is_not_there(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        made = await make_brand(db)
    async with database.reading(8) as db:
        with pytest.raises(BrandNotFound):
            await get_brand(db, network_id=8, brand_id=made.brand_id)
        assert await get_brands(db, network_id=NETWORK, brand_ids=[made.brand_id]) == {}


async def test_adopting_keeps_the_names_that_no_supplier_gave(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        made = await make_brand(db)
        adopted = await adopt_brands(
            db,
            network_id=NETWORK,
            names={"nakheel": "Nakheel Markets", "lantern": "Lantern"},
            logo_urls={"lantern": "https://example.com/l.png"},
            now=NOW,
        )
        ids = [one.brand_id for one in adopted.by_slug.values()]
        brands = await get_brands(db, network_id=NETWORK, brand_ids=ids)

    assert adopted.by_slug["nakheel"].brand_id == made.brand_id
    assert brands[made.brand_id].name == {"en": "Nakheel Markets", "ar": "نخيل"}
    assert adopted.by_slug["lantern"].logo_url == "https://example.com/l.png"
    assert {one.brand_id: one for one in adopted.by_slug.values()} == brands
    assert adopted.renamed == {made.brand_id}
