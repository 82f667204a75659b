"""A supplier's catalogue is taken over item by item, and nothing is withdrawn on doubt."""

import asyncio
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from api.database.transaction import Database
from catalog.rewards import (
    ImportReport,
    RewardState,
    find_last_import,
    get_reward,
    import_items,
    list_import_refusals,
    list_rewards,
    list_sources,
    read_instructions,
    retire_reward,
)
from catalog.suppliers import SupplierNotFound, SupplierTerms, Translation, read_reloadly_feed
from payouts.money import Money, new_id
from tests.conftest import NOW
from tests.factories.catalog import RAW_FEED, import_raw, make_supplier, sar, statements_of
from tests.factories.partners import make_network

LATER = NOW + timedelta(days=1)


@pytest.fixture
async def supplier(database: Database) -> SupplierTerms:
    network = await make_network(database)
    assert network.network_id == 1
    async with database.writing(1) as db:
        return await make_supplier(db, network_id=1)


async def imported(database, supplier, raw=RAW_FEED, **given) -> ImportReport:
    async with database.writing(1) as db:
        return await import_raw(
            db, network_id=1, supplier_id=supplier.supplier_id, raw=raw, **given
        )


async def on_sale(database, country="SA"):
    async with database.reading(1) as db:
        page = await list_rewards(db, network_id=1, country=country, limit=100)
    return {one.supplier.sku: one for one in page.rewards}


def edited(change) -> bytes:
    items = json.loads(RAW_FEED)
    content = items["content"] if isinstance(items, dict) else items
    content = change({str(item["productId"]): item for item in content})
    return json.dumps(list(content.values())).encode()


async def counts(superuser) -> dict[str, int]:
    tables = ("brand", "reward", "reward_version", "reward_text", "reward_denomination",
              "reward_market", "reward_publication")  # fmt: skip
    return {
        name: (await superuser.execute(text(f"SELECT count(*) FROM catalog.{name}"))).scalar()
        for name in tables
    }


async def test_the_file_is_put_on_sale_in_its_order(database, supplier) -> None:
    report = await imported(database, supplier)
    found = await on_sale(database)

    assert report == ImportReport(added=9, changed=0, withdrawn=0, unchanged=1, refused=0)
    assert list(found) == ["9001", "9002", "9003", "9004", "9005", "9008"]
    assert list(await on_sale(database, "KW")) == ["9006"]
    card = found["9002"]
    assert card.text("ar").title == "Harbour Lane"
    assert card.brand.name == {"en": "Harbour Lane"}
    assert card.brand.slug == "reloadly-901"
    assert card.brand == found["9001"].brand
    assert [(str(one.face), str(one.cost)) for one in card.gift_card.denominations] == [
        ("5.00 USD", "18.75 SAR"),
        ("10.00 USD", "37.50 SAR"),
        ("50.00 USD", "187.50 SAR"),
    ]
    assert (card.gift_card.fee, card.gift_card.fee_percent) == (sar("3.75"), 1.5)
    bounds = found["9004"].gift_card
    assert bounds.face_range.min_face == Money.of_decimal("5.00", "USD")
    assert bounds.face_range.cost_rate * 4 == 15
    assert found["9005"].text("en").title == "بطاقة سوق النخلة"
    item = {one.supplier_sku: one for one in read_reloadly_feed(RAW_FEED).items}["9002"]
    async with database.reading(1) as db:
        told = await read_instructions(db, network_id=1, reward_id=card.reward_id, version=1)
    assert told == {"en": item.instructions_verbose}


async def test_the_same_file_again_changes_nothing(database, superuser, supplier) -> None:
    await imported(database, supplier)
    rows, rewards = await counts(superuser), await on_sale(database)
    report = await imported(database, supplier, now=LATER)

    assert report == ImportReport(added=0, changed=0, withdrawn=0, unchanged=10, refused=0)
    assert (await counts(superuser), await on_sale(database)) == (rows, rewards)


async def test_a_digital_card_can_be_offered_elsewhere(database, supplier) -> None:
    await imported(database, supplier, markets=("AE", "SA"))

    assert len(await on_sale(database, "AE")) == 9
    assert (await on_sale(database, "AE"))["9006"].countries == ("AE", "KW", "SA")


async def test_a_changed_item_gets_a_version_and_the_old_one_stays(database, supplier) -> None:
    await imported(database, supplier)
    before = (await on_sale(database))["9001"]

    def dearer(items):
        items["9001"] |= {
            "fixedSenderDenominations": [76.0],
            "fixedRecipientToSenderDenominationsMap": {"20.0": 76.0},
        }
        return items

    report = await imported(database, supplier, edited(dearer), now=LATER)
    after = (await on_sale(database))["9001"]

    assert report == ImportReport(added=0, changed=1, withdrawn=0, unchanged=9, refused=0)
    assert (after.reward_id, after.version, after.rank) == (before.reward_id, 2, before.rank)
    assert after.gift_card.denominations[0].cost == sar("76.00")
    async with database.reading(1) as db:
        old = await get_reward(db, network_id=1, reward_id=before.reward_id, version=1)
    assert old.gift_card == before.gift_card


async def test_a_whole_file_withdraws_what_it_lacks_and_brings_it_back(database, supplier) -> None:
    await imported(database, supplier)
    kuwait = await on_sale(database, "KW")

    def fewer(items):
        del items["9003"], items["9006"]  # the only one of Kuwait, which the file now leaves out
        items["9001"]["status"] = "INACTIVE"
        return items

    report = await imported(database, supplier, edited(fewer), now=LATER)
    assert report == ImportReport(added=0, changed=0, withdrawn=2, unchanged=7, refused=0)
    assert list(await on_sale(database)) == ["9002", "9004", "9005", "9008"]
    assert await on_sale(database, "KW") == kuwait

    report = await imported(database, supplier, now=LATER)
    assert report == ImportReport(added=2, changed=0, withdrawn=0, unchanged=8, refused=0)
    back = (await on_sale(database))["9003"]
    assert (back.version, back.latest_version) == (1, 1)


async def test_what_the_network_retired_is_not_brought_back(database, supplier) -> None:
    await imported(database, supplier)
    card = (await on_sale(database))["9001"]
    async with database.writing(1) as db:
        await retire_reward(db, network_id=1, reward_id=card.reward_id, now=NOW)
    report = await imported(database, supplier, now=LATER)

    assert report.added == report.changed == 0
    assert "9001" not in await on_sale(database)
    async with database.reading(1) as db:
        kept = await get_reward(db, network_id=1, reward_id=card.reward_id)
    assert kept.state is RewardState.RETIRED


async def test_a_file_cut_in_half_withdraws_nothing(database, superuser, supplier) -> None:
    await imported(database, supplier)
    rows, rewards = await counts(superuser), await on_sale(database)
    # The second cut leaves every item whole and takes only the end of the page around them.
    for cut, refused in ((len(RAW_FEED) // 2, 1), (len(RAW_FEED) - 30, 0)):
        report = await imported(database, supplier, RAW_FEED[:cut], now=LATER)
        assert (report.added, report.changed, report.withdrawn) == (0, 0, 0)
        assert report.refused == refused
        assert (await counts(superuser), await on_sale(database)) == (rows, rewards)


async def test_a_broken_item_keeps_its_last_good_version_and_the_rest_goes_on(
    database, supplier
) -> None:
    await imported(database, supplier)
    before = await on_sale(database)

    def broken(items):
        items["9002"]["senderFee"] = -1
        items["9003"]["recipientCurrencyCode"] = "XXX"
        items["9005"]["productName"] = "Palm market"
        del items["9001"]
        return items

    report = await imported(database, supplier, edited(broken), now=LATER)
    after = await on_sale(database)

    assert report == ImportReport(added=0, changed=1, withdrawn=0, unchanged=6, refused=2)
    assert {sku for sku in before if before[sku] != after[sku]} == {"9005"}
    assert after["9005"].text("en").title == "Palm market"
    async with database.reading(1) as db:
        import_id = await find_last_import(db, network_id=1, supplier_id=supplier.supplier_id)
        refused = await list_import_refusals(db, network_id=1, catalogue_import_id=import_id)
    assert [(one.supplier_sku, len(one.reasons)) for one in refused] == [("9002", 1), ("9003", 1)]
    assert refused[0].reasons[0].startswith("senderFee: must be zero or more than zero")


async def test_an_import_is_recorded(database, superuser, supplier) -> None:
    await imported(database, supplier)
    row = await superuser.execute(
        text(
            "SELECT actor, items, is_complete, added, changed, withdrawn, unchanged, refused,"
            " finished_at = :now FROM catalog.catalogue_import"
        ),
        {"now": NOW},
    )
    assert tuple(row.one()) == ("staff:operator-1", 10, True, 9, 0, 0, 1, 0, True)


async def test_imports_at_once_add_each_item_once(database, superuser, supplier) -> None:
    reports = await asyncio.gather(*(imported(database, supplier) for _ in range(4)))

    assert sorted(report.added for report in reports) == [0, 0, 0, 9]
    assert (await counts(superuser))["reward"] == 9


async def test_two_suppliers_with_the_same_sku_are_two_items_of_one_reward(
    database, supplier
) -> None:
    await imported(database, supplier)
    before = await on_sale(database)
    async with database.writing(1) as db:
        other = await make_supplier(db, network_id=1, name="second")
    report = await imported(database, other)

    assert report.added == 9
    assert await on_sale(database) == before
    async with database.reading(1) as db:
        found = await list_sources(db, network_id=1, shown=before.values())
    sources = found[before["9001"].reward_id]
    assert [one.brand.slug for one in sources] == ["reloadly-901", "second-901"]
    assert [one.supplier.sku for one in sources] == ["9001", "9001"]


async def test_an_unknown_supplier_is_refused(database, superuser, supplier) -> None:
    async with database.writing(1) as db:
        with pytest.raises(SupplierNotFound):
            await import_raw(db, network_id=1, supplier_id=new_id(NOW))
    assert (await counts(superuser))["reward"] == 0


async def test_an_item_may_speak_other_languages_too(database, supplier) -> None:
    one = next(item for item in read_reloadly_feed(RAW_FEED).items if item.supplier_sku == "9002")
    arabic = Translation("ar", "ممر المرفأ", "أظهر الرمز")
    reports = []
    for item in (one, replace(one, translations=(arabic,)), replace(one, translations=(arabic,))):
        async with database.writing(1) as db:
            reports.append(
                await import_items(
                    db, network_id=1, supplier_id=supplier.supplier_id, items=[item], now=LATER
                )
            )

    assert [(r.added, r.changed, r.unchanged) for r in reports] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    card = (await on_sale(database))["9002"]
    assert (card.text("ar").title, card.text("ar").description) == ("ممر المرفأ", "أظهر الرمز")
    assert (card.version, card.text("en").title) == (2, "Harbour Lane")


async def test_an_item_may_be_of_another_language_than_english(database, supplier) -> None:
    one = next(item for item in read_reloadly_feed(RAW_FEED).items if item.supplier_sku == "9002")
    french = replace(one, name="Allée du port", locale="fr-CA")
    async with database.writing(1) as db:
        await import_items(
            db, network_id=1, supplier_id=supplier.supplier_id, items=[french], now=LATER
        )
    card = (await on_sale(database))["9002"]
    assert {locale: text.title for locale, text in card.texts.items()} == {"fr-CA": "Allée du port"}
    assert card.text("fr").title == card.text("en").title == "Allée du port"


async def statements(database, supplier, items) -> int:
    """Import items in one transaction; tell how many statements that took, whoever sent them."""
    sent = []
    with statements_of(database) as compiled:
        async with database.writing(1) as db:
            driver = (await db.get_raw_connection()).driver_connection
            with driver.query_logger(lambda one: sent.append(one.query)):
                await import_items(
                    db, network_id=1, supplier_id=supplier.supplier_id, items=items, now=LATER
                )
    # The driver asks once for types that it does not know yet.
    asked = [one for one in sent if "typeinfo" not in one and "'jit'" not in one]
    return len(asked) + len(compiled)


async def test_a_step_takes_as_many_statements_whatever_its_size(database, supplier) -> None:
    one = next(item for item in read_reloadly_feed(RAW_FEED).items if item.supplier_sku == "9002")
    new = [replace(one, supplier_sku=str(n), brand_key=str(n)) for n in range(1, 51)]
    edited = [replace(item, name="Harbour Lane again") for item in new]

    await statements(database, supplier, new[:1])  # learns the words of these items
    assert await statements(database, supplier, new[1:2]) == 14
    assert await statements(database, supplier, new[2:]) == 14
    # One looks for other suppliers, to match with, and one for what was said of availability.
    assert await statements(database, supplier, new) == 5
    assert await statements(database, supplier, edited[:1]) == 21  # with words that are new
    assert await statements(database, supplier, edited[1:]) == 19


@pytest.mark.skipif("MIZAN_SUPPLIER_FILE" not in os.environ, reason="no real file is named")
async def test_a_real_file_is_put_on_sale_once(database, supplier) -> None:
    raw = Path(os.environ["MIZAN_SUPPLIER_FILE"]).read_bytes()
    feed = read_reloadly_feed(raw)
    first = await imported(database, supplier, raw)
    second = await imported(database, supplier, raw, now=LATER)

    assert first.added == sum(item.is_active for item in feed.items) > 0
    assert second == ImportReport(unchanged=len(feed.items), refused=len(feed.refused))
