"""Reads of quotes, redemptions and attempts."""

from collections import defaultdict
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
    Exclusion,
    PassedOver,
    Quote,
    QuoteLines,
    QuoteSource,
    Redemption,
    RedemptionKind,
    RedemptionState,
)
from catalog.redemptions.sourcing import SourcingPolicy, only_source
from catalog.redemptions.tables import (
    quote,
    quote_source,
    redemption,
    redemption_attempt,
    sourcing_policy,
)
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


async def list_attempts(
    db: AsyncConnection, *, network_id: int, redemption_ids: Collection[UUID]
) -> dict[UUID, list[Attempt]]:
    """Tell every order at a supplier of each redemption that has any, the first first."""
    rows = await db.execute(
        select(redemption_attempt)
        .where(
            redemption_attempt.c.network_id == network_id,
            redemption_attempt.c.redemption_id.in_(redemption_ids),
        )
        .order_by(redemption_attempt.c.redemption_id, redemption_attempt.c.epoch)
    )
    found: dict[UUID, list[Attempt]] = defaultdict(list)
    for row in rows:
        found[row.redemption_id].append(_attempt(row))
    return found


async def read_attempts(
    db: AsyncConnection, *, network_id: int, redemption_ids: Collection[UUID]
) -> dict[UUID, Attempt]:
    """Tell the latest order at a supplier of each redemption that has one."""
    found = await list_attempts(db, network_id=network_id, redemption_ids=redemption_ids)
    return {key: attempts[-1] for key, attempts in found.items()}


def _attempt(row: Any) -> Attempt:
    return Attempt(
        attempt_id=row.attempt_id,
        redemption_id=row.redemption_id,
        epoch=row.epoch,
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
        source_id=row.source_id,
        supplier_sku=row.supplier_sku,
        cost=None if row.cost is None else Money(row.cost, row.cost_currency),
        failure_code=row.failure_code,
        unknown_at=row.unknown_at,
        passed_over=tuple(PassedOver.from_row(one) for one in row.passed_over or ()),
    )


async def list_quote_sources(
    db: AsyncConnection, *, network_id: int, quotes: Collection[Quote]
) -> dict[UUID, list[QuoteSource]]:
    """Tell what each quote of a supplier's card was chosen from, the chosen one first."""
    by_id = {one.quote_id: one for one in quotes if one.supplier_id is not None}
    rows = await db.execute(
        select(quote_source)
        .where(quote_source.c.network_id == network_id, quote_source.c.quote_id.in_(by_id))
        .order_by(quote_source.c.quote_id, quote_source.c.place)
    )
    found: dict[UUID, list[QuoteSource]] = defaultdict(list)
    for row in rows:
        found[row.quote_id].append(_source(row, by_id[row.quote_id].total.currency))
    return {key: found[key] or [only_source(one)] for key, one in by_id.items()}


def _source(row: Any, currency: str) -> QuoteSource:
    is_priced = row.cost is not None
    because = row.excluded_because
    return QuoteSource(
        source_id=row.source_id,
        version=row.version,
        supplier_id=row.supplier_id,
        supplier_sku=row.supplier_sku,
        cost=Money(row.cost, row.cost_currency) if is_priced else None,
        cost_in_wallet=Money(row.cost_in_wallet, currency) if is_priced else None,
        fx_rate_id=row.fx_rate_id,
        fx_rate=row.fx_rate,
        score=row.score,
        excluded_because=None if because is None else Exclusion(because),
    )


def _policies(network_id: int) -> Select[Any]:
    return select(
        sourcing_policy.c.policy_id,
        sourcing_policy.c.loss_max_bps,
        sourcing_policy.c.published_by,
        sourcing_policy.c.published_at,
    ).where(sourcing_policy.c.network_id == network_id)


async def read_sourcing_policies(
    db: AsyncConnection, *, network_id: int, policy_ids: Collection[UUID]
) -> dict[UUID, SourcingPolicy]:
    """Tell sourcing policies by id; absent ones are left out."""
    rows = await db.execute(
        _policies(network_id).where(sourcing_policy.c.policy_id.in_(policy_ids))
    )
    return {row.policy_id: SourcingPolicy(*row) for row in rows}


async def find_sourcing_policy(db: AsyncConnection, *, network_id: int) -> SourcingPolicy | None:
    """Tell the policy that was published last; without one nothing may be lost by a failover."""
    latest = _policies(network_id).order_by(sourcing_policy.c.policy_id.desc()).limit(1)
    row = (await db.execute(latest)).first()
    return None if row is None else SourcingPolicy(*row)
