"""Taking over the brands that a supplier names."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands.queries import get_brands_by_slug
from catalog.brands.tables import brand
from payouts.money import new_id

SUPPLIER_LOCALE = "en"


async def adopt_brands(
    db: AsyncConnection,
    *,
    network_id: int,
    names: Mapping[str, str],
    logo_urls: Mapping[str, str],
    now: datetime,
) -> dict[str, UUID]:
    """Add the brands of these slugs that are new, and take over the English name of the others.

    Names in other languages, which no supplier gave, stay as they are.
    """
    known = await get_brands_by_slug(db, network_id=network_id, slugs=list(names))
    changed = [
        {
            "network_id": network_id,
            "brand_id": known[slug].brand_id if slug in known else new_id(now),
            "slug": slug,
            "name": {**(known[slug].name if slug in known else {}), SUPPLIER_LOCALE: name},
            "logo_url": logo_urls.get(slug),
            "created_at": now,
        }
        for slug, name in sorted(names.items())
        if slug not in known or known[slug].name.get(SUPPLIER_LOCALE) != name
    ]
    ids = {slug: one.brand_id for slug, one in known.items()}
    if changed:
        row = insert(brand).values(changed)
        saved = await db.execute(
            row.on_conflict_do_update(
                index_elements=[brand.c.network_id, brand.c.slug],
                set_={"name": row.excluded.name},
            ).returning(brand.c.slug, brand.c.brand_id)
        )
        ids |= {row.slug: row.brand_id for row in saved}
    return ids
