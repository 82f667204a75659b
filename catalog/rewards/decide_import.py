"""Deciding about imports that would take much off sale."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import (
    ImportDeciderStartedIt,
    ImportNotFound,
    ImportNotWaiting,
    ImportOutdated,
)
from catalog.rewards.list_withheld import list_withheld
from catalog.rewards.queries import find_last_import
from catalog.rewards.tables import catalogue_import
from catalog.rewards.withdraw_rewards import withdraw_rewards
from catalog.suppliers import lock_supplier


async def decide_import(
    db: AsyncConnection,
    *,
    network_id: int,
    catalogue_import_id: UUID,
    is_approved: bool,
    actor: str,
    now: datetime,
) -> int:
    """Take off sale what an import withheld, or let it stay; tell how many were taken off.

    Only the last import of a supplier is decided about: what a later one names is on sale. Raises
    ImportNotFound, ImportNotWaiting, ImportOutdated and ImportDeciderStartedIt.
    """
    row = await _lock(db, network_id, catalogue_import_id)
    if row.finished_at is None or not row.withheld or row.decided_by is not None:
        raise ImportNotWaiting(path=("import_id",))
    if row.actor == actor:
        raise ImportDeciderStartedIt(path=("import_id",))
    last = await find_last_import(db, network_id=network_id, supplier_id=row.supplier_id)
    if last != catalogue_import_id:
        raise ImportOutdated(path=("import_id",))
    gone: list[UUID] = []
    if is_approved:
        held = await list_withheld(
            db, network_id=network_id, catalogue_import_id=catalogue_import_id
        )
        ids = [one.reward_id for one in held]
        gone = await withdraw_rewards(db, network_id=network_id, reward_ids=ids, now=now)
    await db.execute(
        update(catalogue_import)
        .where(
            catalogue_import.c.network_id == network_id,
            catalogue_import.c.catalogue_import_id == catalogue_import_id,
        )
        .values(
            withdrawn=row.withdrawn + len(gone),
            is_approved=is_approved,
            decided_by=actor,
            decided_at=now,
        )
    )
    return len(gone)


async def _lock(db: AsyncConnection, network_id: int, catalogue_import_id: UUID) -> Any:
    """Read the import behind the lock of its supplier, under which every import is written."""
    columns = catalogue_import.c
    found = select(
        columns.supplier_id,
        columns.actor,
        columns.withheld,
        columns.withdrawn,
        columns.finished_at,
        columns.decided_by,
    ).where(columns.network_id == network_id, columns.catalogue_import_id == catalogue_import_id)
    row = (await db.execute(found)).first()
    if row is None:
        raise ImportNotFound(path=("import_id",))
    await lock_supplier(db, network_id=network_id, supplier_id=row.supplier_id)
    return (await db.execute(found)).one()
