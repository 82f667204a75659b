"""Going on with an import."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import ImportOutdated
from catalog.rewards.import_items import import_items
from catalog.rewards.list_done_chunks import list_done_chunks
from catalog.rewards.queries import find_last_import
from catalog.suppliers import Feed, lock_supplier


async def import_next_items(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    catalogue_import_id: UUID,
    feed: Feed,
    markets: Sequence[str] = (),
    limit: int,
    now: datetime,
) -> int:
    """Put on sale the next items of an open import; tell how many, 0 when all of its file are done.

    Which ones are next is read behind the lock of the supplier: however many go on with an import,
    none of its items is imported twice. Raises SupplierNotFound, or ImportOutdated when a later
    import of the supplier was started.
    """
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    last = await find_last_import(db, network_id=network_id, supplier_id=supplier_id)
    if last != catalogue_import_id:
        raise ImportOutdated(path=("import_id",))
    done = await list_done_chunks(
        db, network_id=network_id, catalogue_import_id=catalogue_import_id
    )
    start = sum(one.items for one in done)
    items = feed.items[start : start + limit]
    if not items:
        return 0
    await import_items(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        items=items,
        first_index=start,
        markets=markets,
        catalogue_import_id=catalogue_import_id,
        now=now,
    )
    return len(items)
