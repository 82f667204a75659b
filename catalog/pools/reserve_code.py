"""Reserving codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.pools.errors import NoCodeLeft, TooManyReserved
from catalog.pools.model import RESERVED_MAX, CodeState
from catalog.pools.tables import pool_code
from payouts.money import Money


async def reserve_code(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    supplier_sku: str,
    face: Money,
    quote_id: UUID,
    member_id: UUID,
    until: datetime,
    now: datetime,
) -> UUID:
    """Set one code aside for a quote until it expires; then anybody may reserve it again.

    Of codes that others are reserving now none is waited for, and none is given twice. Raises
    NoCodeLeft, or TooManyReserved when the member keeps too many from others.
    """
    await _refuse_hoarding(db, network_id, member_id, now)
    free = (
        select(pool_code.c.pool_code_id)
        .where(
            pool_code.c.network_id == network_id,
            pool_code.c.supplier_id == supplier_id,
            pool_code.c.supplier_sku == supplier_sku,
            pool_code.c.face_currency == face.currency,
            pool_code.c.face == face.minor,
            pool_code.c.state != CodeState.DELIVERED,
            or_(
                pool_code.c.state == CodeState.AVAILABLE,
                and_(
                    pool_code.c.state == CodeState.RESERVED,
                    pool_code.c.free_again_at <= now,
                ),
            ),
        )
        .order_by(pool_code.c.pool_code_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found: UUID | None = (await db.execute(free)).scalar_one_or_none()
    if found is None:
        raise NoCodeLeft(path=("face",))
    await db.execute(
        update(pool_code)
        .where(pool_code.c.network_id == network_id, pool_code.c.pool_code_id == found)
        .values(
            state=CodeState.RESERVED, quote_id=quote_id, member_id=member_id, free_again_at=until
        )
    )
    return found


async def _refuse_hoarding(
    db: AsyncConnection, network_id: int, member_id: UUID, now: datetime
) -> None:
    kept = await db.execute(
        select(func.count())
        .select_from(pool_code)
        .where(
            pool_code.c.network_id == network_id,
            pool_code.c.member_id == member_id,
            pool_code.c.state == CodeState.RESERVED,
            pool_code.c.free_again_at > now,
        )
    )
    if kept.scalar_one() >= RESERVED_MAX:
        raise TooManyReserved(path=("rewardId",))
