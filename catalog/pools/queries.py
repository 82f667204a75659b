"""Reads of pools of codes; none of them opens a code."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.pools.model import CodeState, PoolCount
from catalog.pools.tables import pool_code
from payouts.money import Money

COUNTS_MAX = 10_000


async def count_codes(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    limit: int = COUNTS_MAX,
    now: datetime,
) -> list[PoolCount]:
    """Tell how many codes of each sku and face of a supplier are free, reserved and sold.

    One whose reservation has lapsed is free.
    """
    is_kept = and_(pool_code.c.state == CodeState.RESERVED, pool_code.c.free_again_at > now)
    is_sold = pool_code.c.state == CodeState.DELIVERED
    place = (pool_code.c.supplier_sku, pool_code.c.face_currency, pool_code.c.face)
    rows = await db.execute(
        select(
            *place,
            func.count().label("all_codes"),
            func.count().filter(is_kept).label("kept"),
            func.count().filter(is_sold).label("sold"),
        )
        .where(pool_code.c.network_id == network_id, pool_code.c.supplier_id == supplier_id)
        .group_by(*place)
        .order_by(*place)
        .limit(limit)
    )
    return [
        PoolCount(
            supplier_id=supplier_id,
            supplier_sku=row.supplier_sku,
            face=Money(row.face, row.face_currency),
            available=row.all_codes - row.kept - row.sold,
            reserved=row.kept,
            delivered=row.sold,
        )
        for row in rows
    ]
