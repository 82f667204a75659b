"""Locking mistaken orders."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.errors import MistakenOrderNotFound
from catalog.redemptions.list_mistaken_orders import list_mistaken_orders
from catalog.redemptions.mistaken_order import MistakenOrder
from catalog.redemptions.queries import lock_redemption
from catalog.redemptions.tables import mistaken_order


async def lock_mistaken_order(
    db: AsyncConnection, *, network_id: int, mistaken_order_id: UUID
) -> MistakenOrder:
    """Tell a mistaken order and keep others from changing it, or what it was ordered for.

    The redemption comes first, as with whoever records what a supplier answers: so nobody notes or
    settles a mistaken order of it meanwhile. Raises MistakenOrderNotFound.
    """
    redemption_id = await db.execute(
        select(mistaken_order.c.redemption_id).where(
            mistaken_order.c.network_id == network_id,
            mistaken_order.c.mistaken_order_id == mistaken_order_id,
        )
    )
    found: UUID | None = redemption_id.scalar_one_or_none()
    if found is None:
        raise MistakenOrderNotFound
    await lock_redemption(db, network_id=network_id, redemption_id=found)
    (locked,) = await list_mistaken_orders(
        db, network_id=network_id, mistaken_order_ids=[mistaken_order_id], limit=1
    )
    return locked
