"""Listing mistaken orders."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.mistaken_order import MistakenOrder, MistakenOrderState, OrderResolution
from catalog.redemptions.tables import (
    mistaken_order,
    mistaken_order_resolution,
    redemption_attempt,
)

RESOLUTIONS_MAX = 10_000


async def list_mistaken_orders(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    mistaken_order_ids: Collection[UUID] | None = None,
    redemption_ids: Collection[UUID] | None = None,
    is_open: bool | None = None,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    newest_first: bool = True,
) -> list[MistakenOrder]:
    """List mistaken orders with all that was proposed of them, the one noticed last first.

    `after` and `before` are places that bound the page.
    """
    order = (mistaken_order.c.noticed_at, mistaken_order.c.mistaken_order_id)
    query = (
        select(
            mistaken_order,
            redemption_attempt.c.supplier_key,
            redemption_attempt.c.supplier_reference,
            redemption_attempt.c.cost,
            redemption_attempt.c.cost_currency,
            redemption_attempt.c.remark,
        )
        .join(
            redemption_attempt,
            and_(
                redemption_attempt.c.network_id == mistaken_order.c.network_id,
                redemption_attempt.c.attempt_id == mistaken_order.c.attempt_id,
            ),
        )
        .where(mistaken_order.c.network_id == network_id)
        .where(redemption_attempt.c.network_id == network_id)
    )
    if mistaken_order_ids is not None:
        query = query.where(mistaken_order.c.mistaken_order_id.in_(mistaken_order_ids))
    if redemption_ids is not None:
        query = query.where(mistaken_order.c.redemption_id.in_(redemption_ids))
    if is_open is not None:
        is_it = mistaken_order.c.state == MistakenOrderState.OPEN
        query = query.where(is_it if is_open else ~is_it)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if before is not None:
        query = query.where(tuple_(*order) < tuple_(*before))
    query = query.order_by(*(one.desc() for one in order) if newest_first else order)
    rows = (await db.execute(query.limit(limit))).all()
    proposed = await _resolutions(db, network_id, [row.mistaken_order_id for row in rows])
    return [MistakenOrder.from_row(row, proposed[row.mistaken_order_id]) for row in rows]


async def _resolutions(
    db: AsyncConnection, network_id: int, mistaken_order_ids: Collection[UUID]
) -> dict[UUID, list[OrderResolution]]:
    found: dict[UUID, list[OrderResolution]] = defaultdict(list)
    if not mistaken_order_ids:
        return found
    own = mistaken_order_resolution.c
    rows = await db.execute(
        select(mistaken_order_resolution)
        .where(own.network_id == network_id, own.mistaken_order_id.in_(mistaken_order_ids))
        .order_by(own.mistaken_order_id, own.number)
        .limit(RESOLUTIONS_MAX)
    )
    for row in rows:
        found[row.mistaken_order_id].append(OrderResolution.from_row(row))
    return found
