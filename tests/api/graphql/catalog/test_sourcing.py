"""Staff reads why an order went where it went; a member sees its card and its price."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.database.transaction import Database
from api.graphql.nodes import id_of
from catalog.rewards import MatchState, list_matches
from tests.api.graphql.catalog.redeeming import Redeeming
from tests.catalog.redemptions.conftest import start_buying
from tests.catalog.redemptions.trading import Trading, start_trading
from tests.catalog.suppliers.conftest import Double, serve_double
from tests.catalog.suppliers.conftest import double as double
from tests.factories.small_network import found_network
from tests.graphql_client import running_app

SOURCING = """id state sourcing {
  chosen { supplier { name } cost { minor } health excludedBecause }
  considered { supplier { name } supplierSku cost { minor } costInWallet { minor } health
    excludedBecause }
  attempts { supplier { name } state code cost { minor } passedOver { supplier { name } because } }
}"""
HEALTH = """{ ... on Supplier { name health { attempts succeeded failed unknown failuresInARow
  medianSeconds score standing pausedUntil } } }"""
MATCH = """match { id state reasons decidedBy reward { id state } source { id state } }"""
MATCHES = """query($state: RewardMatchState) { rewardMatches(first: 5, state: $state) {
  edges { node { state reasons decidedBy reward { title } source { title state } } }
  pageInfo { hasNextPage } } }"""


@pytest.fixture
async def trading(database: Database, double: Double, tmp_path: Path) -> AsyncIterator[Trading]:
    buying = await start_buying(await found_network(database), double)
    await buying.souq.fund(20_000)
    with serve_double(tmp_path / "second", double.clock) as second:
        started = await start_trading(buying, second, tmp_path / "second")
        yield started
        for supplier in started.buying.world.suppliers.values():
            await supplier.aclose()


@pytest.fixture
async def redeeming(trading: Trading, database: Database) -> AsyncIterator[Redeeming]:
    souq = trading.buying.souq
    async with running_app(database, network_id=souq.network_id, vault=souq.vault) as app:
        yield Redeeming(souq, app)


async def place(redeeming: Redeeming, trading: Trading) -> str:
    reward_id = trading.buying.rewards["7001"]
    quote = await redeeming.quoted(reward_id, face=redeeming.money(5_000))
    made = await redeeming.placed(quote["id"])
    assert made["problems"] == []
    found: str = made["redemption"]["id"]
    return found


def option(name: str, sku: str, cost: str, health: int, because: str | None) -> dict[str, Any]:
    return {
        "supplier": {"name": name},
        "supplierSku": sku,
        "cost": {"minor": cost},
        "costInWallet": {"minor": cost},
        "health": health,
        "excludedBecause": because,
    }


async def test_staff_reads_why_an_order_went_where_it_went(
    redeeming: Redeeming, trading: Trading
) -> None:
    trading.first.fault("out_of_stock")
    key = await place(redeeming, trading)
    for _ in range(2):
        await trading.buying.work()
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Redemption {{ {SOURCING} }} }} }}"
    asked = {"id": key}
    shown = (await redeeming.staff().data(document, asked))["node"]
    assert shown["state"] == "FULFILLED"
    assert shown["sourcing"] == {
        "chosen": {
            "supplier": {"name": "reloadly"},
            "cost": {"minor": "4950"},
            "health": 100,
            "excludedBecause": None,
        },
        "considered": [
            option("reloadly", "7001", "4950", 100, None),
            option("second", "8001", "4950", 100, None),
        ],
        "attempts": [
            {
                "supplier": {"name": "reloadly"},
                "state": "FAILED",
                "code": "PRODUCT_OUT_OF_STOCK",
                "cost": {"minor": "4950"},
                "passedOver": [],
            },
            {
                "supplier": {"name": "second"},
                "state": "SUCCEEDED",
                "code": None,
                "cost": {"minor": "4950"},
                "passedOver": [],
            },
        ],
    }
    for role in ("auditor", "finance_maker"):
        assert (await redeeming.staff(role).data(document, asked))["node"] == shown
    own = (await redeeming.member.data(document, asked))["node"]
    assert own == {"id": key, "state": "FULFILLED", "sourcing": None}
    for other in (redeeming.other_member, redeeming.merchant):
        assert (await other.run(document, asked))["data"]["node"] is None


async def test_what_is_not_bought_from_a_supplier_has_no_sourcing(redeeming: Redeeming) -> None:
    card = await redeeming.own_card()
    document = (
        "query($id: ID!) { node(id: $id) { ... on Redemption { sourcing { chosen { health } } } } }"
    )
    shown = await redeeming.staff().data(document, {"id": card["id"]})
    assert shown == {"node": {"sourcing": None}}


async def test_the_price_that_is_shown_is_that_of_the_cheapest(
    redeeming: Redeeming, trading: Trading
) -> None:
    reward_id = trading.buying.rewards["7001"]
    face = redeeming.money(5_000)
    document = """query($id: ID!, $face: MoneyInput!) { reward(id: $id) { ... on GiftCardReward {
      price(face: $face) { total { minor } } denominations { price { total { minor } } } } } }"""
    asked = {"id": redeeming.id("Reward", reward_id), "face": face}
    shown = (await redeeming.member.data(document, asked))["reward"]
    assert shown["price"] == {"total": {"minor": "5050"}}
    await trading.offer("10")
    shown = (await redeeming.member.data(document, asked))["reward"]
    assert shown["price"] == {"total": {"minor": "4900"}} == shown["denominations"][0]["price"]
    quote = await redeeming.quoted(reward_id, face=face)
    assert quote["total"] == {"minor": "4900"}


async def test_staff_reads_how_a_supplier_delivers(redeeming: Redeeming, trading: Trading) -> None:
    trading.first.fault("out_of_stock")
    await place(redeeming, trading)
    for _ in range(2):
        await trading.buying.work()
    document = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {HEALTH} }}"
    ids = [
        str(id_of("Supplier", trading.network_id, one))
        for one in (trading.buying.supplier_id, trading.second_id)
    ]
    usual = {"attempts": 1, "unknown": 0, "standing": "GOOD", "pausedUntil": None}
    failed = {"succeeded": 0, "failed": 1, "failuresInARow": 1, "medianSeconds": None, "score": 0}
    good = {"succeeded": 1, "failed": 0, "failuresInARow": 0, "medianSeconds": 0, "score": 100}
    assert await redeeming.staff().data(document, {"ids": ids}) == {
        "nodes": [
            {"name": "reloadly", "health": usual | failed},
            {"name": "second", "health": usual | good},
        ]
    }
    assert (await redeeming.member.run(document, {"ids": ids}))["data"]["nodes"] == [None, None]


async def test_an_operator_separates_and_confirms(redeeming: Redeeming, trading: Trading) -> None:
    async with redeeming.souq.database.reading(trading.network_id) as db:
        (match,) = await list_matches(
            db, network_id=trading.network_id, state=MatchState.MATCHED, limit=9
        )
    key = str(id_of("RewardMatch", trading.network_id, match.reward_match_id))
    operator = redeeming.staff()
    assert (await operator.data(MATCHES, {"state": "MATCHED"}))["rewardMatches"] == {
        "edges": [
            {
                "node": {
                    "state": "MATCHED",
                    "reasons": [],
                    "decidedBy": "rule",
                    "reward": {"title": "Nakheel Market card"},
                    "source": {"title": "Nakheel Market KSA gift card", "state": "MATCHED"},
                }
            }
        ],
        "pageInfo": {"hasNextPage": False},
    }
    assert (await operator.data(MATCHES))["rewardMatches"]["edges"] == []
    given = {"matchId": key, "idempotencyKey": "k1"}
    for who in (redeeming.staff("auditor"), redeeming.member, redeeming.merchant):
        for name in ("separateRewardMatch", "confirmRewardMatch"):
            refused = await who.mutate(name, given, MATCH)
            assert [one["code"] for one in refused["problems"]] == ["FORBIDDEN"]
    apart = await operator.mutate("separateRewardMatch", given, MATCH)
    assert (apart["problems"], apart["match"]["state"]) == ([], "SEPARATE")
    assert apart["match"]["source"]["state"] == "ACTIVE"
    assert apart["match"]["decidedBy"].startswith("staff:")
    again = await operator.mutate("separateRewardMatch", given, MATCH)
    assert again == apart | {"replayed": True}
    joined = await operator.mutate("confirmRewardMatch", {"matchId": key}, MATCH)
    assert (joined["match"]["state"], joined["match"]["source"]["state"]) == ("MATCHED", "MATCHED")
    foreign = str(id_of("RewardMatch", trading.network_id + 1, match.reward_match_id))
    absent = str(id_of("RewardMatch", trading.network_id, trading.second_id))
    answers = [
        await operator.mutate("confirmRewardMatch", {"matchId": one}, MATCH)
        for one in (foreign, absent)
    ]
    assert [[one["code"] for one in each["problems"]] for each in answers] == [["NOT_FOUND"]] * 2


async def test_an_operator_says_what_a_failover_may_cost(redeeming: Redeeming) -> None:
    shown = "sourcingPolicy { lossMaxBps publishedBy }"
    operator = redeeming.staff()
    assert await operator.data(f"{{ {shown} }}") == {"sourcingPolicy": None}
    made = await operator.mutate("publishSourcingPolicy", {"lossMaxBps": 150}, shown)
    assert (made["problems"], made["sourcingPolicy"]["lossMaxBps"]) == ([], 150)
    for bps in (-1, 10_001):
        refused = await operator.mutate("publishSourcingPolicy", {"lossMaxBps": bps}, shown)
        assert [one["code"] for one in refused["problems"]] == ["INVALID_INPUT"]
    for who in (redeeming.staff("finance_checker"), redeeming.member):
        refused = await who.mutate("publishSourcingPolicy", {"lossMaxBps": 9}, shown)
        assert [one["code"] for one in refused["problems"]] == ["FORBIDDEN"]
    assert (await operator.data(f"{{ {shown} }}"))["sourcingPolicy"] == made["sourcingPolicy"]
