"""Finding an import that somebody else may go on with."""

import zlib
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.imports import ImportFile, KeptImport
from catalog.rewards.tables import catalogue_import, catalogue_import_file


async def find_kept_import(
    db: AsyncConnection, *, network_id: int, catalogue_import_id: UUID
) -> KeptImport | None:
    """Tell an import with its file; None when that is not kept, as of one that was closed."""
    rows = await db.execute(
        select(
            catalogue_import.c.catalogue_import_id,
            catalogue_import.c.supplier_id,
            catalogue_import.c.markets,
            catalogue_import.c["items"].label("item_count"),
            catalogue_import_file.c.content,
            catalogue_import_file.c.source_version,
            catalogue_import_file.c.replaced,
            catalogue_import_file.c.kept_at,
        )
        .join_from(
            catalogue_import,
            catalogue_import_file,
            and_(
                catalogue_import_file.c.network_id == catalogue_import.c.network_id,
                catalogue_import_file.c.catalogue_import_id
                == catalogue_import.c.catalogue_import_id,
            ),
        )
        .where(
            catalogue_import.c.network_id == network_id,
            catalogue_import_file.c.network_id == network_id,
            catalogue_import.c.catalogue_import_id == catalogue_import_id,
        )
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return KeptImport(
        catalogue_import_id=row.catalogue_import_id,
        supplier_id=row.supplier_id,
        markets=tuple(row.markets),
        items=row.item_count,
        kept_at=row.kept_at,
        file=ImportFile(zlib.decompress(row.content), row.source_version, tuple(row.replaced)),
    )
