"""Finding a supplier's items."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.tables import reward


async def list_item_ids(
    db: AsyncConnection, *, network_id: int, supplier_id: UUID, supplier_sku: str
) -> list[UUID]:
    """Tell which rewards a supplier's item is, one for each country that it is sold in."""
    rows = await db.execute(
        select(reward.c.reward_id)
        .where(
            reward.c.network_id == network_id,
            reward.c.supplier_id == supplier_id,
            reward.c.supplier_sku == supplier_sku,
        )
        .order_by(reward.c.reward_id)
    )
    return list(rows.scalars())
