"""Refusing the references of orders that something became of."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.errors import OrderReferenceTaken
from catalog.redemptions.model import AttemptState
from catalog.redemptions.tables import mistaken_order, redemption_attempt


async def refuse_known_reference(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    reference: str,
    except_for: UUID | None = None,
) -> None:
    """Refuse to take a delivered order, or a mistaken one but `except_for`, for a mistaken one.

    Else what was booked once could be booked again. Raises OrderReferenceTaken.
    """
    delivered = await db.execute(
        select(redemption_attempt.c.attempt_id)
        .where(
            redemption_attempt.c.network_id == network_id,
            redemption_attempt.c.supplier_id == supplier_id,
            redemption_attempt.c.supplier_reference == reference,
            redemption_attempt.c.state == AttemptState.SUCCEEDED,
        )
        .limit(1)
    )
    listed = await db.execute(
        select(mistaken_order.c.mistaken_order_id).where(
            mistaken_order.c.network_id == network_id,
            mistaken_order.c.supplier_id == supplier_id,
            mistaken_order.c.reference == reference,
        )
    )
    if delivered.first() is not None or listed.scalar_one_or_none() not in (None, except_for):
        raise OrderReferenceTaken
