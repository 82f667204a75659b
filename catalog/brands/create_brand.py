"""Creating brands."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands.errors import BrandSlugTaken
from catalog.brands.model import Brand, check_brand
from catalog.brands.tables import brand
from partners.agreements import get_partner
from partners.networks import localised_name
from payouts.money import new_id


async def create_brand(
    db: AsyncConnection,
    *,
    network_id: int,
    slug: str,
    name: Mapping[str, str],
    partner_id: UUID | None = None,
    logo_url: str | None = None,
    now: datetime,
) -> Brand:
    """Add a brand to a network. Raises BrandInvalid, BrandSlugTaken, InvalidName, InvalidLocale or
    PartnerNotFound.
    """
    check_brand(slug=slug, logo_url=logo_url)
    if partner_id is not None:
        await get_partner(db, network_id=network_id, partner_id=partner_id)
    added = Brand(new_id(now), slug, localised_name(name), partner_id, logo_url)
    row = insert(brand).values(
        network_id=network_id,
        brand_id=added.brand_id,
        slug=slug,
        name=added.name,
        partner_id=partner_id,
        logo_url=logo_url,
        created_at=now,
    )
    inserted = await db.execute(
        row.on_conflict_do_nothing(index_elements=[brand.c.network_id, brand.c.slug]).returning(
            brand.c.brand_id
        )
    )
    if inserted.first() is None:
        raise BrandSlugTaken(slug=slug, path=("slug",))
    return added
