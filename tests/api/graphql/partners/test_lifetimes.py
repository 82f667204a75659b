"""How long value lives and who gets what lapses, as callers say it and see it."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.graphql.nodes import GlobalId
from tests.api.graphql.partners.test_earning import buyer, report, seller
from tests.api.graphql.partners.world import Door, operator
from tests.conftest import NOW
from tests.factories.partners import open_shop
from tests.factories.rows import count


async def test_terms_and_rules_say_what_becomes_of_unspent_value(door: Door) -> None:
    shop = await open_shop(door.database)
    caller = operator(shop.network_id)
    partner_id = str(GlobalId("Partner", shop.network_id, shop.partner.partner_id))
    given: dict[str, Any] = {"partnerId": partner_id, "currency": "SAR", "purchaseFeeBps": 0}
    terms = "agreement { version unspentValue }"
    funder = await door.do(
        caller, "publishAgreement", terms, **given, returnWindowDays=14, unspentValue="FUNDER"
    )
    assert funder["agreement"] == {"version": 2, "unspentValue": "FUNDER"}
    rules = "earnRule { rateBps valueLifetimeDays }"
    dated = await door.do(
        caller, "publishEarnRule", rules, partnerId=partner_id, rateBps=700, valueLifetimeDays=30
    )
    assert dated["earnRule"] == {"rateBps": 700, "valueLifetimeDays": 30}
    plain = await door.do(
        caller,
        "publishEarnRule",
        rules,
        idempotencyKey="plain",
        partnerId=partner_id,
        rateBps=600,
    )
    assert plain["earnRule"] == {"rateBps": 600, "valueLifetimeDays": None}

    shown = "purchase { accrual { availableAt expiresAt cashbackExpired { minor } } }"
    earned = await door.do(
        seller(shop), "recordPurchase", shown, **report(shop, purchasedAt=NOW.isoformat())
    )
    assert earned["purchase"]["accrual"] == {
        "availableAt": (NOW + timedelta(days=14)).isoformat(),
        "expiresAt": (NOW + timedelta(days=44)).isoformat(),
        "cashbackExpired": {"minor": "0"},
    }
    own = await door.read(buyer(shop), "{ accruals(first: 5) { edges { node { expiresAt } } } }")
    assert own["accruals"]["edges"] == [
        {"node": {"expiresAt": (NOW + timedelta(days=44)).isoformat()}}
    ]


async def test_without_being_told_otherwise_value_lives_for_ever(door: Door) -> None:
    shop = await open_shop(door.database)
    partner_id = str(GlobalId("Partner", shop.network_id, shop.partner.partner_id))
    terms = await door.do(
        operator(shop.network_id),
        "publishAgreement",
        "agreement { unspentValue }",
        partnerId=partner_id,
        currency="SAR",
        purchaseFeeBps=0,
        returnWindowDays=14,
    )
    assert terms["agreement"] == {"unspentValue": "NETWORK"}
    earned = await door.do(
        seller(shop), "recordPurchase", "purchase { accrual { expiresAt } }", **report(shop)
    )
    assert earned["purchase"]["accrual"] == {"expiresAt": None}


async def test_lifetimes_that_cannot_be_are_refused(door: Door, superuser: AsyncConnection) -> None:
    shop = await open_shop(door.database)
    partner_id = str(GlobalId("Partner", shop.network_id, shop.partner.partner_id))
    for number, days in enumerate((0, -1, 36_501, 2**31 - 1)):
        answer = await door.do(
            operator(shop.network_id),
            "publishEarnRule",
            "earnRule { id }",
            idempotencyKey=f"days-{number}",
            partnerId=partner_id,
            rateBps=100,
            valueLifetimeDays=days,
        )
        assert answer["earnRule"] is None
        (problem,) = answer["problems"]
        assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["valueLifetimeDays"])
        assert await count(superuser, "partners.earn_rule") == 1
