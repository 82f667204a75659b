"""Listing what an import withheld."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.imports import WithheldReward
from catalog.rewards.tables import catalogue_import_withheld


async def list_withheld(
    db: AsyncConnection,
    *,
    network_id: int,
    catalogue_import_id: UUID,
    after: UUID | None = None,
    before: UUID | None = None,
    backward: bool = False,
    limit: int | None = None,
) -> list[WithheldReward]:
    """List the rewards that an import would have taken off sale, by their ids."""
    held = catalogue_import_withheld.c
    found = select(held.reward_id, held.supplier_country, held.supplier_sku).where(
        held.network_id == network_id, held.catalogue_import_id == catalogue_import_id
    )
    if after is not None:
        found = found.where(held.reward_id > after)
    if before is not None:
        found = found.where(held.reward_id < before)
    order = held.reward_id.desc() if backward else held.reward_id.asc()
    rows = await db.execute(found.order_by(order).limit(limit))
    return [WithheldReward(row.reward_id, row.supplier_country, row.supplier_sku) for row in rows]
