"""Listing into which currencies nets are converted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.conversion import ConversionPolicy
from payouts.settlement.tables import settlement_conversion


async def list_settlement_conversions(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    partner_id: UUID | None = None,
    policy_ids: Sequence[UUID] | None = None,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    newest_first: bool = True,
) -> list[ConversionPolicy]:
    """List conversion policies, of one partner or of some ids if named, by when published.

    `after` and `before` are places that bound the page from below and above.
    """
    policy = settlement_conversion
    order = (policy.c.published_at, policy.c.policy_id)
    query = select(policy).where(policy.c.network_id == network_id)
    if partner_id is not None:
        query = query.where(policy.c.partner_id == partner_id)
    if policy_ids is not None:
        query = query.where(policy.c.policy_id.in_(policy_ids))
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if before is not None:
        query = query.where(tuple_(*order) < tuple_(*before))
    query = query.order_by(*(one.desc() for one in order) if newest_first else order)
    return [_policy(row) for row in await db.execute(query.limit(limit))]


def _policy(row: Any) -> ConversionPolicy:
    return ConversionPolicy(
        policy_id=row.policy_id,
        partner_id=row.partner_id,
        currency=row.currency,
        into=row.into_currency,
        published_by=row.published_by,
        published_at=row.published_at,
    )
