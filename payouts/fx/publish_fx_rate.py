"""Publishing exchange rates."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.fx.errors import FxRateInvalid
from payouts.fx.model import FxRate
from payouts.fx.tables import fx_rate
from payouts.money import exponent_of, kind_of, new_id

VALUE_TEXT = re.compile(r"\d{1,10}(\.\d{1,10})?", re.ASCII)
SOURCE_LENGTH_MAX = 80
MAX_AGE_SECONDS_MAX = 366 * 24 * 3600
CLOCK_TOLERANCE = timedelta(minutes=5)


async def publish_fx_rate(
    db: AsyncConnection,
    *,
    network_id: int,
    base: str,
    quote: str,
    value: str,
    source: str,
    observed_at: datetime,
    max_age_seconds: int,
    now: datetime,
) -> FxRate:
    """Add a rate, which is in force from its observation until its age is over or a newer comes.

    `value` is decimal text: what one major unit of `base` costs in major units of `quote`, with at
    most ten digits after the point; more are refused, never rounded. What a point costs is quoted
    alike, with points as the base. Raises FxRateInvalid, UnknownCurrency.
    """
    _check(base=base, quote=quote, value=value, source=source)
    if not 0 < max_age_seconds <= MAX_AGE_SECONDS_MAX:
        raise FxRateInvalid("The age must be positive and at most a year.", path=("maxAgeSeconds",))
    if observed_at > now + CLOCK_TOLERANCE:
        raise FxRateInvalid("A rate cannot be observed in the future.", path=("observedAt",))
    rate = FxRate(
        fx_rate_id=new_id(now),
        base=base,
        quote=quote,
        value=Decimal(value),
        source=source.strip(),
        observed_at=min(observed_at, now),
        max_age_seconds=max_age_seconds,
    )
    await db.execute(
        insert(fx_rate).values(
            network_id=network_id,
            fx_rate_id=rate.fx_rate_id,
            base=rate.base,
            quote=rate.quote,
            value=rate.value,
            source=rate.source,
            observed_at=rate.observed_at,
            max_age_seconds=rate.max_age_seconds,
            published_at=now,
        )
    )
    return rate


def _check(*, base: str, quote: str, value: str, source: str) -> None:
    kind_of(base)
    exponent_of(quote)
    if base == quote:
        raise FxRateInvalid("A currency has no rate against itself.", path=("quote",))
    if not VALUE_TEXT.fullmatch(value) or Decimal(value) == 0:
        raise FxRateInvalid(
            "A rate is a positive decimal with at most ten digits on either side of the point.",
            path=("value",),
            value=value[:40],
        )
    if not 1 <= len(source.strip()) <= SOURCE_LENGTH_MAX:
        raise FxRateInvalid("The source names who observed the rate.", path=("source",))
