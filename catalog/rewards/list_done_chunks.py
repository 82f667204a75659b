"""Listing what of an import is done."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.imports import DoneChunk
from catalog.rewards.model import ImportReport
from catalog.rewards.tables import catalogue_import_chunk


async def list_done_chunks(
    db: AsyncConnection, *, network_id: int, catalogue_import_id: UUID
) -> list[DoneChunk]:
    """Tell which stretches of its file an import is done with, in their order."""
    chunk = catalogue_import_chunk.c
    rows = await db.execute(
        select(chunk.first_item, chunk["items"], chunk.added, chunk.changed, chunk.unchanged)
        .where(chunk.network_id == network_id, chunk.catalogue_import_id == catalogue_import_id)
        .order_by(chunk.first_item)
    )
    return [
        DoneChunk(
            row.first_item,
            row.items,
            ImportReport(added=row.added, changed=row.changed, unchanged=row.unchanged),
        )
        for row in rows
    ]
