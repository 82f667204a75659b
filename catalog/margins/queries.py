"""Reads of margins."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.margins.model import Margin, MarginScope, Subject
from catalog.margins.tables import margin

MARGINS_MAX = 1_000
_MARGIN = (
    margin.c.margin_id,
    margin.c.scope,
    margin.c.subject,
    margin.c.version,
    margin.c.margin_bps,
    margin.c.published_by,
    margin.c.published_at,
)


def _margin(row: Any) -> Margin:
    return Margin(
        margin_id=row.margin_id,
        scope=MarginScope(row.scope),
        subject=row.subject,
        version=row.version,
        margin_bps=row.margin_bps,
        published_by=row.published_by,
        published_at=row.published_at,
    )


async def list_margins(
    db: AsyncConnection, *, network_id: int, subjects: Collection[Subject]
) -> dict[Subject, Margin]:
    """Tell the margin in force of each subject that has one."""
    if not subjects:
        return {}
    asked = sorted(set(subjects))
    # One descent of the index for each subject, however often its margin was changed.
    wanted = (
        func.unnest(
            cast([scope.value for scope, _ in asked], ARRAY(Text)),
            cast([subject for _, subject in asked], ARRAY(Text)),
        )
        .table_valued("scope", "subject")
        .render_derived("wanted")
    )
    newest = (
        select(*_MARGIN)
        .where(
            margin.c.network_id == network_id,
            margin.c.scope == wanted.c.scope,
            margin.c.subject == wanted.c.subject,
        )
        .order_by(margin.c.version.desc())
        .limit(1)
        .lateral("newest")
    )
    rows = await db.execute(select(*newest.c).select_from(wanted.join(newest, true())))
    found = [_margin(row) for row in rows]
    return {(one.scope, one.subject): one for one in found}


async def read_margins(
    db: AsyncConnection, *, network_id: int, margin_ids: Collection[UUID]
) -> dict[UUID, Margin]:
    """Tell margins by id, whether or not they are still in force; absent ones are left out."""
    rows = await db.execute(
        select(*_MARGIN).where(
            margin.c.network_id == network_id, margin.c.margin_id.in_(list(margin_ids))
        )
    )
    return {row.margin_id: _margin(row) for row in rows}


async def list_margins_in_force(db: AsyncConnection, *, network_id: int) -> list[Margin]:
    """List the margin in force of every subject that has one, at most a thousand."""
    rows = await db.execute(
        select(*_MARGIN)
        .where(margin.c.network_id == network_id)
        .ext(distinct_on(margin.c.scope, margin.c.subject))
        .order_by(margin.c.scope, margin.c.subject, margin.c.version.desc())
        .limit(MARGINS_MAX)
    )
    return [_margin(row) for row in rows]
