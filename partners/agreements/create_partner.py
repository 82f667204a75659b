"""Creating partners."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements.errors import PartnerRolesMissing
from partners.agreements.model import Partner, PartnerRole, PartnerState, check_country
from partners.agreements.tables import partner
from partners.networks import localised_name
from payouts.money import new_id


async def create_partner(
    db: AsyncConnection,
    *,
    network_id: int,
    name: Mapping[str, str],
    roles: Iterable[str],
    country: str,
    now: datetime,
) -> Partner:
    """Take a partner into the network; it can do nothing until an agreement is published.

    Raises InvalidName, InvalidLocale, InvalidCountry, PartnerRolesMissing.
    """
    made = Partner(
        partner_id=new_id(now),
        name=localised_name(name),
        roles=frozenset(PartnerRole(role) for role in roles),
        country=check_country(country),
        state=PartnerState.ACTIVE,
    )
    if not made.roles:
        raise PartnerRolesMissing
    await db.execute(
        insert(partner).values(
            network_id=network_id,
            partner_id=made.partner_id,
            name=made.name,
            roles=sorted(made.roles),
            country=made.country,
            state=made.state,
            created_at=now,
        )
    )
    return made
