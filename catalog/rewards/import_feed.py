"""Importing a supplier's catalogue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.close_import import close_import
from catalog.rewards.import_items import import_items
from catalog.rewards.model import ImportReport
from catalog.rewards.open_import import open_import
from catalog.rewards.refuse_recycled import refuse_recycled
from catalog.suppliers import Feed


async def import_feed(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    feed: Feed,
    actor: str,
    markets: Sequence[str] = (),
    file_sha256: str | None = None,
    now: datetime,
) -> ImportReport:
    """Put a supplier's catalogue on sale as the file has it, all in one transaction.

    Long files are better imported in steps (open_import, import_next_items, close_import). Raises
    SupplierNotFound.
    """
    feed = await refuse_recycled(db, network_id=network_id, supplier_id=supplier_id, feed=feed)
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
    await import_items(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        items=feed.items,
        markets=markets,
        catalogue_import_id=import_id,
        now=now,
    )
    return await close_import(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        catalogue_import_id=import_id,
        feed=feed,
        now=now,
    )
