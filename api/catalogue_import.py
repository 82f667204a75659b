"""Puts a supplier's catalogue on sale in bounded transactions, each of which may be the last."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from api.catalogue_readers import find_reader
from api.crash import crash_here
from api.database.transaction import Database
from catalog.rewards import (
    FILE_KEPT_FOR,
    IMPORT_KIND,
    IMPORT_LEFT_AFTER,
    ImportFile,
    ImportReport,
    KeptImport,
    close_import,
    drop_import_file,
    find_kept_import,
    import_next_items,
    keep_import_file,
    list_done_chunks,
    open_import,
    refuse_recycled,
)
from catalog.suppliers import Feed, FeedUnreadable, find_feed_source, get_supplier
from payouts.due import announce_due, clear_due

ITEMS_PER_TRANSACTION = 500
STEPS_AT_ONCE = 50
"""So many steps a worker makes of one import before it looks for other work."""
PAUSE = timedelta(seconds=1)


def sha256_of(raw: bytes) -> str:
    """Name a file by its content."""
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportRun:
    """Somebody who imports a file; any number may do so at once."""

    database: Database
    network_id: int
    supplier_id: UUID
    catalogue_import_id: UUID
    feed: Feed
    markets: Sequence[str]
    is_kept: bool
    """Whether others can go on with it, and have to know that it is being done."""
    items_at_once: int
    now: Callable[[], datetime]
    crash: Callable[[str], None]

    async def step(self) -> tuple[int, ImportReport | None]:
        """Import the next items and tell how many; with none left, close the import.

        Raises ImportOutdated.
        """
        report, now = None, self.now()
        async with self.database.writing(self.network_id) as db:
            count = await import_next_items(
                db,
                network_id=self.network_id,
                supplier_id=self.supplier_id,
                catalogue_import_id=self.catalogue_import_id,
                feed=self.feed,
                markets=self.markets,
                limit=self.items_at_once,
                now=now,
            )
            if not count:
                report = await close_import(
                    db,
                    network_id=self.network_id,
                    supplier_id=self.supplier_id,
                    catalogue_import_id=self.catalogue_import_id,
                    feed=self.feed,
                    now=now,
                )
            elif self.is_kept:
                await announce_due(
                    db,
                    network_id=self.network_id,
                    kind=IMPORT_KIND,
                    due_id=self.catalogue_import_id,
                    due_at=now + IMPORT_LEFT_AFTER,
                )
        self.crash("import.step")
        return count, report


async def put_on_sale(
    database: Database,
    *,
    network_id: int,
    supplier_id: UUID,
    feed: Feed,
    file_sha256: str,
    actor: str,
    markets: Sequence[str] = (),
    file: ImportFile | None = None,
    items_at_once: int = ITEMS_PER_TRANSACTION,
    advance: Callable[[int], object] = lambda _: None,
    crash: Callable[[str], None] = crash_here,
    now: Callable[[], datetime],
) -> ImportReport:
    """Import a catalogue; cut off anywhere and begun again, it goes on where it was left.

    With its `file` a worker goes on with it too: what cannot be had again is kept until it is done.
    `advance` is told after each step how many items it was of. Raises SupplierNotFound, or
    ImportOutdated when a later import of the supplier was started meanwhile.
    """
    async with database.writing(network_id) as db:
        import_id = await open_import(
            db,
            network_id=network_id,
            supplier_id=supplier_id,
            feed=feed,
            file_sha256=file_sha256,
            actor=actor,
            markets=markets,
            now=now(),
        )
        if file is not None:
            await keep_import_file(
                db,
                network_id=network_id,
                supplier_id=supplier_id,
                catalogue_import_id=import_id,
                file=file,
                now=now(),
            )
        done = await list_done_chunks(db, network_id=network_id, catalogue_import_id=import_id)
    advance(sum(one.items for one in done))
    run = ImportRun(
        database=database,
        network_id=network_id,
        supplier_id=supplier_id,
        catalogue_import_id=import_id,
        feed=feed,
        markets=markets,
        is_kept=file is not None,
        items_at_once=items_at_once,
        now=now,
        crash=crash,
    )
    while True:
        count, report = await run.step()
        if report is not None:
            return report
        advance(count)


async def continue_import(
    database: Database,
    *,
    network_id: int,
    catalogue_import_id: UUID,
    items_at_once: int = ITEMS_PER_TRANSACTION,
    crash: Callable[[str], None] = crash_here,
    now: Callable[[], datetime],
) -> ImportReport | None:
    """Go on with an import that was left, out of the file that is kept of it.

    Tells what the import did once it is closed, and None while it is not: after so many steps
    others have their turn. What can no longer be gone on with is forgotten, and what was imported
    of it stays. Raises ImportOutdated.
    """
    async with database.reading(network_id) as db:
        kept = await find_kept_import(
            db, network_id=network_id, catalogue_import_id=catalogue_import_id
        )
    feed = None if kept is None else await _read_again(database, network_id, kept, now())
    if kept is None or feed is None:
        async with database.writing(network_id) as db:
            if kept is not None:
                await drop_import_file(db, network_id=network_id, supplier_id=kept.supplier_id)
            await clear_due(db, network_id=network_id, kind=IMPORT_KIND, due_id=catalogue_import_id)
        return None
    run = ImportRun(
        database=database,
        network_id=network_id,
        supplier_id=kept.supplier_id,
        catalogue_import_id=catalogue_import_id,
        feed=feed,
        markets=kept.markets,
        is_kept=True,
        items_at_once=items_at_once,
        now=now,
        crash=crash,
    )
    for _ in range(STEPS_AT_ONCE):
        _, report = await run.step()
        if report is not None:
            return report
    async with database.writing(network_id) as db:
        await announce_due(
            db,
            network_id=network_id,
            kind=IMPORT_KIND,
            due_id=catalogue_import_id,
            due_at=now() + PAUSE,
        )
    return None


async def _read_again(
    database: Database, network_id: int, kept: KeptImport, now: datetime
) -> Feed | None:
    """Read a kept file as it was read before; None when that is over, or gives other items."""
    if now - kept.kept_at > FILE_KEPT_FOR:
        return None
    version = kept.file.source_version
    async with database.reading(network_id) as db:
        supplier = await get_supplier(db, network_id=network_id, supplier_id=kept.supplier_id)
        source = None
        if version is not None:
            source = await find_feed_source(
                db, network_id=network_id, supplier_id=kept.supplier_id, version=version
            )
        reader = find_reader(supplier.name, source)
        if reader is None:
            return None
        try:
            feed = reader(kept.file.raw)
        except FeedUnreadable:
            return None
        feed = await refuse_recycled(
            db,
            network_id=network_id,
            supplier_id=kept.supplier_id,
            feed=feed,
            accepted=kept.file.replaced,
        )
    # By their places in the file is known what is done.
    return feed if len(feed.items) == kept.items else None
