"""Opening an import."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.tables import catalogue_import, catalogue_import_refusal
from catalog.suppliers import Feed, lock_supplier
from payouts.money import new_id


async def open_import(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    feed: Feed,
    file_sha256: str | None,
    actor: str,
    now: datetime,
) -> UUID:
    """Record that a supplier's catalogue is being imported, and every item that it refuses.

    Raises SupplierNotFound.
    """
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    import_id = new_id(now)
    await db.execute(
        insert(catalogue_import).values(
            network_id=network_id,
            catalogue_import_id=import_id,
            supplier_id=supplier_id,
            file_sha256=file_sha256,
            actor=actor,
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
    if refusals:
        await db.execute(insert(catalogue_import_refusal), refusals)
    return import_id
