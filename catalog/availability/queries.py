"""Reads of what was said."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability.model import Availability, Said
from catalog.availability.tables import reward_availability


async def read_said(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID]
) -> dict[UUID, Said]:
    """Tell what was last said of items; those of which nothing was said are left out."""
    if not reward_ids:
        return {}
    said = reward_availability.c
    rows = await db.execute(
        select(said.reward_id, said.availability, said.observed_at, said.sequence).where(
            said.network_id == network_id,
            said.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
        )
    )
    return {
        row.reward_id: Said(
            row.reward_id, Availability(row.availability), row.observed_at, row.sequence
        )
        for row in rows
    }


async def read_levels(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID]
) -> dict[UUID, Availability]:
    """Tell how much there is of each of these items as was last said; UNKNOWN if nobody did."""
    said = await read_said(db, network_id=network_id, reward_ids=reward_ids)
    return {
        key: said[key].availability if key in said else Availability.UNKNOWN for key in reward_ids
    }


async def list_said_out(db: AsyncConnection, *, network_id: int) -> list[UUID]:
    """Tell all items of which it was last said that there is none, to be counted over."""
    said = reward_availability.c
    rows = await db.execute(
        select(said.reward_id)
        .where(said.network_id == network_id, said.availability == Availability.OUT.value)
        .order_by(said.reward_id)
    )
    return list(rows.scalars())
