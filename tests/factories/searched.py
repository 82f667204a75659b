"""The smallest thing to be searched for, filed as it is, without a reward behind it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.search import Delivery, PriceBand, SearchEntry, file_rewards
from payouts.money import new_id
from tests.conftest import NOW


def entry(
    *titles: str,
    reward_id: UUID | None = None,
    rank: int = 1_000,
    kind: str = "gift_card",
    brand_id: UUID | None = None,
    brand: Sequence[str] = (),
    category: str | None = None,
    countries: Sequence[str] = ("SA",),
    price_band: PriceBand | None = PriceBand.FROM_50,
    delivery: Delivery = Delivery.CODE,
) -> SearchEntry:
    return SearchEntry(
        reward_id=reward_id or new_id(NOW),
        rank=rank,
        kind=kind,
        titles=titles,
        brand_id=brand_id,
        brand_names=tuple(brand),
        category=category,
        countries=tuple(countries),
        price_band=price_band,
        delivery=delivery,
    )


async def file(
    db: AsyncConnection, *entries: SearchEntry, network_id: int, now: datetime = NOW
) -> list[UUID]:
    await file_rewards(db, network_id=network_id, entries=entries, now=now)
    return [one.reward_id for one in entries]
