"""Having the network's own programme."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.networks import get_network
from partners.programmes.model import DEFAULT_SLUG, Programme
from partners.programmes.queries import find_programme_by_slug
from partners.programmes.tables import programme
from payouts.money import new_id


async def have_default_programme(
    db: AsyncConnection, *, network_id: int, now: datetime
) -> Programme:
    """Find the network's own programme, or start it under the network's name.

    However many ask at once, there is one. Raises NetworkNotFound.
    """
    found = await find_programme_by_slug(db, network_id=network_id, slug=DEFAULT_SLUG)
    if found is not None:
        return found
    network = await get_network(db, network_id=network_id)
    await db.execute(
        insert(programme)
        .values(
            network_id=network_id,
            programme_id=new_id(now),
            slug=DEFAULT_SLUG,
            name=network.name,
            sponsor_partner_id=None,
            created_at=now,
        )
        .on_conflict_do_nothing(constraint="programme_slug_key")
    )
    # Whoever lost the race waited for the winner, so the row is there to be seen.
    made = await find_programme_by_slug(db, network_id=network_id, slug=DEFAULT_SLUG)
    assert made is not None, "a default programme is never deleted"
    return made
