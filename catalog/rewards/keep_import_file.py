"""Keeping the file of an import."""

import zlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.drop_import_file import drop_import_file
from catalog.rewards.imports import IMPORT_KIND, IMPORT_LEFT_AFTER, ImportFile
from catalog.rewards.tables import catalogue_import_file
from payouts.due import announce_due

_FAST = 1
"""Catalogues repeat themselves so much that the fastest way already makes them a tenth."""


async def keep_import_file(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    catalogue_import_id: UUID,
    file: ImportFile,
    now: datetime,
) -> None:
    """Keep the file of an import until it is closed, for a worker to go on with when it was left.

    That is due after IMPORT_LEFT_AFTER, and moved by each step that somebody makes. The file takes
    the place of any other of the supplier.
    """
    await drop_import_file(db, network_id=network_id, supplier_id=supplier_id)
    await db.execute(
        insert(catalogue_import_file).values(
            network_id=network_id,
            catalogue_import_id=catalogue_import_id,
            content=zlib.compress(file.raw, _FAST),
            source_version=file.source_version,
            replaced=list(file.replaced),
            kept_at=now,
        )
    )
    await announce_due(
        db,
        network_id=network_id,
        kind=IMPORT_KIND,
        due_id=catalogue_import_id,
        due_at=now + IMPORT_LEFT_AFTER,
    )
