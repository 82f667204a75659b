"""Earn rules: which one wins, and what is refused."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.agreements import (
    PartnerNotFound,
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
from tests.conftest import NOW
from tests.factories.partners import (
    START,
    make_rule,
    open_shop,
)
from tests.factories.rows import count

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


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
