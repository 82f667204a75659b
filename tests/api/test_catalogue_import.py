"""An import whose process is gone is gone on with by a worker; no item is imported twice."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api import catalogue_import
from api.catalogue_import import (
    PAUSE,
    continue_import,
    put_on_sale,
    sha256_of,
)
from api.catalogue_readers import READERS, find_reader
from api.database.transaction import Database
from api.worker.jobs.imports import run_import_continue
from api.worker.world import World
from catalog.rewards import (
    FILE_KEPT_FOR,
    IMPORT_LEFT_AFTER,
    CatalogueImport,
    ImportFile,
    ImportOutdated,
    ImportReport,
    ImportState,
    import_next_items,
    list_imports,
    open_import,
    refuse_recycled,
)
from catalog.suppliers import (
    Feed,
    SupplierTerms,
    find_feed_source,
    read_reloadly_feed,
    save_feed_source,
)
from tests.api.pulling import DESCRIPTION
from tests.conftest import NOW
from tests.factories.catalog import RAW_FEED, import_raw, make_supplier
from tests.factories.partners import make_network
from tests.graphql_client import TestClock

ITEMS_AT_ONCE = 3
CHUNKS = "SELECT first_item, items FROM catalog.catalogue_import_chunk ORDER BY first_item"
COUNTS = """
    SELECT (SELECT count(*) FROM catalog.reward), (SELECT count(*) FROM catalog.reward_version),
      (SELECT count(*) FROM catalog.reward_publication),
      (SELECT count(*) FROM catalog.reward_change)
    """
KEPT = "SELECT count(*) FROM catalog.catalogue_import_file"
DUE = "SELECT due_at FROM payouts.due WHERE kind = 'import.continue'"


class Killed(BaseException):
    """Stands for the end of the process."""


@dataclass
class Importing:
    """A supplier's file, a process that dies after some steps, and a worker that comes later."""

    database: Database
    supplier: SupplierTerms
    raw: bytes = RAW_FEED
    version: int | None = None
    replaced: tuple[str, ...] = ()
    clock: TestClock = field(default_factory=lambda: TestClock(NOW))
    steps_left: int = 2

    @property
    def world(self) -> World:
        rail: Any = None
        return World(database=self.database, rail=rail, clock=self.clock)

    def die(self, name: str) -> None:
        assert name == "import.step"
        self.steps_left -= 1
        if self.steps_left == 0:
            raise Killed

    async def put(self, crash: Callable[[str], None]) -> ImportReport:
        supplier_id = self.supplier.supplier_id
        async with self.database.reading(1) as db:
            source = await find_feed_source(db, network_id=1, supplier_id=supplier_id)
            reader = find_reader(self.supplier.name, source)
            assert reader is not None
            feed = await refuse_recycled(
                db,
                network_id=1,
                supplier_id=supplier_id,
                feed=reader(self.raw),
                accepted=self.replaced,
            )
        return await put_on_sale(
            self.database,
            network_id=1,
            supplier_id=supplier_id,
            feed=feed,
            file_sha256=sha256_of(self.raw),
            actor="staff:somebody",
            file=ImportFile(self.raw, self.version, self.replaced),
            items_at_once=ITEMS_AT_ONCE,
            crash=crash,
            now=self.clock.now,
        )

    async def leave(self) -> UUID:
        """Import until the process dies; tell what it left."""
        with pytest.raises(Killed):
            await self.put(self.die)
        return (await self.last()).catalogue_import_id

    async def last(self) -> CatalogueImport:
        async with self.database.reading(1) as db:
            return (await list_imports(db, network_id=1, limit=1))[0]

    async def work(self) -> int:
        return await run_import_continue(self.world, 1)


@pytest.fixture
async def importing(database: Database) -> Importing:
    await make_network(database)
    async with database.writing(1) as db:
        return Importing(database, await make_supplier(db, network_id=1))


async def rows(superuser: AsyncConnection, question: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await superuser.execute(text(question))]


async def test_nobody_goes_on_with_what_is_still_being_done(
    importing: Importing, superuser: AsyncConnection
) -> None:
    await importing.leave()
    importing.clock.set(NOW + IMPORT_LEFT_AFTER - timedelta(seconds=1))
    assert await importing.work() == 0
    assert await rows(superuser, CHUNKS) == [(0, 3), (3, 3)]

    importing.clock.set(NOW + IMPORT_LEFT_AFTER)
    assert await importing.work() == 1
    assert await rows(superuser, CHUNKS) == [(0, 3), (3, 3), (6, 4)]


async def test_each_step_tells_others_to_leave_it_alone(
    importing: Importing, superuser: AsyncConnection
) -> None:
    importing.steps_left = 3

    def pass_time_and_die(name: str) -> None:
        importing.clock.advance(minutes=1)
        importing.die(name)

    with pytest.raises(Killed):
        await importing.put(pass_time_and_die)
    # Of the third step, which was made two minutes after the first.
    assert await rows(superuser, DUE) == [(NOW + timedelta(minutes=2) + IMPORT_LEFT_AFTER,)]


async def test_however_many_go_on_at_once_nothing_is_done_twice(
    importing: Importing, superuser: AsyncConnection
) -> None:
    import_id = await importing.leave()

    async def go_on() -> ImportReport | None:
        return await continue_import(
            importing.database,
            network_id=1,
            catalogue_import_id=import_id,
            items_at_once=1,
            now=importing.clock.now,
        )

    reports = await asyncio.gather(*(go_on() for _ in range(3)), importing.put(lambda _: None))
    assert {one for one in reports if one is not None} == {ImportReport(added=9, unchanged=1)}
    chunks = await rows(superuser, CHUNKS)
    assert [first for first, _ in chunks] == [
        sum(items for _, items in chunks[:n]) for n in range(len(chunks))
    ]
    assert sum(items for _, items in chunks) == 10
    assert await rows(superuser, COUNTS) == [(9,) * 4]
    assert (await importing.last()).state is ImportState.FINISHED
    assert await rows(superuser, DUE) == []


async def test_a_worker_has_other_work_too(
    importing: Importing, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await importing.leave()
    monkeypatch.setattr(catalogue_import, "STEPS_AT_ONCE", 1)
    importing.clock.set(NOW + IMPORT_LEFT_AFTER)
    assert await importing.work() == 1  # the four items that were left
    assert (await importing.last()).state is ImportState.RUNNING
    assert await importing.work() == 0
    assert await rows(superuser, DUE) == [(importing.clock.now() + PAUSE,)]

    importing.clock.set(importing.clock.now() + PAUSE)
    assert await importing.work() == 1
    assert (await importing.last()).state is ImportState.FINISHED


async def test_a_later_import_makes_an_end_of_what_was_left(
    importing: Importing, superuser: AsyncConnection
) -> None:
    left = await importing.leave()
    supplier_id = importing.supplier.supplier_id
    async with importing.database.writing(1) as db:
        await import_raw(db, network_id=1, supplier_id=supplier_id, now=NOW)
    before = await rows(superuser, CHUNKS), await rows(superuser, COUNTS)
    importing.clock.set(NOW + IMPORT_LEFT_AFTER)
    assert await importing.work() == 0
    assert await rows(superuser, KEPT) == [(0,)]
    assert (
        await continue_import(
            importing.database,
            network_id=1,
            catalogue_import_id=left,
            now=importing.clock.now,
        )
        is None
    )
    assert (await rows(superuser, CHUNKS), await rows(superuser, COUNTS)) == before


async def test_whoever_is_overtaken_by_a_later_import_stops(
    importing: Importing, superuser: AsyncConnection
) -> None:
    left, supplier_id = await importing.leave(), importing.supplier.supplier_id
    feed = read_reloadly_feed(RAW_FEED)
    async with importing.database.writing(1) as db:
        later = await open_import(
            db,
            network_id=1,
            supplier_id=supplier_id,
            feed=feed,
            file_sha256=sha256_of(b"another"),
            actor="staff:another",
            now=NOW,
        )
    async with importing.database.writing(1) as db:
        with pytest.raises(ImportOutdated):
            await import_next_items(
                db,
                network_id=1,
                supplier_id=supplier_id,
                catalogue_import_id=left,
                feed=feed,
                limit=ITEMS_AT_ONCE,
                now=NOW,
            )
    assert await rows(superuser, CHUNKS) == [(0, 3), (3, 3)]
    assert (await importing.last()).catalogue_import_id == later


async def test_after_seven_days_nobody_goes_on(
    importing: Importing, superuser: AsyncConnection
) -> None:
    await importing.leave()
    importing.clock.set(NOW + FILE_KEPT_FOR + timedelta(seconds=1))
    assert await importing.work() == 1
    assert (await importing.last()).items_done == 6
    assert (await importing.last()).state is ImportState.RUNNING
    assert await rows(superuser, KEPT) == [(0,)]
    assert await rows(superuser, DUE) == []
    # Somebody who has the file still goes on with it.
    assert await importing.put(lambda _: None) == ImportReport(added=9, unchanged=1)


async def test_a_file_that_reads_otherwise_by_now_is_left(
    importing: Importing, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await importing.leave()
    importing.clock.set(NOW + IMPORT_LEFT_AFTER)

    def read_less(raw: bytes) -> Feed:
        feed = read_reloadly_feed(raw)
        return replace(feed, items=feed.items[1:])

    monkeypatch.setitem(READERS, "reloadly", read_less)
    assert await importing.work() == 1
    assert await rows(superuser, CHUNKS) == [(0, 3), (3, 3)]
    assert await rows(superuser, KEPT) == [(0,)]
    assert await rows(superuser, DUE) == []


async def test_a_described_file_is_read_as_it_was_described_then(importing: Importing) -> None:
    async def describe(description: dict[str, Any]) -> int:
        async with importing.database.writing(1) as db:
            source = await save_feed_source(
                db,
                network_id=1,
                supplier_id=importing.supplier.supplier_id,
                description=description,
                actor="staff:somebody",
                now=NOW,
            )
        return source.version

    cards = "".join(f"C{number},Card,Jarir,50,48\r\n" for number in range(10))
    importing.raw = f"sku,name,brand,value,price\r\n{cards}".encode()
    importing.version = await describe(DESCRIPTION)
    await importing.leave()
    renamed = {**DESCRIPTION["fields"], "sku": "number"}
    assert await describe({**DESCRIPTION, "fields": renamed}) == 2
    importing.clock.set(NOW + IMPORT_LEFT_AFTER)
    assert await importing.work() == 1
    done = await importing.last()
    assert (done.state, done.added, done.refused) == (ImportState.FINISHED, 10, 0)


async def test_what_somebody_said_of_replaced_items_is_kept(
    importing: Importing,
) -> None:
    async with importing.database.writing(1) as db:
        await import_raw(db, network_id=1, supplier_id=importing.supplier.supplier_id)
    items = json.loads(RAW_FEED)["content"]
    items[8] |= {"brand": {"brandId": 77, "brandName": "Another"}, "productName": "Another"}
    importing.raw = json.dumps(items).encode()
    importing.replaced = (str(items[8]["productId"]),)
    await importing.leave()
    importing.clock.set(NOW + IMPORT_LEFT_AFTER)
    assert await importing.work() == 1
    done = await importing.last()
    counts = (done.changed, done.unchanged, done.refused)
    assert (done.state, counts) == (ImportState.FINISHED, (1, 9, 0))


async def test_what_is_kept_is_one_file_of_a_supplier(
    importing: Importing, superuser: AsyncConnection
) -> None:
    await importing.leave()
    importing.steps_left = 1
    again = await importing.leave()  # the same file: the same import
    importing.raw, importing.steps_left = RAW_FEED + b" ", 1
    other = await importing.leave()
    assert other != again
    kept = await rows(superuser, "SELECT catalogue_import_id FROM catalog.catalogue_import_file")
    assert kept == [(other,)]
    due = await rows(superuser, "SELECT due_id FROM payouts.due WHERE kind = 'import.continue'")
    assert due == [(other,)]
