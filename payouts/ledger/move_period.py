"""Closing months."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.errors import PeriodClosed, PeriodCloserIsProposer, PeriodNotOver
from payouts.ledger.model import month_after
from payouts.ledger.tables import book, period


async def move_period(
    db: AsyncConnection,
    *,
    network_id: int,
    month: date,
    status: Literal["soft", "closed"],
    actor: str,
    now: datetime,
) -> None:
    """Stop new journals from entering a month: proposed ("soft") or for good ("closed").

    Waits for journals that are entering it. Raises PeriodNotOver, PeriodClosed, and
    PeriodCloserIsProposer when somebody would close what they proposed themselves.
    """
    zone = (await db.execute(select(book.c.zone).where(book.c.book_id == network_id))).scalar_one()
    if now.astimezone(ZoneInfo(zone)).date() < month_after(month):
        raise PeriodNotOver(period=month.isoformat()[:7])
    row = insert(period).values(
        book_id=network_id, network_id=network_id, period=month, status="open"
    )
    await db.execute(row.on_conflict_do_nothing())
    own = (period.c.book_id == network_id, period.c.period == month)
    # A journal keeps its month by KEY SHARE until it commits; only a full row lock waits for it.
    found = (
        await db.execute(
            select(period.c.status, period.c.proposed_by).where(*own).with_for_update()
        )
    ).one()
    if found.status == "closed":
        raise PeriodClosed(period=month.isoformat()[:7])
    if status == "soft":
        await db.execute(
            update(period).where(*own).values(status=status, proposed_by=actor, proposed_at=now)
        )
        return
    if found.proposed_by == actor:
        raise PeriodCloserIsProposer(period=month.isoformat()[:7])
    await db.execute(
        update(period).where(*own).values(status=status, closed_by=actor, closed_at=now)
    )
