"""How long value lives and who gets what lapses, as callers say it and see it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import Role
from api.graphql.nodes import GlobalId
from partners.accruals import confirm_due_accruals
from tests.api.graphql.partners.test_earning import buyer, report, seller
from tests.api.graphql.partners.world import Door, member, operator, staff
from tests.conftest import NOW
from tests.factories.partners import make_rule, open_shop
from tests.factories.rows import count

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


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


WALLET = (
    "query($memberId: ID) { wallet(memberId: $memberId) {"
    " balances { available { minor } expiringSoon { minor } }"
    " lots { amount { minor } remaining { minor } earnedAt expiresAt funder { name }"
    " accrual { state cashback { minor } } } } }"
)


async def test_a_wallet_shows_what_lapses_when_to_its_member_and_the_staff(door: Door) -> None:
    shop = await open_shop(door.database)  # 5 % without an end
    later = NOW + timedelta(days=14)
    await door.do(seller(shop), "recordPurchase", "replayed", **report(shop, 0))
    async with door.database.writing(shop.network_id) as db:
        await make_rule(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            rate_bps=700,
            lifetime_days=40,
        )
    await door.do(seller(shop), "recordPurchase", "replayed", **report(shop, 1))
    nothing = await door.read(buyer(shop), WALLET)
    assert nothing["wallet"]["lots"] == []
    async with door.database.writing(shop.network_id) as db:
        await confirm_due_accruals(db, network_id=shop.network_id, limit=10, now=later)
    dated = {
        "amount": {"minor": "700"},
        "remaining": {"minor": "700"},
        "earnedAt": (NOW - timedelta(minutes=1)).isoformat(),
        "expiresAt": (NOW + timedelta(days=54, minutes=-1)).isoformat(),
        "funder": None,
        "accrual": {"state": "AVAILABLE", "cashback": {"minor": "700"}},
    }
    lasting = {
        "amount": {"minor": "500"},
        "remaining": {"minor": "500"},
        "earnedAt": NOW.isoformat(),
        "expiresAt": None,
        "funder": None,
        "accrual": {"state": "AVAILABLE", "cashback": {"minor": "500"}},
    }
    for now, soon in ((NOW, "0"), (NOW + timedelta(days=24), "700")):
        door.set_clock(now)
        assert (await door.read(buyer(shop), WALLET))["wallet"] == {
            "balances": [{"available": {"minor": "1200"}, "expiringSoon": {"minor": soon}}],
            "lots": [dated, lasting],
        }
    person = str(GlobalId("Member", shop.network_id, shop.member.member_id))
    shown = await door.read(staff(shop.network_id, Role.AUDITOR), WALLET, memberId=person)
    name = {"name": "Bakery"}
    assert [one["funder"] for one in shown["wallet"]["lots"]] == [name, name]

    stranger = member(shop.network_id, shop.partner.partner_id, STRANGER)
    other = await door.ask(stranger, WALLET, memberId=person)
    assert other.errors is not None
    assert other.errors[0].extensions == {"code": "NOT_FOUND"}
