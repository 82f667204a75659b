"""Opening an import."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.drop_import_file import drop_import_file
from catalog.rewards.queries import find_last_import
from catalog.rewards.tables import catalogue_import, catalogue_import_refusal
from catalog.suppliers import Feed, lock_supplier
from payouts.money import new_id
from payouts.write_rows import write_rows


async def open_import(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    feed: Feed,
    file_sha256: str | None,
    actor: str,
    markets: Sequence[str] = (),
    now: datetime,
) -> UUID:
    """Record that a supplier's catalogue is being imported, and every item that it refuses.

    The same file again, when its import was left before its end and no other came since, is that
    import: what it is done with stays done (see list_done_chunks). Any other makes an end of what
    was left: nobody goes on with that. Raises SupplierNotFound.
    """
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    countries = sorted(set(markets))
    if file_sha256 is not None:
        left = await _find_left(db, network_id, supplier_id)
        own = (file_sha256, countries, len(feed.items))
        if left is not None and (left.file_sha256, left.markets, left.item_count) == own:
            left_id: UUID = left.catalogue_import_id
            return left_id
    await drop_import_file(db, network_id=network_id, supplier_id=supplier_id)
    import_id = new_id(now)
    await db.execute(
        insert(catalogue_import).values(
            network_id=network_id,
            catalogue_import_id=import_id,
            supplier_id=supplier_id,
            file_sha256=file_sha256,
            actor=actor,
            markets=countries,
            items=len(feed.items),
            is_complete=feed.is_complete,
            added=0,
            changed=0,
            withdrawn=0,
            unchanged=0,
            refused=len(feed.refused),
            started_at=now,
        )
    )
    refusals = [
        {
            "network_id": network_id,
            "catalogue_import_id": import_id,
            "item": one.index,
            "supplier_sku": one.supplier_sku,
            "reasons": [f"{reason.path}: {reason.message}" for reason in one.reasons],
        }
        for one in feed.refused
    ]
    await write_rows(db, catalogue_import_refusal, network_id=network_id, rows=refusals)
    return import_id


async def _find_left(db: AsyncConnection, network_id: int, supplier_id: UUID) -> Any | None:
    """Find the last import of the supplier if it was not closed."""
    last_id = await find_last_import(db, network_id=network_id, supplier_id=supplier_id)
    rows = await db.execute(
        select(
            catalogue_import.c.catalogue_import_id,
            catalogue_import.c.file_sha256,
            catalogue_import.c.markets,
            catalogue_import.c["items"].label("item_count"),
        ).where(
            catalogue_import.c.network_id == network_id,
            catalogue_import.c.catalogue_import_id == last_id,
            catalogue_import.c.finished_at.is_(None),
        )
    )
    return rows.first()
