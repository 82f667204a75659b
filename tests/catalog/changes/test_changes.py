"""Changes of the catalogue have one order, in which nothing ever appears behind a reader."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.database.transaction import Database
from catalog.changes import (
    Change,
    ChangeKind,
    RewardChange,
    list_changes,
    note_changes,
    order_changes,
    read_last_place,
)
from catalog.changes import order_changes as order_module
from catalog.rewards import RewardDraft, import_feed, publish_reward, retire_reward, revise_reward
from catalog.suppliers import Feed, read_reloadly_feed
from payouts.money import new_id
from tests.catalog.suppliers.pages import RAW
from tests.conftest import NOW
from tests.factories.catalog import IN_ENGLISH, make_reward, make_supplier, own_card
from tests.factories.partners import Shop, open_shop

OTHER_NETWORK = 990_099


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


async def note(database: Database, network_id: int, *ids: UUID) -> None:
    async with database.writing(network_id) as db:
        changes = [Change(one, ChangeKind.PUBLISHED, 1) for one in ids]
        await note_changes(db, network_id=network_id, changes=changes, now=NOW)


async def order(database: Database, network_id: int) -> int:
    async with database.writing(network_id) as db:
        return await order_changes(db, network_id=network_id)


async def seen(database: Database, network_id: int, after: int = 0) -> Sequence[RewardChange]:
    async with database.reading(network_id) as db:
        page = await list_changes(db, network_id=network_id, after=after, limit=1_000)
    return page.changes


async def test_what_is_on_sale_tells_how_it_came_and_went(shop: Shop, database: Database) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        drafted = await make_reward(
            db, network_id=network_id, terms=own_card("50.00"), is_published=False
        )
    reward_id = drafted.reward_id
    assert await order(database, network_id) == 0  # a draft is nobody's business
    async with database.writing(network_id) as db:
        await publish_reward(db, network_id=network_id, reward_id=reward_id, now=NOW)
        await publish_reward(db, network_id=network_id, reward_id=reward_id, now=NOW)
    dearer = RewardDraft(IN_ENGLISH, ("SA",), own_card("60.00"))
    async with database.writing(network_id) as db:
        await revise_reward(db, network_id=network_id, reward_id=reward_id, draft=dearer, now=NOW)
        await publish_reward(db, network_id=network_id, reward_id=reward_id, now=NOW)
    async with database.writing(network_id) as db:
        await retire_reward(db, network_id=network_id, reward_id=reward_id, now=NOW)
        await retire_reward(db, network_id=network_id, reward_id=reward_id, now=NOW)
    assert await seen(database, network_id) == ()  # committed, but without a place
    assert await order(database, network_id) == 3
    assert await order(database, network_id) == 0
    assert await seen(database, network_id) == (
        RewardChange(1, reward_id, ChangeKind.PUBLISHED, 1, NOW),
        RewardChange(2, reward_id, ChangeKind.REVISED, 2, NOW),
        RewardChange(3, reward_id, ChangeKind.RETIRED, None, NOW),
    )


async def test_an_import_tells_each_item_once(shop: Shop, database: Database) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        supplier_id = (await make_supplier(db, network_id=network_id)).supplier_id
    feed = read_reloadly_feed(RAW)

    async def load(given: Feed) -> None:
        async with database.writing(network_id) as db:
            await import_feed(
                db, network_id=network_id, supplier_id=supplier_id, feed=given, actor="t", now=NOW
            )
        await order(database, network_id)

    await load(feed)
    active = sum(item.is_active for item in feed.items)
    first = await seen(database, network_id)
    assert [one.place for one in first] == list(range(1, active + 1))
    assert {one.kind for one in first} == {ChangeKind.PUBLISHED}
    await load(feed)
    assert await seen(database, network_id, active) == ()
    await load(Feed(feed.items[1:], (), is_complete=True))
    gone = await seen(database, network_id, active)
    assert [(one.place, one.kind) for one in gone] == [(active + 1, ChangeKind.WITHDRAWN)]
    assert gone[0].reward_id == first[0].reward_id


async def test_what_commits_late_comes_behind_what_was_read(shop: Shop, database: Database) -> None:
    network_id = shop.network_id
    early, late = new_id(NOW), new_id(NOW)
    async with database.writing(network_id) as slow:
        # Noted first, with the lower id, and still uncommitted while the other is read.
        await note_changes(
            slow, network_id=network_id, changes=[Change(early, ChangeKind.RETIRED)], now=NOW
        )
        await note(database, network_id, late)
        assert await order(database, network_id) == 1
        assert [(one.place, one.reward_id) for one in await seen(database, network_id)] == [
            (1, late)
        ]
    assert await order(database, network_id) == 1
    assert [(one.place, one.reward_id) for one in await seen(database, network_id, 1)] == [
        (2, early)
    ]


async def test_whoever_orders_second_waits_and_goes_on_behind(
    shop: Shop, database: Database
) -> None:
    network_id = shop.network_id
    await note(database, network_id, new_id(NOW))
    async with database.writing(network_id) as first:
        assert await order_changes(first, network_id=network_id) == 1
        await note(database, network_id, new_id(NOW))
        second = asyncio.create_task(order(database, network_id))
        await asyncio.sleep(0.1)
        assert not second.done()
    assert await second == 1
    assert [one.place for one in await seen(database, network_id)] == [1, 2]


async def test_an_order_that_is_given_up_leaves_no_gap(shop: Shop, database: Database) -> None:
    network_id = shop.network_id
    await note(database, network_id, new_id(NOW), new_id(NOW))

    async def give_up() -> None:
        async with database.writing(network_id) as db:
            assert await order_changes(db, network_id=network_id) == 2
            raise RuntimeError("given up")

    with pytest.raises(RuntimeError, match="given up"):
        await give_up()
    assert await order(database, network_id) == 2
    assert [one.place for one in await seen(database, network_id)] == [1, 2]


async def test_many_are_ordered_in_several_turns(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(order_module.__globals__, "CHANGES_AT_ONCE", 3)
    ids = [new_id(NOW) for _ in range(7)]
    await note(database, shop.network_id, *ids)
    assert [await order(database, shop.network_id) for _ in range(4)] == [3, 3, 1, 0]
    assert [one.reward_id for one in await seen(database, shop.network_id)] == ids


async def test_a_reader_beside_many_writers_misses_nothing(shop: Shop, database: Database) -> None:
    network_id, wanted = shop.network_id, 200
    written: set[UUID] = set()

    async def write(pause_seconds: float) -> None:
        for _ in range(wanted // 4):
            one = new_id(NOW)
            async with database.writing(network_id) as db:
                change = Change(one, ChangeKind.REVISED, 1)
                await note_changes(db, network_id=network_id, changes=[change], now=NOW)
                await asyncio.sleep(pause_seconds)
            written.add(one)

    async def read() -> list[RewardChange]:
        found: list[RewardChange] = []
        while len(found) < wanted:
            await order(database, network_id)
            found += await seen(database, network_id, found[-1].place if found else 0)
        return found

    pauses = (0, 0.001, 0.004, 0.01)
    async with asyncio.timeout(60):
        found, *_ = await asyncio.gather(read(), *(write(one) for one in pauses))
    assert [one.place for one in found] == list(range(1, wanted + 1))
    assert {one.reward_id for one in found} == written


async def test_another_network_sees_nothing(shop: Shop, database: Database) -> None:
    await note(database, shop.network_id, new_id(NOW))
    await order(database, shop.network_id)
    async with database.reading(OTHER_NETWORK) as db:
        page = await list_changes(db, network_id=shop.network_id, after=0, limit=10)
        assert (page.changes, page.last_place) == ((), 0)
    async with database.writing(OTHER_NETWORK) as db:
        with pytest.raises(DBAPIError, match="row-level security"):
            await note_changes(
                db,
                network_id=shop.network_id,
                changes=[Change(new_id(NOW), ChangeKind.RETIRED)],
                now=NOW,
            )
    async with database.reading(shop.network_id) as db:
        assert await read_last_place(db, network_id=shop.network_id) == 1


async def test_a_deep_page_is_one_stretch_of_the_index(shop: Shop, superuser, database) -> None:
    network_id = shop.network_id
    await superuser.execute(
        text(
            "INSERT INTO catalog.reward_change (network_id, reward_change_id, reward_id, kind,"
            " changed_at, place) SELECT :n, gen_random_uuid(), gen_random_uuid(), 'revised',"
            " now(), g FROM generate_series(1, 20000) g"
        ),
        {"n": network_id},
    )
    await superuser.execute(text("ANALYZE catalog.reward_change"))
    await superuser.commit()
    async with database.reading(network_id) as db:
        plan = "\n".join(
            (
                await db.execute(
                    text(
                        "EXPLAIN SELECT place FROM catalog.reward_change WHERE network_id = :n"
                        " AND place > 19000 ORDER BY place LIMIT 100"
                    ),
                    {"n": network_id},
                )
            ).scalars()
        )
    assert "reward_change_place_key" in plan, plan
    assert "Seq Scan" not in plan, plan
