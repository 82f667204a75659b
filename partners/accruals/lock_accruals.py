"""Locking accruals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.model import Accrual
from partners.accruals.queries import select_accruals, with_shares
from partners.accruals.tables import accrual


async def lock_accruals(
    db: AsyncConnection,
    *,
    network_id: int,
    accrual_ids: Sequence[UUID] = (),
    purchase_ids: Sequence[UUID] = (),
) -> list[Accrual]:
    """Let nobody else change these accruals until the transaction ends, and read them.

    The one place that locks accruals, always in the order of their ids.
    """
    is_wanted = accrual.c.accrual_id.in_(accrual_ids) | accrual.c.purchase_id.in_(purchase_ids)
    rows = await db.execute(
        select_accruals(network_id)
        .where(is_wanted)
        .order_by(accrual.c.accrual_id)
        .with_for_update(key_share=True)
    )
    return await with_shares(db, network_id, rows.all())
