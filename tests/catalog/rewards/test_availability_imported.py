"""What catalogues say of stock: written where it differs, told to those who follow, no version."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.availability import Availability, Said, SaidBy, read_said
from catalog.changes import ChangeKind, list_changes, order_changes
from catalog.rewards import (
    ImportReport,
    MatchState,
    confirm_match,
    find_last_import,
    get_rewards,
    import_feed,
    list_matches,
    report_availability,
    separate_match,
    tell_availability,
)
from catalog.suppliers import Feed, FeedItem, ItemAvailability
from tests.conftest import NOW
from tests.factories.catalog import card_item, make_supplier, statements_of
from tests.factories.partners import Shop, open_shop

IN_STOCK, LOW, OUT, UNKNOWN = (
    Availability.IN_STOCK,
    Availability.LOW,
    Availability.OUT,
    Availability.UNKNOWN,
)
HOUR = timedelta(hours=1)
ROWS = text("SELECT xmin::text, r.* FROM catalog.reward_availability r ORDER BY reward_id")


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


@pytest.fixture
async def supplier_id(shop: Shop, database: Database) -> UUID:
    async with database.writing(shop.network_id) as db:
        return (await make_supplier(db, network_id=shop.network_id)).supplier_id


async def load(
    database: Database, shop: Shop, supplier_id: UUID, *items: FeedItem, now: datetime = NOW
) -> ImportReport:
    async with database.writing(shop.network_id) as db:
        return await import_feed(
            db,
            network_id=shop.network_id,
            supplier_id=supplier_id,
            feed=Feed(items, (), is_complete=True),
            actor="test",
            now=now,
        )


async def changes(database: Database, shop: Shop, after: int = 0) -> list[tuple[UUID, ChangeKind]]:
    async with database.writing(shop.network_id) as db:
        await order_changes(db, network_id=shop.network_id)
    async with database.reading(shop.network_id) as db:
        page = await list_changes(db, network_id=shop.network_id, after=after, limit=100)
    return [(one.reward_id, one.kind) for one in page.changes]


async def rewards(database: Database, shop: Shop) -> dict[str, UUID]:
    async with database.reading(shop.network_id) as db:
        rows = await db.execute(text("SELECT supplier_sku, reward_id FROM catalog.reward"))
        return {row.supplier_sku: row.reward_id for row in rows}


async def level(database: Database, shop: Shop, reward_id: UUID) -> Availability | None:
    async with database.reading(shop.network_id) as db:
        found = await read_said(db, network_id=shop.network_id, reward_ids=[reward_id])
    return found[reward_id].availability if found else None


async def say(
    database: Database, shop: Shop, reward_id: UUID, said: Availability, at: datetime
) -> frozenset[UUID]:
    async with database.writing(shop.network_id) as db:
        return await tell_availability(
            db,
            network_id=shop.network_id,
            said=[Said(reward_id, said, at)],
            said_by=SaidBy.ORDER,
            now=at,
        )


async def test_a_catalogue_says_what_there_is_once_and_what_changes(
    database: Database, shop: Shop, supplier_id: UUID, superuser: AsyncConnection
) -> None:
    amber, jade = card_item("1", "Amber"), card_item("2", "Jade")
    stocked = [replace(amber, availability=IN_STOCK), replace(jade, availability=LOW)]
    assert (await load(database, shop, supplier_id, *stocked)).added == 2
    ids = await rewards(database, shop)
    told = await changes(database, shop)
    # That they are on sale is told; how much there is comes with it.
    assert sorted(told) == sorted((one, ChangeKind.PUBLISHED) for one in ids.values())
    before = (await superuser.execute(ROWS)).all()

    report = await load(database, shop, supplier_id, *stocked, now=NOW + HOUR)

    assert report == ImportReport(unchanged=2)
    assert (await superuser.execute(ROWS)).all() == before
    sold_out = [replace(amber, availability=OUT), stocked[1]]
    report = await load(database, shop, supplier_id, *sold_out, now=NOW + 2 * HOUR)
    # Stock is no content: there is no version of it.
    assert report == ImportReport(unchanged=2)
    async with database.reading(shop.network_id) as db:
        found = await get_rewards(db, network_id=shop.network_id, reward_ids=ids.values())
    assert [one.version for one in found.values()] == [1, 1]
    assert (await level(database, shop, ids["1"]), await level(database, shop, ids["2"])) == (
        OUT,
        LOW,
    )
    assert (await changes(database, shop, after=2)) == [(ids["1"], ChangeKind.AVAILABILITY)]


async def test_a_catalogue_without_stock_writes_nothing_and_lifts_what_was_out(
    database: Database, shop: Shop, supplier_id: UUID, superuser: AsyncConnection
) -> None:
    items = [card_item("1", "Amber"), card_item("2", "Jade")]
    await load(database, shop, supplier_id, *items)
    assert (await superuser.execute(ROWS)).all() == []
    ids = await rewards(database, shop)
    assert await say(database, shop, ids["1"], OUT, NOW + HOUR) == {ids["1"]}
    # An import of before the order was refused does not know of it.
    await load(database, shop, supplier_id, *items, now=NOW + HOUR)
    assert await level(database, shop, ids["1"]) is OUT
    await load(database, shop, supplier_id, *items, now=NOW + 2 * HOUR)
    assert await level(database, shop, ids["1"]) is UNKNOWN
    assert (await changes(database, shop, after=2)) == [(ids["1"], ChangeKind.AVAILABILITY)] * 2
    # What is not listed is not offered again, and the other item was never spoken of.
    await say(database, shop, ids["1"], OUT, NOW + 3 * HOUR)
    await load(database, shop, supplier_id, items[1], now=NOW + 4 * HOUR)
    assert await level(database, shop, ids["1"]) is OUT
    assert len((await superuser.execute(ROWS)).all()) == 1


async def test_an_import_asks_what_was_said_once_for_all_items(
    database: Database, shop: Shop, supplier_id: UUID
) -> None:
    items = [card_item(str(number), f"Brand {number}x") for number in range(60)]
    with statements_of(database) as seen:
        await load(database, shop, supplier_id, *items)
    assert [one for one in seen if "reward_availability" in one] == []
    with statements_of(database) as seen:
        await load(database, shop, supplier_id, *items, now=NOW + HOUR)
    assert len([one for one in seen if "reward_availability" in one]) == 1


async def test_a_reward_of_two_suppliers_changes_when_the_best_of_them_does(
    database: Database, shop: Shop, supplier_id: UUID
) -> None:
    async with database.writing(shop.network_id) as db:
        second = await make_supplier(db, network_id=shop.network_id, name="second")
    await load(database, shop, supplier_id, card_item("1", "Amber"))
    await load(database, shop, second.supplier_id, card_item("9", "Amber"))
    ids = await rewards(database, shop)
    async with database.reading(shop.network_id) as db:
        (match,) = await list_matches(
            db, network_id=shop.network_id, state=MatchState.MATCHED, limit=10
        )
    assert (match.reward_id, match.source_id) == (ids["1"], ids["9"])
    start = len(await changes(database, shop))
    assert await say(database, shop, ids["1"], OUT, NOW + HOUR) == frozenset()
    assert await say(database, shop, ids["9"], OUT, NOW + HOUR) == {ids["1"]}
    assert await say(database, shop, ids["9"], OUT, NOW + 2 * HOUR) == frozenset()
    assert await say(database, shop, ids["9"], LOW, NOW + 3 * HOUR) == {ids["1"]}
    assert await changes(database, shop, after=start) == [(ids["1"], ChangeKind.AVAILABILITY)] * 2


async def test_a_source_more_or_less_is_told_where_it_makes_a_difference(
    database: Database, shop: Shop, supplier_id: UUID
) -> None:
    async with database.writing(shop.network_id) as db:
        second = await make_supplier(db, network_id=shop.network_id, name="second")
    others = card_item("8", "Onyx")
    await load(database, shop, supplier_id, card_item("1", "Amber"))
    amber = (await rewards(database, shop))["1"]
    await say(database, shop, amber, OUT, NOW + HOUR)
    start = len(await changes(database, shop))

    async def noted() -> int:
        """How often it was told since that there is more or less of it."""
        told = await changes(database, shop, after=start)
        return told.count((amber, ChangeKind.AVAILABILITY))

    # A second supplier has it, of which nobody knows how many.
    both = (card_item("9", "Amber"), others)
    await load(database, shop, second.supplier_id, *both, now=NOW + HOUR)
    assert await noted() == 1
    await load(database, shop, second.supplier_id, others, now=NOW + 2 * HOUR)
    assert await noted() == 2  # OUT again: the second gave it up
    await load(database, shop, second.supplier_id, *both, now=NOW + 3 * HOUR)
    assert await noted() == 3
    async with database.reading(shop.network_id) as db:
        (match,) = await list_matches(
            db, network_id=shop.network_id, state=MatchState.MATCHED, limit=10
        )
    decided = {"network_id": shop.network_id, "match_id": match.reward_match_id, "actor": "test"}
    async with database.writing(shop.network_id) as db:
        await separate_match(db, **decided, now=NOW + 4 * HOUR)
    assert await noted() == 4
    async with database.writing(shop.network_id) as db:
        await confirm_match(db, **decided, now=NOW + 5 * HOUR)
    assert await noted() == 5
    # While there is enough of the first, the second makes no difference.
    await say(database, shop, amber, IN_STOCK, NOW + 6 * HOUR)
    assert await noted() == 6
    await load(database, shop, second.supplier_id, others, now=NOW + 7 * HOUR)
    assert await noted() == 6


async def test_a_message_is_about_the_item_in_all_its_countries_and_of_its_supplier(
    database: Database, shop: Shop, supplier_id: UUID
) -> None:
    items = [card_item("1", "Amber"), replace(card_item("1", "Amber"), country="AE")]
    async with database.writing(shop.network_id) as db:
        second = await make_supplier(db, network_id=shop.network_id, name="second")
    await load(database, shop, supplier_id, *items)
    await load(database, shop, second.supplier_id, card_item("1", "Onyx"))
    message = ItemAvailability("1", OUT, NOW + HOUR, sequence=4)

    async def report(name: str, said: ItemAvailability) -> int:
        async with database.writing(shop.network_id) as db:
            changed = await report_availability(
                db, network_id=shop.network_id, supplier_name=name, said=said, now=NOW + HOUR
            )
        return len(changed)

    assert await report("nobody", message) == 0
    assert await report("reloadly", replace(message, supplier_sku="2")) == 0
    assert await report("reloadly", message) == 2
    assert await report("reloadly", message) == 0
    assert await report("reloadly", replace(message, availability=LOW, sequence=3)) == 0
    async with database.reading(shop.network_id) as db:
        rows = await db.execute(
            text(
                "SELECT r.supplier_country, a.availability FROM catalog.reward r"
                " LEFT JOIN catalog.reward_availability a USING (network_id, reward_id)"
                " WHERE r.supplier_id = :supplier ORDER BY 1"
            ),
            {"supplier": supplier_id},
        )
        assert [tuple(row) for row in rows] == [("AE", "out"), ("SA", "out")]
        others = await db.execute(text("SELECT count(*) FROM catalog.reward_availability"))
        assert others.scalar_one() == 2


async def test_what_fails_tells_and_changes_nothing(
    database: Database, shop: Shop, supplier_id: UUID, superuser: AsyncConnection
) -> None:
    await load(database, shop, supplier_id, card_item("1", "Amber"))
    ids = await rewards(database, shop)
    start = len(await changes(database, shop))

    async def fail() -> None:
        async with database.writing(shop.network_id) as db:
            changed = await tell_availability(
                db,
                network_id=shop.network_id,
                said=[Said(ids["1"], OUT, NOW + HOUR)],
                said_by=SaidBy.ORDER,
                now=NOW + HOUR,
            )
            raise RuntimeError(changed == {ids["1"]})

    with pytest.raises(RuntimeError, match="True"):
        await fail()
    assert (await superuser.execute(ROWS)).all() == []
    assert await changes(database, shop, after=start) == []
    async with database.reading(shop.network_id) as db:
        assert await find_last_import(db, network_id=shop.network_id, supplier_id=supplier_id)
