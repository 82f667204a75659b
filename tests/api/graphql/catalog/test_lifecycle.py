"""The life of a reward over HTTP: its review, its pauses, its retirement, and who may do what."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.database.transaction import Database
from api.graphql.nodes import id_of
from tests.catalog.rewards.lives import WHOLE
from tests.conftest import NOW
from tests.factories.catalog import experience, make_reward, own_card
from tests.factories.partners import Shop, make_partner, open_shop
from tests.graphql_client import GraphQLClient, RunningApp, running_app

REWARD = "reward { id state version goesLiveAt sunsetAt }"
TEXTS = [
    {"locale": "EN", "title": "Falcon card", "terms": "No refunds"},
    {"locale": "AR", "title": "بطاقة الصقر", "terms": "غير قابلة للاسترداد"},
]
CARD = {
    "texts": TEXTS,
    "countries": ["SA"],
    "giftCard": {"faces": [{"decimal": "100.00", "currency": "SAR"}]},
}
LOG = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  reward(id: $id) { transitions(first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    edges { node { id number command fromState toState version actor reason effectiveAt submittedBy
      madeAt reward { id } } } } } }"""


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


@pytest.fixture
async def app(shop: Shop, database: Database) -> AsyncIterator[RunningApp]:
    async with running_app(database, network_id=shop.network_id) as running:
        yield running


def staff(app: RunningApp, name: str = "one") -> GraphQLClient:
    return app.as_staff("operator", subject=name)


async def drafted(app: RunningApp, **more: Any) -> str:
    made = await staff(app).mutate("createReward", {"reward": CARD | more}, REWARD)
    assert made["problems"] == []
    return str(made["reward"]["id"])


async def give(client: GraphQLClient, name: str, id_: str, **more: Any) -> dict[str, Any]:
    return await client.mutate(name, {"rewardId": id_, **more}, REWARD)


def codes(answer: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(one["code"], one["path"]) for one in answer["problems"]]


async def listed(client: GraphQLClient) -> list[str]:
    found = await client.data('{ rewards(country: "SA", first: 9) { edges { node { id } } } }')
    return [one["node"]["id"] for one in found["rewards"]["edges"]]


async def published(shop: Shop, database: Database, *, of_partner: bool = True) -> str:
    async with database.writing(shop.network_id) as db:
        made = await make_reward(
            db,
            network_id=shop.network_id,
            terms=experience() if of_partner else own_card(),
            texts=WHOLE,
            partner_id=shop.partner.partner_id if of_partner else None,
        )
    return str(id_of("Reward", shop.network_id, made.reward_id))


async def test_two_people_bring_a_reward_on_sale(app: RunningApp, shop: Shop) -> None:
    member = app.as_member(shop.member.member_id)
    reward_id = await drafted(app)
    submitted = await give(staff(app), "submitReward", reward_id)
    assert (submitted["problems"], submitted["reward"]["state"]) == ([], "IN_REVIEW")
    hidden = await member.data("query ($id: ID!) { reward(id: $id) { id } }", {"id": reward_id})
    assert hidden == {"reward": None}

    for name, more in (("approveReward", {}), ("rejectReward", {"reason": "No"})):
        own = await give(staff(app), name, reward_id, **more)
        assert (own["reward"], codes(own)) == (None, [("MAKER_IS_CHECKER", ["rewardId"])])
    at = (NOW + timedelta(days=1)).isoformat()
    approved = await give(staff(app, "two"), "approveReward", reward_id, at=at)
    assert approved["problems"] == []
    assert (approved["reward"]["state"], approved["reward"]["goesLiveAt"]) == ("SCHEDULED", at)
    assert await listed(member) == []

    back = await give(staff(app), "unscheduleReward", reward_id)
    assert (back["reward"]["state"], back["reward"]["goesLiveAt"]) == ("DRAFT", None)
    await give(staff(app, "two"), "submitReward", reward_id)
    live = await give(staff(app), "approveReward", reward_id)
    assert (live["problems"], live["reward"]["state"]) == ([], "ACTIVE")
    assert await listed(member) == [reward_id]


async def test_everything_that_is_missing_is_a_problem_of_its_own(app: RunningApp) -> None:
    reward_id = await drafted(app, texts=[{"locale": "EN", "title": "Falcon card"}])
    given = {"rewardId": reward_id, "idempotencyKey": "same"}
    refused = await staff(app).mutate("submitReward", given, REWARD)
    assert refused["reward"] is None
    assert codes(refused) == [
        ("INVALID_INPUT", ["texts", "en", "terms"]),
        ("INVALID_INPUT", ["texts", "ar", "title"]),
        ("INVALID_INPUT", ["texts", "ar", "terms"]),
    ]
    again = await staff(app).mutate("submitReward", given, REWARD)
    assert again == refused | {"replayed": True}
    arabic = await staff(app).mutate(
        "submitReward", given | {"idempotencyKey": "other"}, REWARD, locale="ar"
    )
    assert {one["message"] for one in arabic["problems"]} == {
        "ينقص المكافأة هذا قبل مراجعتها. لم يتغير شيء."
    }
    shown = await staff(app).data(
        "query ($id: ID!) { reward(id: $id) { state } }", {"id": reward_id}
    )
    assert shown == {"reward": {"state": "DRAFT"}}


async def test_a_rejected_version_is_revised_into_another(app: RunningApp) -> None:
    reward_id = await drafted(app)
    await give(staff(app), "submitReward", reward_id)
    empty = await give(staff(app, "two"), "rejectReward", reward_id, reason=" ")
    assert codes(empty) == [("INVALID_INPUT", ["reason"])]
    rejected = await give(staff(app, "two"), "rejectReward", reward_id, reason="Not ours to sell")
    assert (rejected["problems"], rejected["reward"]["state"]) == ([], "REJECTED")
    again = await give(staff(app), "submitReward", reward_id)
    assert codes(again) == [("STATE_CONFLICT", ["rewardId"])]
    assert again["problems"][0]["message"] == (
        "The reward is REJECTED. Possible is: revise. Nothing changed."
    )
    revised = await give(staff(app), "reviseReward", reward_id, reward=CARD)
    assert (revised["reward"]["state"], revised["reward"]["version"]) == ("DRAFT", 2)


async def test_a_partner_pauses_and_resumes_its_own_rewards(
    app: RunningApp, shop: Shop, database: Database
) -> None:
    own = await published(shop, database)
    of_nobody = await published(shop, database, of_partner=False)
    async with database.writing(shop.network_id) as db:
        other = await make_partner(db, network_id=shop.network_id, name="Other")
    partner, member = app.as_partner(shop.partner.partner_id), app.as_member(shop.member.member_id)
    absent = id_of("Reward", shop.network_id, UUID(int=7))
    foreign = await give(app.as_partner(other.partner_id), "pauseReward", own)
    nothing = await give(app.as_partner(other.partner_id), "pauseReward", absent)
    assert foreign == nothing
    assert codes(foreign) == [("NOT_FOUND", ["rewardId"])]
    assert codes(await give(partner, "pauseReward", of_nobody)) == [("NOT_FOUND", ["rewardId"])]
    assert codes(await give(member, "pauseReward", own)) == [("FORBIDDEN", [])]
    assert sorted(await listed(member)) == sorted([own, of_nobody])

    paused = await give(partner, "pauseReward", own)
    assert (paused["problems"], paused["reward"]["state"]) == ([], "PAUSED")
    assert await listed(member) == [of_nobody]
    resumed = await give(partner, "resumeReward", own)
    assert resumed["reward"]["state"] == "ACTIVE"
    suspended = await give(staff(app), "suspendReward", own, reason="A complaint")
    assert (suspended["problems"], suspended["reward"]["state"]) == ([], "SUSPENDED")
    refused = await give(partner, "resumeReward", own)
    assert refused["problems"] == [
        {
            "code": "STATE_CONFLICT",
            "message": "The reward is SUSPENDED. Possible is: revise, reinstate. Nothing changed.",
            "path": ["rewardId"],
            "retryable": False,
        }
    ]
    for name in ("publishReward", "retireReward"):
        assert codes(await give(staff(app), name, own)) == [("STATE_CONFLICT", ["rewardId"])]
    for name in ("reinstateReward", "suspendReward", "submitReward", "unscheduleReward"):
        more = {"reason": "x"} if name == "suspendReward" else {}
        assert codes(await give(partner, name, own, **more)) == [("FORBIDDEN", [])]
    back = await give(staff(app), "reinstateReward", own)
    assert back["reward"]["state"] == "PAUSED"
    assert (await give(partner, "resumeReward", own))["reward"]["state"] == "ACTIVE"
    assert sorted(await listed(member)) == sorted([own, of_nobody])


async def test_apps_see_until_when_a_reward_can_be_got(
    app: RunningApp, shop: Shop, database: Database
) -> None:
    own = await published(shop, database)
    member = app.as_member(shop.member.member_id)
    sunset = NOW + timedelta(days=3)
    over = await give(staff(app), "announceRewardRetirement", own, sunsetAt=NOW.isoformat())
    assert codes(over) == [("INVALID_INPUT", ["sunsetAt"])]
    given = {"sunsetAt": sunset.isoformat()}
    told = await give(staff(app), "announceRewardRetirement", own, **given)
    assert (told["problems"], told["reward"]["state"]) == ([], "RETIRING")
    document = """{ rewards(country: "SA", first: 9) { edges { node { state sunsetAt
      eligibility { isVisible isOrderable } } } } }"""
    found = await member.data(document)
    assert [one["node"] for one in found["rewards"]["edges"]] == [
        {
            "state": "RETIRING",
            "sunsetAt": sunset.isoformat(),
            "eligibility": {"isVisible": True, "isOrderable": True},
        }
    ]
    # The clock is a moment late: it is still listed, and cannot be got.
    app.clock.set(sunset)
    found = await app.as_member(shop.member.member_id).data(document)
    (late,) = [one["node"] for one in found["rewards"]["edges"]]
    assert late["eligibility"] == {"isVisible": True, "isOrderable": False}


async def test_the_log_is_read_by_staff_and_by_its_partner(
    app: RunningApp, shop: Shop, database: Database
) -> None:
    own = await published(shop, database)
    partner, member = app.as_partner(shop.partner.partner_id), app.as_member(shop.member.member_id)
    await give(partner, "pauseReward", own)
    await give(staff(app), "suspendReward", own, reason="A complaint")
    await give(staff(app), "reinstateReward", own)

    whole = (await staff(app).data(LOG, {"id": own, "first": 9}))["reward"]["transitions"]
    nodes = [one["node"] for one in whole["edges"]]
    identity = f"partner:{shop.partner.partner_id}"
    assert [
        (one["number"], one["command"], one["fromState"], one["toState"], one["actor"])
        for one in nodes
    ] == [
        (1, "PUBLISH", "DRAFT", "ACTIVE", "network"),
        (2, "PAUSE", "ACTIVE", "PAUSED", identity),
        (3, "SUSPEND", "PAUSED", "SUSPENDED", "staff:one"),
        (4, "REINSTATE", "SUSPENDED", "PAUSED", "staff:one"),
    ]
    assert [one["reason"] for one in nodes] == [None, None, "A complaint", None]
    assert {one["version"] for one in nodes} == {1}
    assert nodes[0]["reward"] == {"id": own}
    assert nodes[0]["madeAt"] == NOW.isoformat()

    first = (await staff(app).data(LOG, {"id": own, "first": 3}))["reward"]["transitions"]
    assert first["pageInfo"]["hasNextPage"] is True
    after = {"id": own, "first": 3, "after": first["pageInfo"]["endCursor"]}
    rest = (await staff(app).data(LOG, after))["reward"]["transitions"]
    assert [one["node"] for one in [*first["edges"], *rest["edges"]]] == nodes
    last = (await staff(app).data(LOG, {"id": own, "last": 2}))["reward"]["transitions"]
    assert [one["node"] for one in last["edges"]] == nodes[2:]
    before = {"id": own, "last": 2, "before": last["pageInfo"]["startCursor"]}
    early = (await staff(app).data(LOG, before))["reward"]["transitions"]
    assert [one["node"] for one in early["edges"]] == nodes[:2]

    seen = (await partner.data(LOG, {"id": own, "first": 9}))["reward"]["transitions"]
    assert [(one["node"]["command"], one["node"]["actor"]) for one in seen["edges"]] == [
        ("PUBLISH", None),
        ("PAUSE", identity),
        ("SUSPEND", None),
        ("REINSTATE", None),
    ]
    hidden = await member.data(LOG, {"id": own, "first": 9})
    assert hidden == {"reward": {"transitions": None}}
    one = "query ($id: ID!) { node(id: $id) { id ... on RewardTransition { command } } }"
    shown = {"node": {"id": nodes[1]["id"], "command": "PAUSE"}}
    assert await partner.data(one, {"id": nodes[1]["id"]}) == shown
    assert await member.data(one, {"id": nodes[1]["id"]}) == {"node": None}


async def test_the_same_key_is_answered_once(
    app: RunningApp, shop: Shop, database: Database
) -> None:
    own = await published(shop, database)
    given = {"rewardId": own, "idempotencyKey": "pause once"}
    first = await staff(app).mutate("pauseReward", given, REWARD)
    await give(staff(app), "resumeReward", own)
    again = await staff(app).mutate("pauseReward", given, REWARD)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["reward"]["state"] == "ACTIVE"
