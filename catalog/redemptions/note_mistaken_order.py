"""Noting mistaken orders."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.mistaken_order import MistakenOrderKind, MistakenOrderState
from catalog.redemptions.model import Attempt
from catalog.redemptions.tables import mistaken_order
from payouts.money import new_id


async def note_mistaken_order(
    db: AsyncConnection,
    *,
    network_id: int,
    attempt: Attempt,
    reference: str | None = None,
    reported_by: str | None = None,
    now: datetime,
) -> None:
    """Put an order on the list of what people have to look at, once.

    With a reference it is one that came to light beside our order; without one our order is lost,
    and is listed again if it had been found in the meantime. Its caller has locked the redemption.
    """
    row = insert(mistaken_order).values(
        network_id=network_id,
        mistaken_order_id=new_id(now),
        redemption_id=attempt.redemption_id,
        attempt_id=attempt.attempt_id,
        supplier_id=attempt.supplier_id,
        kind=MistakenOrderKind.LOST if reference is None else MistakenOrderKind.SURPLUS,
        reference=reference,
        state=MistakenOrderState.OPEN,
        reported_by=reported_by,
        noticed_at=now,
    )
    if reference is not None:
        await db.execute(row.on_conflict_do_nothing())
        return
    await db.execute(
        row.on_conflict_do_update(
            index_elements=[mistaken_order.c.network_id, mistaken_order.c.attempt_id],
            index_where=text("kind = 'lost'"),
            set_={"state": MistakenOrderState.OPEN, "noticed_at": now, "ended_at": None},
            where=mistaken_order.c.state == MistakenOrderState.SETTLED,
        )
    )
