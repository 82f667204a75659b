"""Members: one person at one partner is one member."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from partners.agreements import (
    PartnerNotFound,
    list_agreements,
)
from partners.members import (
    InvalidIdentity,
    MemberNotFound,
    enrol_member,
    find_member_by_identity,
    get_member,
    list_members,
)
from tests.conftest import NOW
from tests.factories.partners import (
    make_partner,
    open_shop,
)
from tests.factories.rows import count

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


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
