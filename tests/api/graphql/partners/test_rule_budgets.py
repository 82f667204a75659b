"""Over HTTP: rules with budgets are published, spent by many at once, raised and explained."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.database.transaction import Database
from api.graphql.nodes import GlobalId
from tests.conftest import NOW
from tests.factories.partners import make_agreement, make_partner
from tests.fingerprint import changed, fingerprint
from tests.graphql_client import GraphQLClient, RunningApp, running_app
from tests.journeys.invariants import broken_promises
from tests.partners.purchases.world import Till, open_till

RULE = "earnRule { id rateBps budget { cap { minor } spent { minor } left { minor } } }"
BOUGHT = "purchase { id accrual { id rateBps cashback { minor } } }"


@pytest.fixture
async def till(database: Database) -> Till:
    return await open_till(database)


@pytest.fixture
async def app(till: Till) -> AsyncIterator[RunningApp]:
    async with running_app(till.database, network_id=till.network_id) as app:
        yield app


def sar(minor: int) -> dict[str, str]:
    return {"minor": str(minor), "currency": "SAR"}


def own_id(till: Till, kind: str, key: Any) -> str:
    return str(GlobalId(kind, till.network_id, key))


async def publish(app: RunningApp, till: Till, budget: Any, **over: Any) -> dict[str, Any]:
    given = {
        "partnerId": own_id(till, "Partner", till.partner_id),
        "rateBps": 1_000,
        "budget": budget,
    }
    return await app.as_staff("operator").mutate("publishEarnRule", {**given, **over}, RULE)


async def buy(who: GraphQLClient, till: Till, number: int, minor: int = 10_000) -> dict[str, Any]:
    given = {
        "idempotencyKey": f"buy-{number}",
        "externalId": f"p-{number}",
        "memberId": own_id(till, "Member", till.shop.member.member_id),
        "amount": sar(minor),
        "purchasedAt": NOW.isoformat(),
    }
    return await who.mutate("recordPurchase", given, BOUGHT)


def stands(payload: dict[str, Any]) -> list[str]:
    budget = payload["earnRule"]["budget"]
    return [budget[one]["minor"] for one in ("cap", "spent", "left")]


async def shown(who: GraphQLClient, id_: str) -> list[str]:
    document = f"query($id: ID!) {{ earnRule: node(id: $id) {{ ... on EarnRule {RULE[8:]} }} }}"
    return stands(await who.data(document, {"id": id_}))


async def test_a_rule_shows_its_cap_and_what_is_left(
    till: Till, app: RunningApp, cluster: Cluster, database_name: str
) -> None:
    made = await publish(app, till, sar(2_500), idempotencyKey="k")
    assert (made["problems"], stands(made)) == ([], ["2500", "0", "2500"])
    again = await publish(app, till, {"decimal": "25.00", "currency": "SAR"}, idempotencyKey="k")
    assert again == {**made, "replayed": True}
    shop, id_ = app.as_partner(till.partner_id), made["earnRule"]["id"]
    rates = [(await buy(shop, till, n))["purchase"]["accrual"]["rateBps"] for n in range(3)]
    assert rates == [1_000, 1_000, 500]
    assert await shown(shop, id_) == ["2500", "2000", "500"]
    assert await buy(shop, till, 0) == {**(await buy(shop, till, 0)), "replayed": True}
    assert await shown(app.as_staff("auditor"), id_) == ["2500", "2000", "500"]
    raised = await app.as_staff("operator").mutate(
        "raiseEarnRuleBudget",
        {"idempotencyKey": "r", "earnRuleId": id_, "cap": sar(3_000)},
        RULE,
    )
    assert (raised["problems"], stands(raised)) == ([], ["3000", "2000", "1000"])
    fourth = await buy(shop, till, 4)
    assert fourth["purchase"]["accrual"]["cashback"]["minor"] == "1000"
    back = {
        "purchaseId": fourth["purchase"]["id"],
        "externalId": "r-1",
        "amount": sar(4_000),
    }
    given = await shop.mutate("recordReturn", back, "purchaseReturn { cashback { minor } }")
    assert given["purchaseReturn"] == {"cashback": {"minor": "400"}}
    assert await shown(shop, id_) == ["3000", "2600", "400"]
    plain = await publish(app, till, None, rateBps=100)
    assert plain["earnRule"]["budget"] is None
    listed = await shop.data(f"{{ earnRules(first: 9) {{ edges {{ node {RULE[8:]} }} }} }}")
    budgets = [one["node"]["budget"] for one in listed["earnRules"]["edges"]]
    assert [one and one["left"]["minor"] for one in budgets] == [None, "400", None]
    assert await broken_promises(cluster, database_name, NOW) == []


async def test_of_sixty_four_reports_at_once_exactly_ten_are_paid_by_the_budget(
    till: Till, app: RunningApp, cluster: Cluster, database_name: str
) -> None:
    made = await publish(app, till, sar(10_000))
    shop = app.as_partner(till.partner_id)
    told = await asyncio.gather(*(buy(shop, till, number) for number in range(64)))
    assert [one["problems"] for one in told] == [[]] * 64
    earned = sorted(
        (one["purchase"]["accrual"]["rateBps"], one["purchase"]["accrual"]["cashback"]["minor"])
        for one in told
    )
    assert earned == [(500, "500")] * 54 + [(1_000, "1000")] * 10
    assert await shown(shop, made["earnRule"]["id"]) == ["10000", "10000", "0"]
    again = await asyncio.gather(*(buy(shop, till, number) for number in range(64)))
    assert again == [{**one, "replayed": True} for one in told]
    assert await shown(shop, made["earnRule"]["id"]) == ["10000", "10000", "0"]
    assert await till.wallet() == (0, 10 * 1_000 + 54 * 500, 0)
    assert await broken_promises(cluster, database_name, NOW) == []


INVALID = [
    ({"minor": "0", "currency": "SAR"}, "INVALID_AMOUNT"),
    ({"minor": "-1", "currency": "SAR"}, "INVALID_AMOUNT"),
    ({"minor": "100", "currency": "EUR"}, "INVALID_AMOUNT"),
    ({"decimal": "1.001", "currency": "SAR"}, "INVALID_AMOUNT"),
    ({"minor": "1", "currency": "ZZZ"}, "UNKNOWN_CURRENCY"),
]


@pytest.mark.parametrize(("money", "code"), INVALID)
async def test_a_budget_that_cannot_be_is_refused_and_nothing_changes(
    till: Till, app: RunningApp, superuser: AsyncConnection, money: Any, code: str
) -> None:
    rule = await publish(app, till, sar(1_000))
    before = await fingerprint(superuser, without={"api.idempotency_key"})
    refused = await publish(app, till, money)
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [(code, ["budget"])]
    refused = await app.as_staff("operator").mutate(
        "raiseEarnRuleBudget", {"earnRuleId": rule["earnRule"]["id"], "cap": money}, RULE
    )
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [(code, ["cap"])]
    assert (refused["earnRule"], await shown(app.as_staff("auditor"), rule["earnRule"]["id"])) == (
        None,
        ["1000", "0", "1000"],
    )
    assert changed(before, await fingerprint(superuser, without={"api.idempotency_key"})) == []


async def test_a_cap_is_raised_by_operators_alone_and_never_lowered(
    till: Till, app: RunningApp, superuser: AsyncConnection
) -> None:
    id_ = (await publish(app, till, sar(1_000)))["earnRule"]["id"]
    plain = own_id(till, "EarnRule", till.shop.rule.rule_id)
    async with till.database.writing(till.network_id) as db:
        other = await make_partner(db, network_id=till.network_id, name="Hotel")
        await make_agreement(db, network_id=till.network_id, partner_id=other.partner_id)
    operator = app.as_staff("operator")

    async def raised(who: GraphQLClient, rule: str, minor: int, key: str) -> list[str]:
        given = {"idempotencyKey": key, "earnRuleId": rule, "cap": sar(minor)}
        payload = await who.mutate("raiseEarnRuleBudget", given, RULE)
        assert (payload["earnRule"] is None) == bool(payload["problems"])
        return [one["code"] for one in payload["problems"]]

    assert await raised(operator, id_, 1_500, "a") == []
    before = await fingerprint(superuser, without={"api.idempotency_key"})
    assert await raised(operator, id_, 1_500, "a") == []
    assert await raised(operator, id_, 1_600, "a") == ["IDEMPOTENCY_MISMATCH"]
    assert await raised(operator, id_, 1_000, "b") == ["STATE_CONFLICT"]
    assert await raised(operator, id_, 1_500, "c") == ["STATE_CONFLICT"]
    assert await raised(operator, id_, 1_499, "d") == ["STATE_CONFLICT"]
    assert await raised(operator, plain, 1_600, "e") == ["STATE_CONFLICT"]
    nothing = own_id(till, "EarnRule", till.partner_id)
    assert await raised(operator, nothing, 1_600, "f") == ["NOT_FOUND"]
    elsewhere = app.as_staff("operator", network_id=till.network_id + 1)
    assert await raised(elsewhere, id_, 1_600, "g") == ["NOT_FOUND"]
    callers = [
        app.as_partner(till.partner_id),
        app.as_partner(other.partner_id),
        app.as_member(till.shop.member.member_id, partner_id=till.partner_id),
        *(app.as_staff(one) for one in ("finance_maker", "finance_checker", "auditor")),
    ]
    for who in callers:
        assert await raised(who, id_, 1_600, "h") == ["FORBIDDEN"]
    document = "query($id: ID!) { node(id: $id) { id } }"
    found = await app.as_partner(other.partner_id).data(document, {"id": id_})
    assert found == {"node": None}
    assert changed(before, await fingerprint(superuser, without={"api.idempotency_key"})) == []
    assert await shown(operator, id_) == ["1500", "0", "1500"]


async def test_an_explanation_says_when_a_budget_paid(till: Till, app: RunningApp) -> None:
    id_ = (await publish(app, till, sar(1_000)))["earnRule"]["id"]
    shop, auditor = app.as_partner(till.partner_id), app.as_staff("auditor")
    paid = (await buy(shop, till, 1))["purchase"]
    other = (await buy(shop, till, 2))["purchase"]
    back = {"purchaseId": paid["id"], "externalId": "r-1", "amount": sar(2_500)}
    await shop.mutate("recordReturn", back)
    document = (
        "query($id: ID!, $locale: Locale) { explain(id: $id, locale: $locale) { sentences"
        " nodes { id kind facts { name value } } } }"
    )

    async def told(who: GraphQLClient, what: str, locale: str = "EN") -> tuple[list[str], Any]:
        found = (await who.data(document, {"id": what, "locale": locale}))["explain"]
        facts = {
            one["id"]: {fact["name"]: fact["value"] for fact in one["facts"]}
            for one in found["nodes"]
        }
        return found["sentences"], facts

    for who in (shop, auditor):
        sentences, facts = await told(who, paid["accrual"]["id"])
        assert (
            "The budget of the rule paid SAR10.00; SAR7.50 of it was not given back." in sentences
        )
        assert facts[paid["accrual"]["id"]]["paidByBudget"] == "7.50 SAR"
        assert (facts[id_]["budgetCap"], facts[id_]["budgetLeft"]) == ("10.00 SAR", "2.50 SAR")
        sentences, facts = await told(who, other["accrual"]["id"])
        assert "paidByBudget" not in facts[other["accrual"]["id"]]
        assert [one for one in sentences if "budget" in one] == []
    sentences, _ = await told(auditor, paid["accrual"]["id"], "AR")
    assert any(one.startswith("دفعت ميزانية القاعدة") for one in sentences)
    sentences, _ = await told(auditor, paid["id"])
    assert any(one.startswith("Journal budget.spend") for one in sentences)
    buyer = app.as_member(till.shop.member.member_id, partner_id=till.partner_id)
    sentences, _ = await told(buyer, paid["accrual"]["id"])
    assert [one for one in sentences if "budget" in one] == []
