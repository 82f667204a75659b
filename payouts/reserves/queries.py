"""Reads of reserves and their policies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import Money
from payouts.reserves.model import Reserve, ReservePolicy
from payouts.reserves.tables import reserve, reserve_policy


def _policy(row: Any) -> ReservePolicy:
    return ReservePolicy(
        policy_id=row.policy_id,
        currency=row.currency,
        partner_id=row.partner_id,
        share_bps=row.share_bps,
        hold_days=row.hold_days,
        published_by=row.published_by,
        published_at=row.published_at,
    )


def reserve_of(row: Any) -> Reserve:
    """Read a reserve out of its row."""
    return Reserve(
        reserve_id=row.reserve_id,
        policy_id=row.policy_id,
        cycle_id=row.cycle_id,
        partner_id=row.partner_id,
        amount=Money(row.amount, row.currency),
        withheld_at=row.withheld_at,
        release_at=row.release_at,
        withheld_by_journal=row.withheld_by_journal,
        released_at=row.released_at,
        released_by_journal=row.released_by_journal,
    )


async def read_policies_in_force(
    db: AsyncConnection, *, network_id: int, currency: str
) -> list[ReservePolicy]:
    """Read the newest policy of a currency for all partners, and for each that has its own."""
    rows = await db.execute(
        select(reserve_policy)
        .where(reserve_policy.c.network_id == network_id, reserve_policy.c.currency == currency)
        .ext(distinct_on(reserve_policy.c.partner_id))
        .order_by(reserve_policy.c.partner_id, reserve_policy.c.policy_id.desc())
    )
    return [_policy(row) for row in rows]


async def read_reserve_policies(
    db: AsyncConnection, *, network_id: int, policy_ids: Sequence[UUID]
) -> dict[UUID, ReservePolicy]:
    """Read reserve policies by id."""
    rows = await db.execute(
        select(reserve_policy).where(
            reserve_policy.c.network_id == network_id, reserve_policy.c.policy_id.in_(policy_ids)
        )
    )
    return {row.policy_id: _policy(row) for row in rows}


async def read_reserves(
    db: AsyncConnection, *, network_id: int, reserve_ids: Sequence[UUID]
) -> dict[UUID, Reserve]:
    """Read reserves by id."""
    rows = await db.execute(
        select(reserve).where(
            reserve.c.network_id == network_id, reserve.c.reserve_id.in_(reserve_ids)
        )
    )
    return {row.reserve_id: reserve_of(row) for row in rows}


async def lock_reserve(db: AsyncConnection, *, network_id: int, reserve_id: UUID) -> Reserve | None:
    """Read a reserve and keep others from releasing it meanwhile."""
    row = await db.execute(
        select(reserve)
        .where(reserve.c.network_id == network_id, reserve.c.reserve_id == reserve_id)
        .with_for_update()
    )
    found = row.one_or_none()
    return reserve_of(found) if found else None


async def list_reserves(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    partner_id: UUID | None = None,
    is_released: bool | None = None,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    newest_first: bool = True,
) -> list[Reserve]:
    """List reserves, of one partner if named, by when they were withheld.

    `after` and `before` are places that bound the page from below and above.
    """
    order = (reserve.c.withheld_at, reserve.c.reserve_id)
    query = select(reserve).where(reserve.c.network_id == network_id)
    if partner_id is not None:
        query = query.where(reserve.c.partner_id == partner_id)
    if is_released is not None:
        is_it = reserve.c.released_at.is_not(None)
        query = query.where(is_it if is_released else ~is_it)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if before is not None:
        query = query.where(tuple_(*order) < tuple_(*before))
    query = query.order_by(*(one.desc() for one in order) if newest_first else order)
    return [reserve_of(row) for row in await db.execute(query.limit(limit))]
