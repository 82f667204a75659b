"""Partners and their agreements: versions follow each other and are never edited."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.agreements import (
    AgreementNotAfterLast,
    InvalidCountry,
    InvalidTerms,
    PartnerNotFound,
    PartnerRolesMissing,
    create_partner,
    find_agreement,
    get_partner,
    list_agreements,
    list_partners,
    publish_agreement,
)
from partners.networks import (
    InvalidName,
)
from payouts.money import UnknownCurrency
from tests.conftest import NOW
from tests.factories.partners import (
    START,
    make_agreement,
    make_network,
    make_partner,
    open_shop,
)
from tests.factories.rows import count

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


async def test_partner_joins_and_is_unknown_elsewhere(database: Database) -> None:
    souk, bazaar = await make_network(database), await make_network(database, slug="bazaar")
    async with database.writing(souk.network_id) as db:
        one = await make_partner(db, network_id=souk.network_id, roles=("merchant", "brand"))
        two = await make_partner(db, network_id=souk.network_id, name="Museum")
    async with database.reading(souk.network_id) as db:
        assert await get_partner(db, network_id=souk.network_id, partner_id=one.partner_id) == one
        everyone = await list_partners(db, network_id=souk.network_id, limit=10)
        assert sorted(p.partner_id for p in everyone) == sorted([one.partner_id, two.partner_id])
    for asked in (souk.network_id, bazaar.network_id):
        async with database.reading(bazaar.network_id) as db:
            with pytest.raises(PartnerNotFound):
                await get_partner(db, network_id=asked, partner_id=one.partner_id)


PARTNERS_REFUSED: list[Any] = [
    ({"roles": []}, PartnerRolesMissing),
    ({"country": "sa"}, InvalidCountry),
    ({"name": {"en": ""}}, InvalidName),
]


async def test_partner_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    souk = await make_network(database)
    for over, expected in PARTNERS_REFUSED:
        values = {"name": {"en": "Bakery"}, "roles": ["merchant"], "country": "SA", **over}
        with pytest.raises(expected):
            async with database.writing(souk.network_id) as db:
                await create_partner(db, network_id=souk.network_id, **values, now=NOW)  # type: ignore[arg-type]
        assert await count(superuser, "partners.partner") == 0


async def test_next_agreement_ends_the_one_before(database: Database) -> None:
    shop = await open_shop(database)
    later = NOW + timedelta(days=10)
    async with database.writing(shop.network_id) as db:
        second = await make_agreement(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            purchase_fee_bps=200,
            effective_from=later,
        )
    async with database.reading(shop.network_id) as db:

        async def version_at(at: object) -> int | None:
            found = await find_agreement(
                db,
                network_id=shop.network_id,
                partner_id=shop.partner.partner_id,
                at=at,  # type: ignore[arg-type]
            )
            return found.version if found else None

        instants = (START - timedelta(seconds=1), START, later - timedelta(seconds=1), later)
        assert [await version_at(at) for at in instants] == [None, 1, 1, 2]
        versions = await list_agreements(
            db, network_id=shop.network_id, partner_id=shop.partner.partner_id
        )
    assert [(a.version, a.effective_from, a.effective_to) for a in versions] == [
        (1, START, later),
        (2, later, None),
    ]
    assert second == versions[1]


AGREEMENTS_REFUSED: list[Any] = [
    ({"effective_from": NOW - timedelta(seconds=1)}, AgreementNotAfterLast),
    ({"effective_from": START}, AgreementNotAfterLast),
    ({"purchase_fee_bps": 10_001}, InvalidTerms),
    ({"acceptance_fee_bps": -1}, InvalidTerms),
    ({"experience_commission_bps": 10_001}, InvalidTerms),
    ({"return_window_days": 366}, InvalidTerms),
    ({"currency": "ABC"}, UnknownCurrency),
    ({"partner_id": STRANGER}, PartnerNotFound),
]


async def test_agreement_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    for over, expected in AGREEMENTS_REFUSED:
        values = {
            "partner_id": shop.partner.partner_id,
            "currency": "SAR",
            "purchase_fee_bps": 1,
            "return_window_days": 1,
            "effective_from": NOW,
            **over,
        }
        with pytest.raises(expected):
            async with database.writing(shop.network_id) as db:
                await publish_agreement(db, network_id=shop.network_id, **values, now=NOW)  # type: ignore[arg-type]
        ends = await superuser.execute(text("SELECT ends_at FROM partners.agreement"))
        assert ends.scalars().all() == [None]


async def test_agreements_published_at_once_are_numbered_one_by_one(database: Database) -> None:
    shop = await open_shop(database)

    async def publish(day: int) -> None:
        async with database.writing(shop.network_id) as db:
            await make_agreement(
                db,
                network_id=shop.network_id,
                partner_id=shop.partner.partner_id,
                effective_from=NOW + timedelta(days=day),
            )

    outcomes = await asyncio.gather(*(publish(day) for day in range(1, 9)), return_exceptions=True)
    async with database.reading(shop.network_id) as db:
        versions = await list_agreements(
            db, network_id=shop.network_id, partner_id=shop.partner.partner_id
        )
    refused = [one for one in outcomes if one is not None]
    assert all(isinstance(one, AgreementNotAfterLast) for one in refused)
    assert [a.version for a in versions] == list(range(1, 10 - len(refused)))
    assert [a.effective_to for a in versions[:-1]] == [a.effective_from for a in versions[1:]]


async def test_published_terms_cannot_be_edited(database: Database) -> None:
    shop = await open_shop(database)
    for statement in (
        "UPDATE partners.agreement SET purchase_fee_bps = 0",
        "DELETE FROM partners.agreement",
        "UPDATE partners.earn_rule SET rate_bps = 1",
        "DELETE FROM partners.partner",
    ):
        with pytest.raises(DBAPIError) as caught:
            async with database.writing(shop.network_id) as db:
                await db.execute(text(statement))
        assert caught.value.orig.sqlstate == "42501", statement  # type: ignore[union-attr]
