"""Quotes as each caller sees them, and every way of using one wrongly, over HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import import_feed, list_rewards
from catalog.suppliers import read_reloadly_feed, register_supplier
from tests.api.graphql.catalog.redeeming import Redeeming, start_redeeming
from tests.api.graphql.explain.asking import DOCUMENT, Told
from tests.conftest import NOW
from tests.factories.catalog import RAW_FEED

QUOTED = """quote { id token total { minor } lines { kind amount { minor } }
  moneyPart { minor } points { points } pointsWorth { minor } pointsPrice { points }
  cost { total { minor } gain { minor } } }"""
NODE = "query($id: ID!) { node(id: $id) { ... on Quote { token lines { kind amount { minor } }" + (
    " cost { cost { minor currency } fee { minor } discount { minor } total { minor }"
    " gain { minor currency } } } } }"
)
MARGIN = "margin { id scope subject version marginBps publishedBy }"
MARGINS = "{ margins { scope subject marginBps } }"
STOCK = "reward { id ... on GiftCardReward { cardsLeft } }"
LEFT = "query($id: ID!) { reward(id: $id) { ... on GiftCardReward { cardsLeft } } }"
PRICES = """query($id: ID!) { reward(id: $id) { ... on GiftCardReward { denominations {
  price { total { minor } lines { kind amount { minor } } pointsPrice { points } } } } } }"""


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


def lines(quote: dict[str, Any]) -> dict[str, str]:
    return {one["kind"]: one["amount"]["minor"] for one in quote["lines"]}


async def bought_card(world: Redeeming) -> str:
    """A card of a supplier for 20.00 USD: 75.00 and a fee of 3.75, less a discount of 6.00."""
    network_id = world.souq.network_id
    async with world.souq.database.writing(network_id) as db:
        supplier = await register_supplier(db, network_id=network_id, name="reloadly", now=NOW)
        await import_feed(
            db,
            network_id=network_id,
            supplier_id=supplier.supplier_id,
            feed=read_reloadly_feed(RAW_FEED),
            actor="test",
            markets=("SA",),
            now=NOW,
        )
        page = await list_rewards(db, network_id=network_id, country="SA", limit=100)
    found = {one.supplier.sku: one.reward_id for one in page.rewards if one.supplier is not None}
    return world.id("Reward", found["9001"])


async def test_members_see_no_margin_and_staff_sees_cost_and_gain(world: Redeeming) -> None:
    reward_id = await bought_card(world)
    given = {"idempotencyKey": "m", "marginBps": 400}
    made = await world.staff().mutate("publishMargin", given, MARGIN)
    again = await world.staff().mutate("publishMargin", given, MARGIN)
    assert (made["margin"]["id"], made["replayed"]) == (again["margin"]["id"], False)
    assert (made["margin"]["scope"], made["margin"]["version"]) == ("NETWORK", 1)
    face = {"decimal": "20.00", "currency": "USD"}
    answer = await world.member.mutate("quoteReward", {"rewardId": reward_id, "face": face}, QUOTED)
    quote = answer["quote"]
    assert lines(quote) == {"FACE": "7800", "FEE": "375", "DISCOUNT": "-300"}
    assert (quote["total"], quote["cost"]) == ({"minor": "7875"}, None)
    shown = (await world.staff("auditor").data(NODE, {"id": quote["id"]}))["node"]
    assert lines(shown) == {"FACE": "7500", "MARGIN": "300", "FEE": "375", "DISCOUNT": "-300"}
    assert (shown["token"], quote["token"] is None) == (None, False)
    assert shown["cost"] == {
        "cost": {"minor": "7500", "currency": "SAR"},
        "fee": {"minor": "375"},
        "discount": {"minor": "-600"},
        "total": {"minor": "7275"},
        "gain": {"minor": "600", "currency": "SAR"},
    }
    for client, facts in (
        (world.member, {"face": "78.00 SAR"}),
        (world.staff("auditor"), {"face": "75.00 SAR", "margin": "3.00 SAR"}),
    ):
        told = Told((await client.data(DOCUMENT, {"id": quote["id"]}))["explain"])
        (found,) = told.facts("Quote")
        assert {key: found[key] for key in ("face", "margin") if key in found} == facts
        assert [one for one in told.sentences if "78.00" in one]
    for client, face_line in ((world.member, "7800"), (world.staff(), "7500")):
        (one,) = (await client.data(PRICES, {"id": reward_id}))["reward"]["denominations"]
        assert lines(one["price"])["FACE"] == face_line
        assert one["price"]["total"] == {"minor": "7875"}


async def test_margins_are_the_operators_and_nobody_elses_to_read(world: Redeeming) -> None:
    for client in (world.member, world.merchant, world.staff("finance_maker")):
        refused = await client.mutate("publishMargin", {"marginBps": 1}, MARGIN)
        assert (refused["margin"], codes(refused)) == (None, ["FORBIDDEN"])
    refused = await world.staff().mutate("publishMargin", {"marginBps": 10_001}, MARGIN)
    assert codes(refused) == ["INVALID_INPUT"]
    foreign = {"marginBps": 1, "brandId": world.id("Brand", uuid4())}
    assert codes(await world.staff().mutate("publishMargin", foreign, MARGIN)) == ["NOT_FOUND"]
    assert (await world.staff().data(MARGINS))["margins"] == []
    made = await world.staff().mutate(
        "publishMargin", {"marginBps": -10, "category": "games"}, MARGIN
    )
    assert codes(made) == []
    for role in ("auditor", "operator"):
        assert (await world.staff(role).data(MARGINS))["margins"] == [
            {"scope": "CATEGORY", "subject": "games", "marginBps": -10}
        ]
    for client in (world.member, world.merchant):
        answer = await client.run(MARGINS)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_every_wrong_use_has_its_code_and_loses_nothing(
    world: Redeeming, superuser: AsyncConnection, caplog: pytest.LogCaptureFixture
) -> None:
    await world.souq.fund(5_000)
    reward_id = await world.souq.own_card_reward(1_000)
    given = {"rewardId": world.id("Reward", reward_id), "face": world.money(1_000)}
    quote, other, third = [
        (await world.member.mutate("quoteReward", given, QUOTED))["quote"] for _ in range(3)
    ]
    absent = world.id("Quote", uuid4())
    for wrong in (absent, world.id("Reward", reward_id), "nonsense"):
        assert codes(await world.placed(wrong)) == ["QUOTE_NOT_FOUND"]
    stolen = await world.other_member.mutate(
        "placeRedemption", {"quoteId": quote["id"], "token": quote["token"]}, "redemption { id }"
    )
    assert codes(stolen) == ["QUOTE_NOT_FOUND"]
    altered = await world.placed(quote["id"], token=other["token"])
    assert [(one["code"], one["path"]) for one in altered["problems"]] == [
        ("QUOTE_ALTERED", ["token"])
    ]
    await superuser.execute(
        text(
            "UPDATE catalog.quote SET line_face = 1, total = 1"
            " WHERE quote_id = (SELECT max(quote_id::text)::uuid FROM catalog.quote)"
        )
    )
    assert codes(await world.placed(third["id"], token=third["token"])) == ["QUOTE_ALTERED"]
    told = [one.getMessage() for one in caplog.records if one.name == "mizan.redemptions"]
    assert [one.rpartition(": ")[2] for one in told] == ["its token", "its row"]
    assert await world.souq.balance(world.souq.wallet()) == (5_000, 0)
    assert codes(await world.placed(quote["id"], token=quote["token"])) == []
    assert codes(await world.placed(quote["id"], token=quote["token"])) == ["QUOTE_USED"]
    world.app.clock.advance(minutes=15)
    assert codes(await world.placed(other["id"], token=other["token"])) == ["QUOTE_EXPIRED"]
    assert await world.souq.balance(world.souq.wallet()) == (4_000, 0)


async def test_a_member_pays_a_part_in_points(world: Redeeming) -> None:
    await world.souq.fund(5_000)
    await world.souq.give_points(3_000, rate="0.004")
    reward_id = await world.souq.own_card_reward(1_000)
    given = {"rewardId": world.id("Reward", reward_id), "face": world.money(1_000)}
    for points, code in (
        ("x", "INVALID_AMOUNT"),
        ("0", "INVALID_AMOUNT"),
        ("-5", "INVALID_AMOUNT"),
        ("2", "INVALID_INPUT"),
        ("2501", "AMOUNT_OUT_OF_RANGE"),
    ):
        refused = await world.member.mutate("quoteReward", {**given, "points": points}, QUOTED)
        assert (refused["quote"], codes(refused)) == (None, [code])
    answer = await world.member.mutate("quoteReward", {**given, "points": "1001"}, QUOTED)
    quote = answer["quote"]
    assert {key: quote[key] for key in ("moneyPart", "points", "pointsWorth", "pointsPrice")} == {
        "moneyPart": {"minor": "600"},
        "points": {"points": "1000"},
        "pointsWorth": {"minor": "400"},
        "pointsPrice": {"points": "2500"},
    }
    done = await world.member.mutate(
        "placeRedemption",
        {"quoteId": quote["id"], "token": quote["token"]},
        "redemption { state total { minor } moneyPart { minor } points { points } }",
    )
    assert done["redemption"] == {
        "state": "FULFILLED",
        "total": {"minor": "1000"},
        "moneyPart": {"minor": "600"},
        "points": {"points": "1000"},
    }
    assert await world.souq.points() == (2_000, 0)
    assert await world.souq.balance(world.souq.wallet()) == (4_400, 0)


async def test_a_limited_card_is_reserved_by_its_quote(world: Redeeming) -> None:
    reward_id = await world.souq.own_card_reward(1_000)
    given = {"rewardId": world.id("Reward", reward_id), "cardsLeft": 1}
    for client in (world.member, world.merchant, world.staff("finance_maker")):
        refused = await client.mutate("setCardStock", given, "reward { id }")
        assert codes(refused) == ["FORBIDDEN"]
    assert codes(await world.staff().mutate("setCardStock", {**given, "cardsLeft": -1}, STOCK)) == [
        "INVALID_INPUT"
    ]
    assert (await world.member.data(LEFT, {"id": given["rewardId"]}))["reward"] == {
        "cardsLeft": None
    }
    done = await world.staff().mutate("setCardStock", given, STOCK)
    assert done["reward"] == {"id": given["rewardId"], "cardsLeft": 1}
    asked = {"rewardId": given["rewardId"], "face": world.money(1_000)}
    first = await world.member.mutate("quoteReward", asked, "quote { id }")
    second = await world.other_member.mutate("quoteReward", asked, "quote { id }")
    assert (codes(first), codes(second)) == ([], ["SOLD_OUT"])
    world.app.clock.advance(minutes=15)
    third = await world.other_member.mutate("quoteReward", asked, "quote { id }")
    assert codes(third) == []
