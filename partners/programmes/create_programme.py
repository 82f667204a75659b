"""Creating programmes."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import PartnerRole, get_partner
from partners.networks import check_slug, localised_name
from partners.programmes.errors import ProgrammeSlugTaken, SponsorRoleMissing
from partners.programmes.model import DEFAULT_SLUG, Programme
from partners.programmes.tables import programme
from payouts.money import new_id


async def create_programme(
    db: AsyncConnection,
    *,
    network_id: int,
    slug: str,
    name: Mapping[str, str],
    sponsor_partner_id: UUID | None = None,
    now: datetime,
) -> Programme:
    """Start a scheme inside the network; without a sponsor it is the network's own.

    Raises InvalidSlug, ProgrammeSlugTaken, InvalidName, InvalidLocale, PartnerNotFound,
    SponsorRoleMissing.
    """
    made = Programme(
        programme_id=new_id(now),
        slug=check_slug(slug),
        name=localised_name(name),
        sponsor_partner_id=sponsor_partner_id,
        created_at=now,
    )
    if slug == DEFAULT_SLUG:  # it is kept for the network, even before its first rule
        raise ProgrammeSlugTaken(slug=slug)
    if sponsor_partner_id is not None:
        sponsor = await get_partner(db, network_id=network_id, partner_id=sponsor_partner_id)
        if PartnerRole.SPONSOR not in sponsor.roles:
            raise SponsorRoleMissing
    inserted = await db.execute(
        insert(programme)
        .values(
            network_id=network_id,
            programme_id=made.programme_id,
            slug=made.slug,
            name=made.name,
            sponsor_partner_id=sponsor_partner_id,
            created_at=now,
        )
        .on_conflict_do_nothing(constraint="programme_slug_key")
        .returning(programme.c.programme_id)
    )
    if inserted.scalar_one_or_none() is None:
        raise ProgrammeSlugTaken(slug=slug)
    return made
