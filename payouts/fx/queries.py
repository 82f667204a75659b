"""Reads of exchange rates."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    String,
    TableValuedAlias,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.fx.model import FxRate, usable_rate
from payouts.fx.tables import fx_rate

_RATE = (
    fx_rate.c.fx_rate_id,
    fx_rate.c.base,
    fx_rate.c.quote,
    fx_rate.c.value,
    fx_rate.c.source,
    fx_rate.c.observed_at,
    fx_rate.c.max_age_seconds,
)


async def find_fx_rate(
    db: AsyncConnection, *, network_id: int, base: str, quote: str, now: datetime
) -> FxRate:
    """Tell the rate in force: the one observed last. Raises FxRateMissing or FxRateStale."""
    newest = await list_fx_rates(db, network_id=network_id, bases=[base], quote=quote, now=now)
    return usable_rate(newest.get(base), base=base, quote=quote, now=now)


async def list_fx_rates(
    db: AsyncConnection, *, network_id: int, bases: Collection[str], quote: str, now: datetime
) -> dict[str, FxRate]:
    """Tell the last observed rate of each base currency into one currency, stale ones too."""
    asked = sorted(set(bases) - {quote})
    if not asked:
        return {}
    wanted = func.unnest(cast(asked, ARRAY(String))).table_valued("base").render_derived("wanted")
    pair = (fx_rate.c.quote == quote, fx_rate.c.base == wanted.c.base)
    return {one.base: one for one in await _read_newest(db, network_id, wanted, pair, now)}


async def list_fx_rates_from(
    db: AsyncConnection, *, network_id: int, base: str, quotes: Collection[str], now: datetime
) -> dict[str, FxRate]:
    """Tell the last observed rate of one base currency into each currency, stale ones too."""
    asked = sorted(set(quotes) - {base})
    if not asked:
        return {}
    wanted = func.unnest(cast(asked, ARRAY(String))).table_valued("quote").render_derived("wanted")
    pair = (fx_rate.c.quote == wanted.c.quote, fx_rate.c.base == base)
    return {one.quote: one for one in await _read_newest(db, network_id, wanted, pair, now)}


async def _read_newest(
    db: AsyncConnection,
    network_id: int,
    wanted: TableValuedAlias,
    pair: tuple[ColumnElement[bool], ...],
    now: datetime,
) -> list[FxRate]:
    # One descent of the index for each pair, however long the history is.
    newest = (
        select(*_RATE)
        .where(fx_rate.c.network_id == network_id, *pair, fx_rate.c.observed_at <= now)
        .order_by(fx_rate.c.observed_at.desc(), fx_rate.c.fx_rate_id.desc())
        .limit(1)
        .lateral("newest")
    )
    rows = await db.execute(select(*newest.c).select_from(wanted.join(newest, true())))
    return [_rate(row) for row in rows]


async def get_fx_rates(
    db: AsyncConnection, *, network_id: int, fx_rate_ids: Collection[UUID]
) -> dict[UUID, FxRate]:
    """Tell published rates by id, whether or not they are still in force."""
    rows = await db.execute(
        select(*_RATE).where(
            fx_rate.c.network_id == network_id, fx_rate.c.fx_rate_id.in_(list(fx_rate_ids))
        )
    )
    return {row.fx_rate_id: _rate(row) for row in rows}


def _rate(row: Any) -> FxRate:
    return FxRate(
        row.fx_rate_id,
        row.base,
        row.quote,
        row.value,
        row.source,
        row.observed_at,
        row.max_age_seconds,
    )
