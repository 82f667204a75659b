"""Reading how well suppliers deliver."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import AttemptState
from catalog.redemptions.sourcing import WINDOW, WINDOW_ATTEMPTS, SupplierHealth, Try, judge_health
from catalog.redemptions.tables import redemption_attempt


async def read_health(
    db: AsyncConnection, *, network_id: int, supplier_ids: Collection[UUID], now: datetime
) -> dict[UUID, SupplierHealth]:
    """Judge each supplier by its last 50 attempts of the last 24 hours, in one statement."""
    wanted = (
        func.unnest(cast(list(supplier_ids), ARRAY(Uuid)))
        .table_valued("supplier_id")
        .render_derived("wanted")
    )
    latest = (
        select(
            redemption_attempt.c.state,
            redemption_attempt.c.unknown_at,
            redemption_attempt.c.claimed_at,
            redemption_attempt.c.ended_at,
        )
        .where(
            redemption_attempt.c.network_id == network_id,
            redemption_attempt.c.supplier_id == wanted.c.supplier_id,
            redemption_attempt.c.claimed_at > now - WINDOW,
        )
        .order_by(redemption_attempt.c.claimed_at.desc())
        .limit(WINDOW_ATTEMPTS)
        .lateral("latest")
    )
    rows = await db.execute(
        select(
            wanted.c.supplier_id,
            latest.c.state,
            latest.c.unknown_at,
            latest.c.claimed_at,
            latest.c.ended_at,
        )
        .join_from(wanted, latest, true())
        .order_by(wanted.c.supplier_id, latest.c.claimed_at.desc())
    )
    tries: dict[UUID, list[Try]] = defaultdict(list)
    for row in rows:
        state = AttemptState(row.state)
        tries[row.supplier_id].append(Try(state, row.unknown_at, row.claimed_at, row.ended_at))
    return {one: judge_health(tries[one], now=now) for one in supplier_ids}
