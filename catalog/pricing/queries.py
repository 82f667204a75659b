"""Reads that prices depend on."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.margins import list_margins, subjects_of
from catalog.pricing.model import Price, PriceBook, price_reward
from catalog.rewards import GiftCardTerms, Reward
from catalog.suppliers import get_suppliers
from payouts.fx import list_fx_rates
from payouts.money import POINTS_UNIT, Money


async def read_price_book(
    db: AsyncConnection,
    *,
    network_id: int,
    rewards: Collection[Reward],
    currency: str,
    now: datetime,
) -> PriceBook:
    """Read, in three statements, what the prices of these rewards in a currency depend on."""
    ids = {one.supplier.supplier_id for one in rewards if one.supplier is not None}
    bases = {one.terms.cost_currency for one in rewards if isinstance(one.terms, GiftCardTerms)}
    subjects = {
        subject
        for one in rewards
        if one.supplier is not None
        for subject in subjects_of(
            brand_id=None if one.brand is None else one.brand.brand_id,
            category=one.category,
            supplier_id=one.supplier.supplier_id,
        )
    }
    bases.add(POINTS_UNIT)
    return PriceBook(
        currency=currency,
        suppliers=await get_suppliers(db, network_id=network_id, supplier_ids=ids),
        rates=await list_fx_rates(db, network_id=network_id, bases=bases, quote=currency, now=now),
        now=now,
        margins=await list_margins(db, network_id=network_id, subjects=subjects),
    )


async def find_price(
    db: AsyncConnection,
    *,
    network_id: int,
    reward: Reward,
    face: Money | None,
    currency: str,
    now: datetime,
) -> Price:
    """Tell what one piece of a reward costs now, in a currency; see price_reward for refusals."""
    book = await read_price_book(
        db, network_id=network_id, rewards=[reward], currency=currency, now=now
    )
    return price_reward(reward, face=face, book=book)
