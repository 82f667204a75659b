"""An app whose member meets a pause, over HTTP: nothing is lost, and it may be tried again."""

from collections.abc import AsyncIterator

import pytest

from api.database.transaction import Database
from tests.api.graphql.catalog.redeeming import REDEMPTION, Redeeming, start_redeeming

FOUND = """{ rewards(country: "SA", first: 5) { edges { node { id } } }
  searchRewards(query: "reward", first: 5) { totalCount edges { node { id } } } }"""


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


async def shown(world: Redeeming) -> tuple[list[str], list[str], int]:
    data = await world.member.data(FOUND)
    listed, found = (
        [one["node"]["id"] for one in data[name]["edges"]] for name in ("rewards", "searchRewards")
    )
    return listed, found, data["searchRewards"]["totalCount"]


@pytest.mark.parametrize(
    ("stop", "go_on"),
    [
        (("pauseReward", {}), ["resumeReward"]),
        (("suspendReward", {"reason": "A court order"}), ["reinstateReward", "resumeReward"]),
    ],
)
async def test_a_member_meets_a_pause_and_comes_back(
    world: Redeeming, stop: tuple[str, dict[str, str]], go_on: list[str]
) -> None:
    await world.souq.fund(20_000)
    key = await world.souq.own_card_reward(10_000)
    reward_id = world.id("Reward", key)
    assert await shown(world) == ([reward_id], [reward_id], 1)
    quote = await world.quoted(key, face=world.money(10_000))
    name, more = stop
    stopped = await world.staff().mutate(name, {"rewardId": reward_id, **more}, "reward { id }")
    assert stopped["problems"] == []
    assert await shown(world) == ([], [], 0)

    asked = {"rewardId": reward_id, "face": world.money(10_000)}
    refused = await world.member.mutate("quoteReward", asked, "quote { id }")
    message = (
        "The reward is off sale for a while. No money moved; a quote stays good until it expires."
    )
    problem = {"code": "NOT_AVAILABLE", "message": message, "retryable": True}
    assert (refused["quote"], refused["problems"]) == (None, [problem | {"path": ["rewardId"]}])
    given = {"quoteId": quote["id"], "idempotencyKey": "this order"}
    refused = await world.member.mutate("placeRedemption", given, REDEMPTION)
    assert refused["redemption"] is None
    assert refused["problems"] == [problem | {"path": ["quoteId"]}]
    assert await world.souq.balance(world.souq.wallet()) == (20_000, 0)

    for command in go_on:
        done = await world.staff().mutate(command, {"rewardId": reward_id}, "reward { id }")
        assert done["problems"] == []
    assert await shown(world) == ([reward_id], [reward_id], 1)
    # A refusal that may be over is not remembered: the same request goes through now.
    placed = await world.member.mutate("placeRedemption", given, REDEMPTION)
    assert (placed["problems"], placed["replayed"]) == ([], False)
    assert placed["redemption"]["state"] == "FULFILLED"
    assert await world.souq.balance(world.souq.wallet()) == (10_000, 0)
