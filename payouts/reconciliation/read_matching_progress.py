"""Telling how far matching is."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import Money
from payouts.reconciliation.model import ItemState
from payouts.reconciliation.progress import MatchingProgress
from payouts.reconciliation.tables import reconciliation_item


async def read_matching_progress(
    db: AsyncConnection, *, network_id: int, since: datetime, until: datetime
) -> list[MatchingProgress]:
    """Count the outside lines of a period by side and currency, and how they stand.

    One query; every line of the provider and of the bank is an item from the moment that it was
    read. Changes nothing.
    """
    item = reconciliation_item.c
    is_open = item.resolved_at.is_(None)
    rows = await db.execute(
        select(
            item.leg,
            item.currency,
            func.count().label("number"),
            func.count().filter(item.state == ItemState.MATCHED.value).label("matched"),
            func.count().filter(item.state == ItemState.RESOLVED.value).label("resolved"),
            func.count().filter(item.state == ItemState.PROPOSED.value).label("proposed"),
            func.coalesce(func.sum(item.open_amount).filter(is_open), 0).label("open_amount"),
            func.min(item.occurred_at).filter(is_open).label("open_since"),
        )
        .where(
            item.network_id == network_id,
            item.occurred_at >= since,
            item.occurred_at < until,
        )
        .group_by(item.leg, item.currency)
        .order_by(item.leg, item.currency)
    )
    return [
        MatchingProgress(
            leg=row.leg,
            count=row.number,
            matched_count=row.matched,
            resolved_count=row.resolved,
            proposed_count=row.proposed,
            open_amount=Money(int(row.open_amount), row.currency),
            open_since=row.open_since,
        )
        for row in rows
    ]
