"""Listing imports."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.imports import CatalogueImport
from catalog.rewards.tables import catalogue_import, catalogue_import_chunk

_NAMES = tuple(name for name in CatalogueImport.__slots__ if name != "items_done")


async def list_imports(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID | None = None,
    import_ids: Collection[UUID] | None = None,
    after: UUID | None = None,
    before: UUID | None = None,
    newest_first: bool = True,
    limit: int,
) -> list[CatalogueImport]:
    """List imports by when they were started, of one supplier or of these ids if any are given."""
    key = catalogue_import.c.catalogue_import_id
    found = select(*(catalogue_import.c[name] for name in _NAMES), _done(network_id)).where(
        catalogue_import.c.network_id == network_id
    )
    if supplier_id is not None:
        found = found.where(catalogue_import.c.supplier_id == supplier_id)
    if import_ids is not None:
        found = found.where(key == any_(cast(list(import_ids), ARRAY(Uuid))))
    if after is not None:
        found = found.where(key > after)
    if before is not None:
        found = found.where(key < before)
    rows = await db.execute(found.order_by(key.desc() if newest_first else key.asc()).limit(limit))
    return [CatalogueImport(**row) for row in rows.mappings()]


def _done(network_id: int) -> Any:
    """Count the items that are done: those of the chunks that were committed."""
    return (
        select(func.coalesce(func.sum(catalogue_import_chunk.c["items"]), 0))
        .where(
            catalogue_import_chunk.c.network_id == network_id,
            catalogue_import_chunk.c.network_id == catalogue_import.c.network_id,
            catalogue_import_chunk.c.catalogue_import_id == catalogue_import.c.catalogue_import_id,
        )
        .scalar_subquery()
        .label("items_done")
    )
