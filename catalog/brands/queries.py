"""Reads of brands."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands.errors import BrandNotFound
from catalog.brands.model import Brand
from catalog.brands.tables import brand

BRANDS_MAX = 200
_BRAND = (brand.c.brand_id, brand.c.slug, brand.c.name, brand.c.partner_id, brand.c.logo_url)


async def get_brand(db: AsyncConnection, *, network_id: int, brand_id: UUID) -> Brand:
    """Tell one brand. Raises BrandNotFound."""
    found = await get_brands(db, network_id=network_id, brand_ids=[brand_id])
    if brand_id not in found:
        raise BrandNotFound(brand_id=brand_id)
    return found[brand_id]


async def get_brands(
    db: AsyncConnection, *, network_id: int, brand_ids: Collection[UUID]
) -> dict[UUID, Brand]:
    """Tell the brands of these ids; absent ones are left out."""
    if not brand_ids:
        return {}
    rows = await db.execute(
        select(*_BRAND).where(
            brand.c.network_id == network_id,
            brand.c.brand_id == any_(cast(list(brand_ids), ARRAY(Uuid))),
        )
    )
    return {row.brand_id: _brand(row) for row in rows}


async def get_brands_by_slug(
    db: AsyncConnection, *, network_id: int, slugs: Collection[str]
) -> dict[str, Brand]:
    """Tell the brands of these slugs; absent ones are left out."""
    if not slugs:
        return {}
    rows = await db.execute(
        select(*_BRAND).where(
            brand.c.network_id == network_id,
            brand.c.slug == any_(cast(list(slugs), ARRAY(Text))),
        )
    )
    return {row.slug: _brand(row) for row in rows}


async def list_brands(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    backward: bool = False,
) -> tuple[list[Brand], bool]:
    """List brands by slug between two slugs, from the start or the end; tell if more follow.

    The list is in ascending order whichever end it was cut from.
    """
    rows = select(*_BRAND).where(brand.c.network_id == network_id)
    if after is not None:
        rows = rows.where(brand.c.slug > after)
    if before is not None:
        rows = rows.where(brand.c.slug < before)
    order = brand.c.slug.desc() if backward else brand.c.slug.asc()
    limit = min(limit, BRANDS_MAX)
    found = [_brand(row) for row in await db.execute(rows.order_by(order).limit(limit + 1))]
    kept = found[:limit]
    return (kept[::-1] if backward else kept), len(found) > limit


def _brand(row: Any) -> Brand:
    return Brand(row.brand_id, row.slug, row.name, row.partner_id, row.logo_url)
