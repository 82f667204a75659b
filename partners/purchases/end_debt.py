"""Ending the debt that a return left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.purchases.tables import purchase_return
from payouts.money import Money


async def end_debt(
    db: AsyncConnection,
    *,
    network_id: int,
    return_id: UUID,
    treatment: str,
    given_up: Money,
    now: datetime,
) -> None:
    """Note that a return's debt is over, and how: paid by earning, written off, or recharged."""
    done = await db.execute(
        update(purchase_return)
        .where(
            purchase_return.c.network_id == network_id,
            purchase_return.c.return_id == return_id,
            purchase_return.c.debt_ended_at.is_(None),
        )
        .values(debt_end=treatment, debt_given_up=given_up.minor, debt_ended_at=now)
    )
    assert done.rowcount == 1, "whoever ends a debt holds its member's lock"
