"""Settling mistaken orders."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.mistaken_order import MistakenOrderKind, MistakenOrderState
from catalog.redemptions.model import Attempt
from catalog.redemptions.tables import mistaken_order, mistaken_order_resolution


async def settle_mistaken_order(
    db: AsyncConnection, *, network_id: int, attempt: Attempt, now: datetime
) -> None:
    """Take our order off the list of lost ones, as its supplier tells of it again.

    What was proposed of it can no longer be approved. Its caller has locked the redemption. An
    order that was never looked for in vain is on no list, and nothing is asked.
    """
    if attempt.absences == 0 and attempt.unknown_at is None:
        return
    settled = await db.execute(
        update(mistaken_order)
        .where(
            mistaken_order.c.network_id == network_id,
            mistaken_order.c.attempt_id == attempt.attempt_id,
            mistaken_order.c.kind == MistakenOrderKind.LOST,
            mistaken_order.c.state == MistakenOrderState.OPEN,
        )
        .values(state=MistakenOrderState.SETTLED, ended_at=now)
        .returning(mistaken_order.c.mistaken_order_id)
    )
    found = settled.scalar_one_or_none()
    if found is None:
        return
    # Should it be lost again, what was proposed before is not what anybody agrees to.
    await db.execute(
        update(mistaken_order_resolution)
        .where(
            mistaken_order_resolution.c.network_id == network_id,
            mistaken_order_resolution.c.mistaken_order_id == found,
            mistaken_order_resolution.c.approved_at.is_(None),
            mistaken_order_resolution.c.lapsed_at.is_(None),
        )
        .values(lapsed_at=now)
    )
