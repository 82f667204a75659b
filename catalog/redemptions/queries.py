"""Reads of quotes, redemptions and attempts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.pricing import CostLines, PointsPart
from catalog.redemptions.errors import QuoteNotFound, RedemptionNotFound
from catalog.redemptions.model import (
    Attempt,
    AttemptState,
    Quote,
    QuoteLines,
    Redemption,
    RedemptionKind,
    RedemptionState,
)
from catalog.redemptions.tables import quote, redemption, redemption_attempt
from payouts.money import Money, Points


@dataclass(frozen=True, slots=True)
class RedemptionCursor:
    """A place in a list of redemptions: when it was placed, then its id."""

    placed_at: datetime
    redemption_id: UUID


def _quote(row: Any) -> Quote:
    unit = row.currency
    return Quote(
        quote_id=row.quote_id,
        member_id=row.member_id,
        reward_id=row.reward_id,
        version=row.version,
        kind=RedemptionKind(row.kind),
        face=Money(row.face, row.face_currency),
        lines=QuoteLines(
            Money(row.line_face, unit),
            Money(row.line_margin, unit),
            Money(row.line_fee, unit),
            Money(row.line_discount, unit),
            Money(row.line_fx, unit),
        ),
        expires_at=row.expires_at,
        quoted_at=row.quoted_at,
        slot_id=row.slot_id,
        brand_id=row.brand_id,
        partner_id=row.partner_id,
        supplier_id=row.supplier_id,
        supplier_sku=row.supplier_sku,
        cost=None if row.cost is None else Money(row.cost, row.cost_currency),
        fx_rate_id=row.fx_rate_id,
        fx_rate=row.fx_rate,
        margin_id=row.margin_id,
        costs=_costs(row),
        points_price=None if row.points_price is None else Points(row.points_price),
        points_part=_points_part(row),
        signature=row.signature,
    )


def _costs(row: Any) -> CostLines | None:
    if row.cost_face is None:
        return None
    unit = row.cost_currency
    return CostLines(
        Money(row.cost_face, unit), Money(row.cost_fee, unit), Money(row.cost_discount, unit)
    )


def _points_part(row: Any) -> PointsPart | None:
    if row.points is None:
        return None
    return PointsPart(Points(row.points), Money(row.points_worth, row.currency), row.points_rate_id)


async def read_quotes(
    db: AsyncConnection, *, network_id: int, quote_ids: Collection[UUID]
) -> dict[UUID, Quote]:
    """Tell quotes by id; absent ones are left out."""
    rows = await db.execute(
        select(quote).where(quote.c.network_id == network_id, quote.c.quote_id.in_(quote_ids))
    )
    return {row.quote_id: _quote(row) for row in rows}


async def get_quote(db: AsyncConnection, *, network_id: int, quote_id: UUID) -> Quote:
    """Tell one quote. Raises QuoteNotFound."""
    found = await read_quotes(db, network_id=network_id, quote_ids=[quote_id])
    if quote_id not in found:
        raise QuoteNotFound
    return found[quote_id]


def _redemptions(network_id: int) -> Select[Any]:
    return select(redemption).where(redemption.c.network_id == network_id)


def _redemption(row: Any) -> Redemption:
    return Redemption(
        redemption_id=row.redemption_id,
        quote_id=row.quote_id,
        member_id=row.member_id,
        reward_id=row.reward_id,
        version=row.version,
        kind=RedemptionKind(row.kind),
        state=RedemptionState(row.state),
        face=Money(row.face, row.face_currency),
        total=Money(row.total, row.currency),
        hold_id=row.hold_id,
        card_id=row.card_id,
        booking_id=row.booking_id,
        charged=None if row.charged is None else Money(row.charged, row.charged_currency),
        failure_code=row.failure_code,
        placed_at=row.placed_at,
        ended_at=row.ended_at,
        points=None if row.points is None else Points(row.points),
        points_worth=None if row.points is None else Money(row.points_worth, row.currency),
        points_hold_id=row.points_hold_id,
    )


async def read_redemptions(
    db: AsyncConnection, *, network_id: int, redemption_ids: Collection[UUID]
) -> dict[UUID, Redemption]:
    """Tell redemptions by id; absent ones are left out."""
    rows = await db.execute(
        _redemptions(network_id).where(redemption.c.redemption_id.in_(redemption_ids))
    )
    return {row.redemption_id: _redemption(row) for row in rows}


async def lock_redemption(
    db: AsyncConnection, *, network_id: int, redemption_id: UUID
) -> Redemption:
    """Tell a redemption and keep others from changing it. Raises RedemptionNotFound."""
    row = await db.execute(
        _redemptions(network_id)
        .where(redemption.c.redemption_id == redemption_id)
        .with_for_update(key_share=True)
    )
    found = row.one_or_none()
    if found is None:
        raise RedemptionNotFound
    return _redemption(found)


async def lock_free_redemption(
    db: AsyncConnection, *, network_id: int, redemption_id: UUID
) -> Redemption | None:
    """Tell a redemption as `lock_redemption` does, or None when somebody is changing it now."""
    row = await db.execute(
        _redemptions(network_id)
        .where(redemption.c.redemption_id == redemption_id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    found = row.one_or_none()
    return None if found is None else _redemption(found)


async def list_redemptions(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    member_id: UUID | None = None,
    after: RedemptionCursor | None = None,
    limit: int,
    backward: bool = False,
) -> list[Redemption]:
    """List what was placed from `since` until before `until`, one member's or everybody's.

    The earliest comes first or, `backward`, the latest; `after` is the place to go on from.
    """
    query = _redemptions(network_id).where(
        redemption.c.placed_at >= since, redemption.c.placed_at < until
    )
    if member_id is not None:
        query = query.where(redemption.c.member_id == member_id)
    place = tuple_(redemption.c.placed_at, redemption.c.redemption_id)
    if after is not None:
        key = (after.placed_at, after.redemption_id)
        query = query.where(place < key if backward else place > key)
    order = (redemption.c.placed_at, redemption.c.redemption_id)
    query = query.order_by(*(one.desc() if backward else one.asc() for one in order))
    return [_redemption(row) for row in await db.execute(query.limit(limit))]


async def sum_redemptions(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    member_id: UUID | None = None,
) -> list[Money]:
    """Sum what was placed in a period and neither failed nor was cancelled, by currency."""
    ended = (RedemptionState.FAILED, RedemptionState.CANCELLED)
    query = (
        select(redemption.c.currency, cast(func.sum(redemption.c.total), BigInteger).label("sum"))
        .where(
            redemption.c.network_id == network_id,
            redemption.c.placed_at >= since,
            redemption.c.placed_at < until,
            redemption.c.state.not_in(ended),
        )
        .group_by(redemption.c.currency)
        .order_by(redemption.c.currency)
    )
    if member_id is not None:
        query = query.where(redemption.c.member_id == member_id)
    return [Money(row.sum, row.currency) for row in await db.execute(query)]


async def read_attempts(
    db: AsyncConnection, *, network_id: int, redemption_ids: Collection[UUID]
) -> dict[UUID, Attempt]:
    """Tell the order at the supplier of each redemption that has one."""
    rows = await db.execute(
        select(redemption_attempt)
        .where(
            redemption_attempt.c.network_id == network_id,
            redemption_attempt.c.redemption_id.in_(redemption_ids),
        )
        .order_by(redemption_attempt.c.redemption_id, redemption_attempt.c.epoch)
    )
    return {
        row.redemption_id: Attempt(
            attempt_id=row.attempt_id,
            redemption_id=row.redemption_id,
            supplier_id=row.supplier_id,
            supplier_key=row.supplier_key,
            state=AttemptState(row.state),
            sends=row.sends,
            absences=row.absences,
            first_absent_at=row.first_absent_at,
            supplier_reference=row.supplier_reference,
            other_references=tuple(row.other_references),
            remark=row.remark,
            claimed_at=row.claimed_at,
            ended_at=row.ended_at,
        )
        for row in rows
    }
