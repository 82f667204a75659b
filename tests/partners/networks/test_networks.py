"""Networks: how they are founded, and what is refused."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from partners.networks import (
    InvalidLocale,
    InvalidName,
    InvalidSlug,
    NetworkNotFound,
    SlugTaken,
    TooManyLocales,
    UnknownZone,
    create_network,
    get_network,
)
from payouts.ledger import list_books
from payouts.money import UnknownCurrency
from tests.conftest import NOW
from tests.factories.partners import (
    make_network,
)
from tests.factories.rows import count

REGIONS = [
    "AE",
    "AU",
    "BE",
    "BH",
    "CA",
    "CH",
    "CY",
    "DE",
    "EG",
    "FR",
    "GB",
    "IE",
    "IN",
    "IT",
    "JO",
    "JP",
    "KW",
    "MA",
    "MY",
    "NL",
    "NZ",
    "OM",
    "QA",
    "SA",
    "SE",
]
STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


async def test_network_is_founded_with_its_book(database: Database) -> None:
    made = await make_network(database)
    async with database.reading(made.network_id) as db:
        assert await get_network(db, network_id=made.network_id) == made
        assert await list_books(db) == [made.network_id]
    assert (made.slug, made.name["ar"], made.zone) == ("souk", "سوق", "Asia/Riyadh")


NETWORKS_REFUSED: list[Any] = [
    ({"slug": "souk"}, SlugTaken),
    ({"slug": "Souk"}, InvalidSlug),
    ({"slug": "a--b"}, InvalidSlug),
    ({"slug": "a" * 65}, InvalidSlug),
    ({"name": {}}, InvalidName),
    ({"name": {"en": "  "}}, InvalidName),
    ({"name": {"en": "x" * 201}}, InvalidName),
    ({"name": {"english": "Souk"}}, InvalidLocale),
    ({"name": {"en": "Souk", "EN": "Souq"}}, InvalidName),
    ({"name": {f"en-{region}": "Souk" for region in REGIONS}}, TooManyLocales),
    ({"default_locale": "arabic"}, InvalidLocale),
    ({"zone": "Mars/Olympus"}, UnknownZone),
    ({"zone": "../etc/passwd"}, UnknownZone),
    ({"currency": "XXX"}, UnknownCurrency),
]


async def test_network_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    await make_network(database)
    for over, expected in NETWORKS_REFUSED:
        values = {
            "slug": "bazaar",
            "name": {"en": "Bazaar"},
            "zone": "Asia/Riyadh",
            "currency": "SAR",
            "default_locale": "ar",
            **over,
        }
        with pytest.raises(expected):
            async with database.writing(PLATFORM_NETWORK_ID) as db:
                await create_network(db, **values, now=NOW)  # type: ignore[arg-type]
        assert await count(superuser, "partners.network") == 1
        assert await count(superuser, "payouts.book") == 1


async def test_absent_network_is_not_found(database: Database) -> None:
    async with database.reading(99) as db:
        with pytest.raises(NetworkNotFound):
            await get_network(db, network_id=99)
