"""Programmes: how they come to be, what is refused, and which rules are theirs."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from partners.agreements import PartnerNotFound
from partners.networks import InvalidLocale, InvalidName, InvalidSlug, NetworkNotFound
from partners.programmes import (
    DEFAULT_SLUG,
    Programme,
    ProgrammeNotFound,
    ProgrammeSlugTaken,
    SponsorRoleMissing,
    create_programme,
    find_programme_by_slug,
    get_programme,
    get_programmes,
    have_default_programme,
    list_programmes,
)
from partners.rules import find_rule_for, get_rule
from tests.conftest import NOW
from tests.factories.partners import make_network, make_partner, make_rule, open_shop

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")
NAME = {"en": "Gold Club", "ar": "النادي الذهبي"}


async def make_programme(
    database: Database, network_id: int, *, slug: str = "gold", sponsor: UUID | None = None
) -> Programme:
    async with database.writing(network_id) as db:
        return await create_programme(
            db,
            network_id=network_id,
            slug=slug,
            name=NAME,
            sponsor_partner_id=sponsor,
            now=NOW,
        )


async def counts(superuser: AsyncConnection) -> tuple[int, int]:
    """How many programmes and rules there are."""
    row = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM partners.programme),"
            " (SELECT count(*) FROM partners.earn_rule)"
        )
    )
    programmes, rules = row.one()
    return programmes, rules


async def test_programme_starts_with_its_names_and_its_sponsor(database: Database) -> None:
    souk = await make_network(database)
    async with database.writing(souk.network_id) as db:
        bank = await make_partner(db, network_id=souk.network_id, roles=("sponsor",))
    own = await make_programme(database, souk.network_id)
    sponsored = await make_programme(
        database, souk.network_id, slug="gold-2", sponsor=bank.partner_id
    )
    assert own == Programme(own.programme_id, "gold", NAME, None, NOW)
    assert sponsored.sponsor_partner_id == bank.partner_id
    first, second = sorted((own, sponsored), key=lambda one: one.programme_id)
    ids = [first.programme_id, second.programme_id]
    place: Any = {"network_id": souk.network_id}
    async with database.reading(souk.network_id) as db:
        assert await get_programme(db, **place, programme_id=ids[0]) == first
        assert await get_programmes(db, **place, programme_ids=[*ids, STRANGER]) == {
            ids[0]: first,
            ids[1]: second,
        }
        assert await find_programme_by_slug(db, **place, slug="gold") == own
        assert await list_programmes(db, **place, limit=9) == [first, second]
        assert await list_programmes(db, **place, limit=9, newest_first=True) == [second, first]
        assert await list_programmes(db, **place, limit=1) == [first]
        assert await list_programmes(db, **place, after=ids[0], limit=9) == [second]
        assert await list_programmes(db, **place, before=ids[1], limit=9) == [first]


async def test_programme_is_for_every_eye_of_its_network_and_for_no_other(
    database: Database,
) -> None:
    souk, bazaar = await make_network(database), await make_network(database, slug="bazaar")
    made = await make_programme(database, souk.network_id)
    for scope in (Scope("partner", STRANGER), Scope("member", STRANGER)):
        async with database.reading(souk.network_id, scope) as db:
            assert await list_programmes(db, network_id=souk.network_id, limit=9) == [made]
    for asked in (souk.network_id, bazaar.network_id):
        async with database.reading(bazaar.network_id) as db:
            with pytest.raises(ProgrammeNotFound):
                await get_programme(db, network_id=asked, programme_id=made.programme_id)


PROGRAMMES_REFUSED: list[Any] = [
    ({"slug": "gold"}, ProgrammeSlugTaken),
    ({"slug": DEFAULT_SLUG}, ProgrammeSlugTaken),
    ({"slug": "Gold"}, InvalidSlug),
    ({"name": {}}, InvalidName),
    ({"name": {"english": "Gold"}}, InvalidLocale),
    ({"sponsor_partner_id": STRANGER}, PartnerNotFound),
]


async def test_programme_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    await make_programme(database, shop.network_id)
    merchant = ({"sponsor_partner_id": shop.partner.partner_id}, SponsorRoleMissing)
    for over, expected in (*PROGRAMMES_REFUSED, merchant):
        values: Any = {"slug": "silver", "name": NAME, **over}
        with pytest.raises(expected):
            async with database.writing(shop.network_id) as db:
                await create_programme(db, network_id=shop.network_id, **values, now=NOW)
        assert await counts(superuser) == (2, 1)  # the network's own, and the one above


async def test_slug_of_another_network_is_free(database: Database) -> None:
    souk, bazaar = await make_network(database), await make_network(database, slug="bazaar")
    made = [await make_programme(database, one.network_id) for one in (souk, bazaar)]
    assert [one.slug for one in made] == ["gold", "gold"]


async def test_slug_wanted_by_many_at_once_goes_to_one(
    database: Database, superuser: AsyncConnection
) -> None:
    souk = await make_network(database)
    outcomes = await asyncio.gather(
        *(make_programme(database, souk.network_id) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, Programme) for one in outcomes) == 1
    assert sum(isinstance(one, ProgrammeSlugTaken) for one in outcomes) == 9
    assert await counts(superuser) == (1, 0)


async def test_rule_says_its_programme(database: Database) -> None:
    shop = await open_shop(database)
    gold = await make_programme(database, shop.network_id)
    async with database.writing(shop.network_id) as db:
        made = await make_rule(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            rate_bps=900,
            programme_id=gold.programme_id,
        )
    async with database.reading(shop.network_id) as db:
        own = await find_programme_by_slug(db, network_id=shop.network_id, slug=DEFAULT_SLUG)
        read = await get_rule(db, network_id=shop.network_id, rule_id=made.rule_id)
        earning = await find_rule_for(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            member_id=shop.member.member_id,
            category=None,
            at=NOW,
        )
    assert own is not None
    assert (own.name, own.sponsor_partner_id) == (shop.network.name, None)
    assert shop.rule.programme_id == own.programme_id
    assert made.programme_id == gold.programme_id
    assert read == made
    assert earning == made


async def test_rule_of_a_foreign_or_absent_programme_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    bazaar = await make_network(database, slug="bazaar")
    foreign = await make_programme(database, bazaar.network_id)
    for programme_id in (foreign.programme_id, STRANGER):
        with pytest.raises(ProgrammeNotFound):
            async with database.writing(shop.network_id) as db:
                await make_rule(
                    db,
                    network_id=shop.network_id,
                    partner_id=shop.partner.partner_id,
                    programme_id=programme_id,
                )
        assert await counts(superuser) == (2, 1)
    with pytest.raises(IntegrityError, match="earn_rule_programme_fkey"):
        await superuser.execute(
            text("UPDATE partners.earn_rule SET programme_id = :foreign"),
            {"foreign": foreign.programme_id},
        )


async def test_rules_published_at_once_make_the_default_programme_once(
    database: Database, superuser: AsyncConnection
) -> None:
    souk = await make_network(database)
    async with database.writing(souk.network_id) as db:
        bakery = await make_partner(db, network_id=souk.network_id)

    async def publish(rate_bps: int) -> UUID:
        async with database.writing(souk.network_id) as db:
            rule = await make_rule(
                db, network_id=souk.network_id, partner_id=bakery.partner_id, rate_bps=rate_bps
            )
        return rule.programme_id

    named = set(await asyncio.gather(*(publish(bps) for bps in range(30))))
    assert len(named) == 1
    assert await counts(superuser) == (1, 30)
    stored = await superuser.execute(text("SELECT DISTINCT programme_id FROM partners.earn_rule"))
    assert set(stored.scalars()) == named


async def test_default_programme_of_no_network_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    with pytest.raises(NetworkNotFound):
        async with database.writing(99) as db:
            await have_default_programme(db, network_id=99, now=NOW)
    assert await counts(superuser) == (0, 0)


async def test_programme_cannot_be_edited(database: Database) -> None:
    shop = await open_shop(database)
    for statement in (
        "UPDATE partners.programme SET slug = 'other'",
        "DELETE FROM partners.programme",
        "UPDATE partners.earn_rule SET programme_id = rule_id",
    ):
        with pytest.raises(DBAPIError) as caught:
            async with database.writing(shop.network_id) as db:
                await db.execute(text(statement))
        assert caught.value.orig.sqlstate == "42501", statement  # type: ignore[union-attr]
