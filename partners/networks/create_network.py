"""Creating networks."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.networks.errors import SlugTaken
from partners.networks.locales import check_locale
from partners.networks.model import Network, check_slug, check_zone, localised_name
from partners.networks.tables import network
from payouts.ledger import open_book
from payouts.money import exponent_of


async def create_network(
    db: AsyncConnection,
    *,
    slug: str,
    name: Mapping[str, str],
    zone: str,
    currency: str,
    default_locale: str,
    now: datetime,
) -> Network:
    """Found a network and open its book.

    Raises InvalidSlug, SlugTaken, InvalidName, InvalidLocale, UnknownZone, UnknownCurrency.
    """
    exponent_of(currency)
    clean_name, locale = localised_name(name), check_locale(default_locale, "default_locale")
    made = await db.execute(
        insert(network)
        .values(
            slug=check_slug(slug),
            name=clean_name,
            zone=check_zone(zone),
            currency=currency,
            default_locale=locale,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[network.c.slug])
        .returning(network.c.network_id)
    )
    network_id = made.scalar_one_or_none()
    if network_id is None:
        raise SlugTaken(slug=slug)
    await open_book(db, network_id=network_id, zone=zone, now=now)
    return Network(network_id, slug, clean_name, zone, currency, locale)
