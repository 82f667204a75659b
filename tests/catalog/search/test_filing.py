"""What is found is what is on sale: filed and taken out in the transaction that changes it."""

import json

import pytest

from api.database.transaction import Database
from catalog.brands import create_brand
from catalog.rewards import (
    FoundPage,
    GiftCardTerms,
    RewardDraft,
    RewardText,
    create_reward,
    file_next_rewards,
    find_rewards,
    publish_reward,
    retire_reward,
    revise_reward,
)
from catalog.search import MatchedField, MatchedHow, Reason, Wanted
from payouts.money import Money
from tests.conftest import NOW
from tests.factories.catalog import (
    RAW_FEED,
    experience,
    import_raw,
    make_reward,
    make_supplier,
    offer,
    own_card,
    statements_of,
)
from tests.factories.partners import Shop, open_shop
from tests.factories.rows import count


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


async def find(database: Database, shop: Shop, query: str = "", **wanted) -> FoundPage:
    async with database.reading(shop.network_id) as db:
        return await find_rewards(
            db, network_id=shop.network_id, wanted=Wanted(query, **wanted), limit=100
        )


async def titles(database: Database, shop: Shop, query: str) -> list[str]:
    page = await find(database, shop, query)
    return [one.reward.texts["en"].title for one in page.found]


def named(title: str) -> dict[str, RewardText]:
    return {"en": RewardText(title)}


async def test_a_reward_is_found_from_its_publication_to_its_end(
    database: Database, shop: Shop
) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        made = await make_reward(
            db, network_id=network_id, terms=own_card(), texts=named("Amber"), is_published=False
        )
    draft = await titles(database, shop, "amber")
    async with database.writing(network_id) as db:
        await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
    published = await titles(database, shop, "amber")
    async with database.writing(network_id) as db:
        await revise_reward(
            db,
            network_id=network_id,
            reward_id=made.reward_id,
            draft=RewardDraft(texts=named("Jade"), countries=("KW",), terms=own_card()),
            now=NOW,
        )
    revised = await titles(database, shop, "jade")
    async with database.writing(network_id) as db:
        await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
    again = [await titles(database, shop, query) for query in ("amber", "jade")]
    countries = (await find(database, shop, "jade")).facets["country"]
    async with database.writing(network_id) as db:
        await retire_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)

    assert (draft, published, revised) == ([], ["Amber"], [])
    assert again == [[], ["Jade"]]
    assert countries == (("KW", 1),)
    assert await titles(database, shop, "jade") == []


async def test_what_is_rolled_back_was_never_filed(database, shop, superuser) -> None:
    async def publish_and_fail() -> None:
        async with database.writing(shop.network_id) as db:
            await make_reward(db, network_id=shop.network_id, terms=own_card())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await publish_and_fail()

    assert await titles(database, shop, "desert") == []
    assert await count(superuser, "catalog.reward_search") == 0
    assert await count(superuser, "catalog.search_word") == 0


async def test_each_kind_has_its_facts(database: Database, shop: Shop) -> None:
    network_id, partner_id = shop.network_id, shop.partner.partner_id
    low, high, step = (Money.of_decimal(one, "SAR") for one in ("500.00", "900.00", "1.00"))
    async with database.writing(network_id) as db:
        for terms in (
            own_card("1000.00", "99.99"),
            GiftCardTerms.of_own_range(low, high, step),
            experience("250.00"),
            offer(partner_id),
        ):
            await make_reward(db, network_id=network_id, terms=terms, partner_id=partner_id)
    facets = (await find(database, shop)).facets

    assert facets["kind"] == (("gift_card", 2), ("experience", 1), ("offer", 1))
    assert facets["delivery"] == (("card", 2), ("activation", 1), ("booking", 1))
    assert facets["price_band"] == (("from_250", 1), ("from_50", 1), ("from_500", 1))


async def test_each_reward_says_why_it_was_found(database: Database, shop: Shop) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        brand = await create_brand(
            db, network_id=network_id, slug="lantern", name={"en": "Lantern"}, now=NOW
        )
        draft = RewardDraft(
            texts={"en": RewardText("Coffee card"), "ar": RewardText("بطاقة القهوة")},
            countries=("SA",),
            terms=own_card(),
            category="Drinks",
        )
        made = await create_reward(
            db, network_id=network_id, draft=draft, brand_id=brand.brand_id, now=NOW
        )
        await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
    reasons = {}
    for query in ("lantern قهوه drin", "لانترن بطاقة", "lantren القهوة coffee"):
        (one,) = (await find(database, shop, query)).found
        reasons[query] = one.reasons, one.place.score
    title, named_brand, category = MatchedField.TITLE, MatchedField.BRAND, MatchedField.CATEGORY

    assert reasons == {
        "lantern قهوه drin": (
            (
                Reason("lantern", named_brand, MatchedHow.EXACT),
                Reason("قهوه", title, MatchedHow.NORMALISED),
                Reason("drin", category, MatchedHow.PREFIX),
            ),
            350,
        ),
        "لانترن بطاقة": (
            (
                Reason("لانترن", named_brand, MatchedHow.TRANSLITERATED),
                Reason("بطاقة", title, MatchedHow.EXACT),
            ),
            200,
        ),
        "lantren القهوة coffee": (
            (
                Reason("lantren", named_brand, MatchedHow.TYPO),
                Reason("القهوة", title, MatchedHow.EXACT),
                Reason("coffee", title, MatchedHow.EXACT),
            ),
            100,
        ),
    }


async def test_a_reward_is_found_in_every_language_it_has(database: Database, shop: Shop) -> None:
    texts = {
        "pt-BR": RewardText("Pão de queijo"),
        "ur": RewardText("تازہ روٹی"),
        "ar-SA": RewardText("خبز بالجبن"),
        "el": RewardText("Τυρόψωμο"),
    }
    async with database.writing(shop.network_id) as db:
        made = await make_reward(db, network_id=shop.network_id, terms=own_card(), texts=texts)
    found = {
        query: [one.reward.reward_id for one in (await find(database, shop, query)).found]
        for query in ("pao", "PÃO QUEIJO", "تازه", "الجبن", "τυροψωμο", "bread")
    }

    assert found.pop("bread") == []
    assert all(ids == [made.reward_id] for ids in found.values()), found


async def listed(superuser) -> set:
    rows = await superuser.exec_driver_sql(
        "SELECT m.reward_id, array_agg(m.country::text ORDER BY m.country) FROM"
        " catalog.reward_market m GROUP BY 1"
    )
    return {(row[0], tuple(row[1])) for row in rows}


async def filed(superuser) -> set:
    rows = await superuser.exec_driver_sql(
        "SELECT reward_id, countries::text[] FROM catalog.reward_search"
    )
    return {(row[0], tuple(row[1])) for row in rows}


async def test_an_import_files_what_it_puts_on_sale_and_no_more(
    database: Database, shop: Shop, superuser
) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        supplier = await make_supplier(db, network_id=network_id)
        await import_raw(db, network_id=network_id, supplier_id=supplier.supplier_id)
    first = await listed(superuser)
    assert len(first) > 5
    assert await filed(superuser) == first
    async with database.writing(network_id) as db:
        await import_raw(
            db, network_id=network_id, supplier_id=supplier.supplier_id, markets=("QA",)
        )
    assert await filed(superuser) == await listed(superuser)
    wider = await listed(superuser)
    fewer = [item for item in json.loads(RAW_FEED)["content"] if item["productId"] != 9002]
    async with database.writing(network_id) as db:
        report = await import_raw(
            db,
            network_id=network_id,
            supplier_id=supplier.supplier_id,
            raw=json.dumps(fewer).encode(),
            markets=("QA",),
        )
    withdrawn = await listed(superuser)

    assert wider != first
    assert (report.withdrawn, report.changed) == (1, 0)
    assert len(withdrawn) == len(wider) - 1
    assert await filed(superuser) == withdrawn


async def test_what_was_on_sale_before_is_filed_in_batches(
    database: Database, shop: Shop, superuser
) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        for number in range(3):
            await make_reward(db, network_id=network_id, terms=own_card(), rank=number)
        await make_reward(db, network_id=network_id, terms=own_card(), is_published=False)
    before = await filed(superuser)
    await superuser.exec_driver_sql("DELETE FROM catalog.reward_search")
    async with database.writing(network_id) as db:
        with statements_of(database) as seen:
            done = await file_next_rewards(db, network_id=network_id, now=NOW)
        rest = await file_next_rewards(db, network_id=network_id, after=done[-1], now=NOW)

    assert (len(done), rest) == (3, [])
    assert len(before) == 3
    assert await filed(superuser) == before
    assert len(seen) <= 8


async def test_a_brand_that_a_supplier_renames_is_found_by_its_new_name(
    database: Database, shop: Shop
) -> None:
    """Even by rewards of it that the file leaves as they were."""
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        supplier = await make_supplier(db, network_id=network_id)
        await import_raw(db, network_id=network_id, supplier_id=supplier.supplier_id)
    before = {one.reward.reward_id for one in (await find(database, shop, "harbour lane")).found}
    one_renamed = RAW_FEED.replace(b'"brandName": "Harbour Lane"', b'"brandName": "Zephyrine"', 1)
    async with database.writing(network_id) as db:
        report = await import_raw(
            db, network_id=network_id, supplier_id=supplier.supplier_id, raw=one_renamed
        )
    page = await find(database, shop, "zephyrine")

    assert len(before) == 2
    assert (report.added, report.changed) == (0, 1)
    assert {one.reward.reward_id for one in page.found} == before
    assert {one.reasons[0].field for one in page.found} == {MatchedField.BRAND}
