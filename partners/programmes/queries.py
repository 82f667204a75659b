"""Reads of programmes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.programmes.errors import ProgrammeNotFound
from partners.programmes.model import DEFAULT_SLUG, Programme
from partners.programmes.tables import programme

PROGRAMMES_MAX = 1_000


def _selected(network_id: int) -> Select[Any]:
    return select(
        programme.c.programme_id,
        programme.c.slug,
        programme.c.name,
        programme.c.sponsor_partner_id,
        programme.c.created_at,
    ).where(programme.c.network_id == network_id)


def _programme(row: Row[Any]) -> Programme:
    return Programme(
        programme_id=row.programme_id,
        slug=row.slug,
        name=row.name,
        sponsor_partner_id=row.sponsor_partner_id,
        created_at=row.created_at,
    )


async def get_programmes(
    db: AsyncConnection, *, network_id: int, programme_ids: Sequence[UUID]
) -> dict[UUID, Programme]:
    """Read programmes by id; what does not exist is left out."""
    rows = await db.execute(
        _selected(network_id).where(programme.c.programme_id.in_(programme_ids))
    )
    return {row.programme_id: _programme(row) for row in rows}


async def get_programme(db: AsyncConnection, *, network_id: int, programme_id: UUID) -> Programme:
    """Read one programme; raises ProgrammeNotFound."""
    found = await get_programmes(db, network_id=network_id, programme_ids=[programme_id])
    if programme_id not in found:
        raise ProgrammeNotFound
    return found[programme_id]


async def find_programme_by_slug(
    db: AsyncConnection, *, network_id: int, slug: str
) -> Programme | None:
    """Find a programme by its slug."""
    row = (await db.execute(_selected(network_id).where(programme.c.slug == slug))).one_or_none()
    return None if row is None else _programme(row)


async def list_programmes_for(
    db: AsyncConnection, *, network_id: int, partner_id: UUID | None
) -> list[Programme]:
    """List the network's own programme and those that a partner sponsors, the earliest first."""
    is_for = programme.c.slug == DEFAULT_SLUG
    if partner_id is not None:
        is_for |= programme.c.sponsor_partner_id == partner_id
    query = _selected(network_id).where(is_for).order_by(programme.c.programme_id)
    return [_programme(row) for row in await db.execute(query.limit(PROGRAMMES_MAX))]


async def list_programmes(
    db: AsyncConnection,
    *,
    network_id: int,
    after: UUID | None = None,
    before: UUID | None = None,
    limit: int,
    newest_first: bool = False,
) -> list[Programme]:
    """List programmes in the order of their making.

    `newest_first` takes them from the other end; `after` and `before` always mean the order of
    making.
    """
    order = programme.c.programme_id.desc() if newest_first else programme.c.programme_id
    query = _selected(network_id).order_by(order).limit(limit)
    if after is not None:
        query = query.where(programme.c.programme_id > after)
    if before is not None:
        query = query.where(programme.c.programme_id < before)
    return [_programme(row) for row in await db.execute(query)]
