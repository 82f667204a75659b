"""Puts a supplier's catalogue on sale in bounded transactions, each of which may be the last."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from api.database.transaction import Database
from catalog.rewards import (
    ImportReport,
    close_import,
    import_items,
    list_done_chunks,
    open_import,
)
from catalog.suppliers import Feed

ITEMS_PER_TRANSACTION = 500


def sha256_of(raw: bytes) -> str:
    """Name a file by its content."""
    return hashlib.sha256(raw).hexdigest()


async def put_on_sale(
    database: Database,
    *,
    network_id: int,
    supplier_id: UUID,
    feed: Feed,
    file_sha256: str,
    actor: str,
    markets: Sequence[str] = (),
    items_at_once: int = ITEMS_PER_TRANSACTION,
    advance: Callable[[int], object] = lambda _: None,
    now: datetime,
) -> ImportReport:
    """Import a catalogue; cut off anywhere and begun again, it goes on where it was left.

    `advance` is told after each step how many items it was of. Raises SupplierNotFound.
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
            now=now,
        )
        done = await list_done_chunks(db, network_id=network_id, catalogue_import_id=import_id)
    report = sum((one.report for one in done), ImportReport())
    begun = sum(one.items for one in done)
    advance(begun)
    for start in range(begun, len(feed.items), items_at_once):
        items = feed.items[start : start + items_at_once]
        async with database.writing(network_id) as db:
            report += await import_items(
                db,
                network_id=network_id,
                supplier_id=supplier_id,
                items=items,
                first_index=start,
                markets=markets,
                catalogue_import_id=import_id,
                now=now,
            )
        advance(len(items))
    async with database.writing(network_id) as db:
        return await close_import(
            db,
            network_id=network_id,
            supplier_id=supplier_id,
            catalogue_import_id=import_id,
            feed=feed,
            report=report,
            now=now,
        )
