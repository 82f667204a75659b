"""Reads of accruals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, Select, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.errors import AccrualNotFound
from partners.accruals.model import Accrual, AccrualShare, AccrualState
from partners.accruals.tables import accrual, accrual_share
from partners.agreements import UnspentTo
from payouts.money import Money


def select_accruals(network_id: int) -> Select[Any]:
    """Select a network's accruals with all their columns."""
    return select(
        accrual.c.accrual_id,
        accrual.c.purchase_id,
        accrual.c.partner_id,
        accrual.c.member_id,
        accrual.c.rule_id,
        accrual.c.rate_bps,
        accrual.c.state,
        accrual.c.cashback,
        accrual.c.cashback_reversed,
        accrual.c.fee,
        accrual.c.fee_reversed,
        accrual.c.debt_offset,
        accrual.c.currency,
        accrual.c.earned_at,
        accrual.c.available_at,
        accrual.c.confirmed_at,
        accrual.c.pending_journal_id,
        accrual.c.confirm_journal_id,
        accrual.c.expires_at,
        accrual.c.unspent_to,
        accrual.c.cashback_expired,
    ).where(accrual.c.network_id == network_id)


async def with_shares(
    db: AsyncConnection, network_id: int, rows: Sequence[Row[Any]]
) -> list[Accrual]:
    """Complete selected accruals with those of their shares that the scope may see."""
    if not rows:
        return []
    query: Select[Any] = (
        select(
            accrual_share.c.accrual_id,
            accrual_share.c.line,
            accrual_share.c.funder,
            accrual_share.c.partner_id,
            accrual_share.c.amount,
            accrual_share.c.reversed,
            accrual_share.c.expired,
        )
        .where(
            accrual_share.c.network_id == network_id,
            accrual_share.c.accrual_id.in_([row.accrual_id for row in rows]),
        )
        .order_by(accrual_share.c.accrual_id, accrual_share.c.line)
    )
    shares: dict[UUID, list[Row[Any]]] = {row.accrual_id: [] for row in rows}
    for share in await db.execute(query):
        shares[share.accrual_id].append(share)
    return [_accrual(row, shares[row.accrual_id]) for row in rows]


def _accrual(row: Row[Any], shares: Sequence[Row[Any]]) -> Accrual:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return Accrual(
        accrual_id=row.accrual_id,
        purchase_id=row.purchase_id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        rule_id=row.rule_id,
        rate_bps=row.rate_bps,
        state=AccrualState(row.state),
        cashback=money(row.cashback),
        cashback_reversed=money(row.cashback_reversed),
        fee=money(row.fee),
        fee_reversed=money(row.fee_reversed),
        debt_offset=money(row.debt_offset),
        earned_at=row.earned_at,
        available_at=row.available_at,
        confirmed_at=row.confirmed_at,
        pending_journal_id=row.pending_journal_id,
        confirm_journal_id=row.confirm_journal_id,
        shares=tuple(
            AccrualShare(
                share.line,
                share.funder,
                share.partner_id,
                money(share.amount),
                money(share.reversed),
                money(share.expired),
            )
            for share in shares
        ),
        cashback_expired=money(row.cashback_expired),
        expires_at=row.expires_at,
        unspent_to=UnspentTo(row.unspent_to),
    )


async def read_accruals(
    db: AsyncConnection, *, network_id: int, accrual_ids: Sequence[UUID]
) -> dict[UUID, Accrual]:
    """Read accruals by id; what does not exist is left out."""
    query = select_accruals(network_id).where(accrual.c.accrual_id.in_(accrual_ids))
    found = await with_shares(db, network_id, (await db.execute(query)).all())
    return {one.accrual_id: one for one in found}


async def read_accruals_of_purchases(
    db: AsyncConnection, *, network_id: int, purchase_ids: Sequence[UUID]
) -> dict[UUID, Accrual]:
    """Read the accruals of purchases, by purchase."""
    query = select_accruals(network_id).where(accrual.c.purchase_id.in_(purchase_ids))
    found = await with_shares(db, network_id, (await db.execute(query)).all())
    return {one.purchase_id: one for one in found}


async def get_accrual(db: AsyncConnection, *, network_id: int, accrual_id: UUID) -> Accrual:
    """Read one accrual; raises AccrualNotFound."""
    found = await read_accruals(db, network_id=network_id, accrual_ids=[accrual_id])
    if accrual_id not in found:
        raise AccrualNotFound
    return found[accrual_id]


def _narrowed(
    query: Select[Any],
    partner_id: UUID | None,
    member_id: UUID | None,
    since: datetime,
    until: datetime,
) -> Select[Any]:
    query = query.where(accrual.c.earned_at >= since, accrual.c.earned_at < until)
    if partner_id is not None:
        query = query.where(accrual.c.partner_id == partner_id)
    if member_id is not None:
        query = query.where(accrual.c.member_id == member_id)
    return query


async def list_accruals(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
    since: datetime,
    until: datetime,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int,
    newest_first: bool = False,
) -> list[Accrual]:
    """List accruals earned from `since` until before `until`, by (earned_at, accrual_id).

    `newest_first` takes them from the other end; `after` and `before` always mean the order of
    time.
    """
    place = tuple_(accrual.c.earned_at, accrual.c.accrual_id)
    query = _narrowed(select_accruals(network_id), partner_id, member_id, since, until)
    if after is not None:
        query = query.where(place > after)
    if before is not None:
        query = query.where(place < before)
    if newest_first:
        query = query.order_by(accrual.c.earned_at.desc(), accrual.c.accrual_id.desc())
    else:
        query = query.order_by(accrual.c.earned_at, accrual.c.accrual_id)
    return await with_shares(db, network_id, (await db.execute(query.limit(limit))).all())


async def total_accruals(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
    since: datetime,
    until: datetime,
) -> list[Money]:
    """Sum the remaining cashback of the accruals of a time span, one sum for each currency."""
    total = cast(func.sum(accrual.c.cashback - accrual.c.cashback_reversed), BigInteger)
    query = (
        select(accrual.c.currency, total.label("total"))
        .where(accrual.c.network_id == network_id)
        .group_by(accrual.c.currency)
        .order_by(accrual.c.currency)
    )
    rows = await db.execute(_narrowed(query, partner_id, member_id, since, until))
    return [Money(row.total, row.currency) for row in rows]
