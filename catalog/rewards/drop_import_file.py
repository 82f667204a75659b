"""Dropping the file of an import."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.imports import IMPORT_KIND
from catalog.rewards.tables import catalogue_import, catalogue_import_file
from payouts.due import clear_all_due


async def drop_import_file(db: AsyncConnection, *, network_id: int, supplier_id: UUID) -> None:
    """Forget the file that is kept for a supplier's open import, so that nobody goes on with it.

    What was imported of it stays as it is.
    """
    of_supplier = select(catalogue_import.c.catalogue_import_id).where(
        catalogue_import.c.network_id == network_id, catalogue_import.c.supplier_id == supplier_id
    )
    dropped = await db.execute(
        delete(catalogue_import_file)
        .where(
            catalogue_import_file.c.network_id == network_id,
            catalogue_import_file.c.catalogue_import_id.in_(of_supplier),
        )
        .returning(catalogue_import_file.c.catalogue_import_id)
    )
    due_ids = list(dropped.scalars())
    await clear_all_due(db, network_id=network_id, kinds=[IMPORT_KIND], due_ids=due_ids)
