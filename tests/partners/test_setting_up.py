"""Networks, partners, agreements, members and rules: how they come to be and what is refused."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import PLATFORM_NETWORK_ID, Database, Scope
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
from partners.members import (
    InvalidIdentity,
    MemberNotFound,
    enrol_member,
    find_member_by_identity,
    get_member,
    list_members,
)
from partners.networks import (
    InvalidLocale,
    InvalidName,
    InvalidSlug,
    NetworkNotFound,
    SlugTaken,
    UnknownZone,
    create_network,
    get_network,
)
from partners.rules import (
    FundingShare,
    InvalidFunding,
    InvalidRule,
    RuleNotFound,
    activate_rule,
    find_rule_for,
    list_activations,
)
from payouts.ledger import list_books
from payouts.money import UnknownCurrency
from tests.conftest import NOW
from tests.factories.partners import (
    START,
    make_agreement,
    make_network,
    make_partner,
    make_rule,
    open_shop,
)

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


async def count(superuser: AsyncConnection, table: str) -> int:
    return int((await superuser.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


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
    ({"default_locale": "AR"}, InvalidLocale),
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


async def test_enrolling_at_once_makes_one_member(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)

    async def enrol() -> UUID:
        async with database.writing(shop.network_id) as db:
            member = await enrol_member(
                db,
                network_id=shop.network_id,
                partner_id=shop.partner.partner_id,
                external_id="cust-2",
                now=NOW,
            )
            return member.member_id

    made = set(await asyncio.gather(*(enrol() for _ in range(30))))
    assert len(made) == 1
    assert await count(superuser, "partners.member") == 2
    async with database.reading(shop.network_id) as db:
        found = await find_member_by_identity(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            external_id="cust-2",
        )
        absent = await find_member_by_identity(
            db, network_id=shop.network_id, partner_id=STRANGER, external_id="cust-2"
        )
    assert {found} == made
    assert absent is None


MEMBERS_REFUSED: list[Any] = [
    ({"external_id": ""}, InvalidIdentity),
    ({"external_id": "x" * 256}, InvalidIdentity),
    ({"external_id": "a\x00b"}, InvalidIdentity),
    ({"partner_id": STRANGER}, PartnerNotFound),
]


async def test_member_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    for over, expected in MEMBERS_REFUSED:
        values = {"partner_id": shop.partner.partner_id, "external_id": "cust-9", **over}
        with pytest.raises(expected):
            async with database.writing(shop.network_id) as db:
                await enrol_member(db, network_id=shop.network_id, **values, now=NOW)  # type: ignore[arg-type]
        assert await count(superuser, "partners.member") == 1


async def test_scopes_see_their_own_rows(database: Database) -> None:
    shop = await open_shop(database)
    async with database.writing(shop.network_id) as db:
        other = await make_partner(db, network_id=shop.network_id, name="Museum")
        stranger = await enrol_member(
            db,
            network_id=shop.network_id,
            partner_id=other.partner_id,
            external_id="cust-1",
            now=NOW,
        )
    own, foreign = shop.partner.partner_id, other.partner_id
    for scope, seen in (
        (Scope("partner", own), [shop.member]),
        (Scope("partner", foreign), [stranger]),
        (Scope("member", stranger.member_id), [stranger]),
        (Scope("member", STRANGER), []),
    ):
        async with database.reading(shop.network_id, scope) as db:
            members = await list_members(
                db, network_id=shop.network_id, partner_id=None, after=None, limit=10
            )
            agreements = await list_agreements(db, network_id=shop.network_id, partner_id=own)
        assert members == seen
        assert len(agreements) == (scope == Scope("partner", own))
    async with database.reading(shop.network_id, Scope("partner", foreign)) as db:
        with pytest.raises(MemberNotFound):
            await get_member(db, network_id=shop.network_id, member_id=shop.member.member_id)


async def test_highest_rate_wins_then_the_category_then_the_younger(database: Database) -> None:
    shop = await open_shop(database)  # 5 % for everything
    network_id, partner_id = shop.network_id, shop.partner.partner_id
    async with database.writing(network_id) as db:

        async def rule(**over: object) -> UUID:
            made = await make_rule(db, network_id=network_id, partner_id=partner_id, **over)  # type: ignore[arg-type]
            return made.rule_id

        await rule(category="bread", rate_bps=400)
        cake = await rule(category="cake", rate_bps=500)
        offer = await rule(rate_bps=1000, requires_activation=True)
        future = await rule(rate_bps=900, starts_at=NOW + timedelta(days=1))
        over = await rule(rate_bps=800, ends_at=NOW)

    async def found(category: str | None, **at: object) -> UUID | None:
        async with database.reading(network_id) as db:
            rule = await find_rule_for(
                db,
                network_id=network_id,
                partner_id=partner_id,
                member_id=shop.member.member_id,
                category=category,
                **{"at": NOW, **at},  # type: ignore[arg-type]
            )
        return rule.rule_id if rule else None

    assert await found(None) == shop.rule.rule_id
    assert await found("bread") == shop.rule.rule_id
    assert await found("cake") == cake
    assert await found("cake", at=NOW - timedelta(seconds=1)) == over
    assert await found("cake", at=NOW + timedelta(days=1)) == future
    assert await found(None, at=START - timedelta(days=1)) is None
    for _ in range(2):  # a second activation changes nothing
        async with database.writing(network_id) as db:
            await activate_rule(
                db,
                network_id=network_id,
                rule_id=offer,
                member_id=shop.member.member_id,
                now=NOW,
            )
    assert await found("cake") == offer
    assert await found("cake", at=NOW - timedelta(seconds=1)) == over
    async with database.reading(network_id) as db:
        activations = await list_activations(
            db, network_id=network_id, member_id=shop.member.member_id, rule_ids=[offer, over]
        )
    assert activations == {offer: NOW}
    with pytest.raises(RuleNotFound):
        async with database.writing(network_id) as db:
            await activate_rule(
                db, network_id=network_id, rule_id=over, member_id=shop.member.member_id, now=NOW
            )


RULES_REFUSED: list[Any] = [
    ({"rate_bps": 10_001}, InvalidRule),
    ({"rate_bps": -1}, InvalidRule),
    ({"category": ""}, InvalidRule),
    ({"ends_at": START}, InvalidRule),
    ({"funding": (FundingShare("network", None, 0),)}, InvalidFunding),
    ({"funding": (FundingShare("network", STRANGER, 1),)}, InvalidFunding),
    ({"funding": (FundingShare("partner", None, 1),)}, InvalidFunding),
    ({"funding": (FundingShare("network", None, 1),) * 2}, InvalidFunding),
    ({"funding": (FundingShare("partner", STRANGER, 1),)}, PartnerNotFound),
    ({"partner_id": STRANGER}, PartnerNotFound),
]


async def test_rule_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    shop = await open_shop(database)
    for over, expected in RULES_REFUSED:
        values = {"partner_id": shop.partner.partner_id, **over}
        with pytest.raises(expected):
            async with database.writing(shop.network_id) as db:
                await make_rule(db, network_id=shop.network_id, **values)  # type: ignore[arg-type]
        assert await count(superuser, "partners.earn_rule") == 1
