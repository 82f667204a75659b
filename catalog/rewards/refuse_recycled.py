"""Refusing items whose number stood for something else before."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, any_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands import get_brands
from catalog.rewards.tables import reward, reward_version
from catalog.suppliers import Feed, FeedItem, Reason, RefusedItem, get_supplier


async def refuse_recycled(
    db: AsyncConnection, *, network_id: int, supplier_id: UUID, feed: Feed
) -> Feed:
    """Tell a feed without the items whose sku was another brand's or in another currency before.

    Changes nothing. Codes in a pool and rewards on sale are found by the sku: one that is given a
    second meaning would sell the one for the other. Raises SupplierNotFound.
    """
    terms = await get_supplier(db, network_id=network_id, supplier_id=supplier_id)
    known = await _known(db, network_id, supplier_id, feed)
    brands = await get_brands(
        db, network_id=network_id, brand_ids={row.brand_id for row in known.values()}
    )
    kept, refused = [], list(feed.refused)
    # Where they stood in the file nobody knows any more: they are numbered behind its end.
    places = count(len(feed.items) + len(feed.refused) + 1)
    for item in feed.items:
        row = known.get((item.country, item.supplier_sku))
        slug = f"{terms.name}-{item.brand_key}"
        reasons = [] if row is None else _reasons(item, row, slug, brands[row.brand_id].slug)
        if reasons:
            refused.append(RefusedItem(next(places), item.supplier_sku, tuple(reasons)))
        else:
            kept.append(item)
    return replace(feed, items=tuple(kept), refused=tuple(refused))


def _reasons(item: FeedItem, row: Any, slug: str, known_slug: str) -> list[Reason]:
    reasons = []
    if slug != known_slug:
        reasons.append(Reason("brand", "is not the brand that this sku was of before"))
    if row.face_currency != item.face_currency:
        was = row.face_currency
        reasons.append(Reason("currency", f"is {item.face_currency}, this sku was in {was} before"))
    return reasons


async def _known(
    db: AsyncConnection, network_id: int, supplier_id: UUID, feed: Feed
) -> Mapping[tuple[str, str], Any]:
    skus = [item.supplier_sku for item in feed.items]
    rows = await db.execute(
        select(
            reward.c.supplier_country,
            reward.c.supplier_sku,
            reward.c.brand_id,
            reward_version.c.face_currency,
        )
        .join_from(
            reward,
            reward_version,
            and_(
                reward_version.c.network_id == reward.c.network_id,
                reward_version.c.reward_id == reward.c.reward_id,
                reward_version.c.version
                == func.coalesce(reward.c.current_version, reward.c.latest_version),
            ),
        )
        .where(
            reward.c.network_id == network_id,
            reward_version.c.network_id == network_id,
            reward.c.supplier_id == supplier_id,
            reward.c.supplier_sku == any_(cast(skus, ARRAY(Text))),
        )
    )
    return {(row.supplier_country, row.supplier_sku): row for row in rows}
