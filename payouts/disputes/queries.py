"""Reads of disputes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disputes.errors import DisputeNotFound
from payouts.disputes.model import Dispute, DisputeState
from payouts.disputes.tables import dispute
from payouts.money import Money


def _dispute(row: Any) -> Dispute:
    return Dispute(
        dispute_id=row.dispute_id,
        statement_id=row.statement_id,
        partner_id=row.partner_id,
        journal_id=row.journal_id,
        line=row.line,
        account_type=row.account_type,
        amount=Money(row.amount, row.currency),
        reason=row.reason,
        state=DisputeState(row.state),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        accepted=None if row.accepted is None else Money(row.accepted, row.currency),
        remark=row.remark,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


async def read_disputes(
    db: AsyncConnection, *, network_id: int, dispute_ids: Sequence[UUID]
) -> dict[UUID, Dispute]:
    """Read disputes by id."""
    rows = await db.execute(
        select(dispute).where(
            dispute.c.network_id == network_id, dispute.c.dispute_id.in_(dispute_ids)
        )
    )
    return {row.dispute_id: _dispute(row) for row in rows}


async def lock_dispute(
    db: AsyncConnection, *, network_id: int, dispute_id: UUID, partner_id: UUID | None = None
) -> Dispute:
    """Read a dispute, only of a partner if named, and keep others from changing it.

    Raises DisputeNotFound.
    """
    query = select(dispute).where(
        dispute.c.network_id == network_id, dispute.c.dispute_id == dispute_id
    )
    if partner_id is not None:
        query = query.where(dispute.c.partner_id == partner_id)
    row = (await db.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise DisputeNotFound
    return _dispute(row)


async def find_dispute_of_line(
    db: AsyncConnection, *, network_id: int, journal_id: UUID, line: int
) -> Dispute | None:
    """Find the dispute of a line that was not withdrawn."""
    rows = await db.execute(
        select(dispute).where(
            dispute.c.network_id == network_id,
            dispute.c.journal_id == journal_id,
            dispute.c.line == line,
            dispute.c.state != DisputeState.WITHDRAWN.value,
        )
    )
    row = rows.one_or_none()
    return _dispute(row) if row else None


async def list_disputes(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    partner_id: UUID | None = None,
    is_open: bool | None = None,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    newest_first: bool = True,
) -> list[Dispute]:
    """List disputes, the newest first; `after` and `before` are places that bound the page."""
    order = (dispute.c.opened_at, dispute.c.dispute_id)
    query = select(dispute).where(dispute.c.network_id == network_id)
    if partner_id is not None:
        query = query.where(dispute.c.partner_id == partner_id)
    if is_open is not None:
        is_it = dispute.c.state == DisputeState.OPEN.value
        query = query.where(is_it if is_open else ~is_it)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if before is not None:
        query = query.where(tuple_(*order) < tuple_(*before))
    query = query.order_by(*(one.desc() for one in order) if newest_first else order)
    return [_dispute(row) for row in await db.execute(query.limit(limit))]
