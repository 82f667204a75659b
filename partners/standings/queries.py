"""Reads of standings."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.standings.model import Standing
from partners.standings.tables import member_standing


def _selected(network_id: int) -> Select[Any]:
    return select(
        member_standing.c.member_standing_id,
        member_standing.c.member_id,
        member_standing.c.version,
        member_standing.c.tier,
        member_standing.c.segments,
        member_standing.c.set_by,
        member_standing.c.set_at,
    ).where(member_standing.c.network_id == network_id)


def _standing(row: Any) -> Standing:
    return Standing(
        member_standing_id=row.member_standing_id,
        member_id=row.member_id,
        version=row.version,
        tier=row.tier,
        segments=tuple(row.segments),
        set_by=row.set_by,
        set_at=row.set_at,
    )


async def find_standing(
    db: AsyncConnection, *, network_id: int, member_id: UUID
) -> Standing | None:
    """Find where a member stands; None when nobody ever said."""
    rows = await db.execute(
        _selected(network_id)
        .where(member_standing.c.member_id == member_id)
        .order_by(member_standing.c.version.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else _standing(row)


async def read_standings(
    db: AsyncConnection, *, network_id: int, standing_ids: Collection[UUID]
) -> dict[UUID, Standing]:
    """Read standings by id, whether or not they are still in force."""
    rows = await db.execute(
        _selected(network_id).where(member_standing.c.member_standing_id.in_(list(standing_ids)))
    )
    return {row.member_standing_id: _standing(row) for row in rows}
