"""What each caller sees of the catalogue and of the rules behind it, over HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import (
    GiftCardTerms,
    RewardDraft,
    RewardText,
    create_reward,
    publish_reward,
)
from partners.programmes import have_default_programme
from tests.api.graphql.catalog.redeeming import Redeeming, start_redeeming
from tests.conftest import NOW

ASSORTMENT = """assortment { id version publishedBy programme { slug } rules { number effect
  categories brandIds countries costMin { minor } tiers earlyAccessFor startsAt } }"""
STANDING = "standing { id version tier segments setBy }"
LIST = '{ rewards(country: "SA", first: 10) { edges { node { id eligibility { isVisible'
LIST += " isOrderable reasons { rule effect isMatch message } } } } } }"
DETAIL = "query($id: ID!) { reward(id: $id) { id } node(id: $id) { id } }"
EXPLAIN = """query($reward: ID!, $member: ID) {
  explainAssortment(rewardId: $reward, memberId: $member) {
    isVisible isOrderable reasons { rule effect isMatch message } } }"""
SHOWN = "query($id: ID!) { assortment(programmeId: $id) { version rules { number } } }"
FOUND = '{ searchRewards(query: "", country: "SA", first: 10) { totalCount'
FOUND += " facets { category { value count } } edges { node { id } } } }"
MINE = "{ redemptions(first: 5) { edges { node { reward { id } quote { reward { id } } } } } }"
STANDS = "query($id: ID!) { memberStanding(memberId: $id) { tier segments } }"


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


async def programme_of(world: Redeeming) -> str:
    network_id = world.souq.network_id
    async with world.souq.database.writing(network_id) as db:
        programme = await have_default_programme(db, network_id=network_id, now=NOW)
    return world.id("Programme", programme.programme_id)


async def card(world: Redeeming, category: str) -> str:
    souq = world.souq
    terms = GiftCardTerms.of_own_faces(souq.money(1_000))
    draft = RewardDraft({"en": RewardText(category)}, ("SA",), terms, category)
    async with souq.database.writing(souq.network_id) as db:
        made = await create_reward(db, network_id=souq.network_id, draft=draft, now=NOW)
        await publish_reward(db, network_id=souq.network_id, reward_id=made.reward_id, now=NOW)
    return world.id("Reward", made.reward_id)


async def published(world: Redeeming, programme_id: str, *rules: dict[str, Any]) -> Any:
    given = {"programmeId": programme_id, "rules": list(rules)}
    return await world.staff().mutate("publishAssortment", given, ASSORTMENT)


async def listed(client: Any) -> list[str]:
    return [one["node"]["id"] for one in (await client.data(LIST))["rewards"]["edges"]]


async def test_every_entry_shows_the_same_and_staff_sees_all(world: Redeeming) -> None:
    await world.souq.fund(5_000)
    programme_id, games, food = (
        await programme_of(world),
        await card(world, "games"),
        await card(world, "food"),
    )
    face = world.money(1_000)
    quote = await world.member.mutate(
        "quoteReward", {"rewardId": games, "face": face}, "quote { id }"
    )
    made = await published(
        world,
        programme_id,
        {"effect": "DENY", "categories": ["games"]},
        {
            "effect": "ALLOW",
            "tiers": ["gold"],
            "startsAt": "2026-03-16T09:00:00Z",
            "earlyAccessFor": ["vip"],
        },
        {"effect": "ALLOW", "categories": ["food"]},
    )
    assert codes(made) == []
    assert made["assortment"]["programme"] == {"slug": "default"}
    assert [one["effect"] for one in made["assortment"]["rules"]] == ["DENY", "ALLOW", "ALLOW"]
    assert made["assortment"]["rules"][1]["startsAt"] == "2026-03-16T09:00:00+00:00"
    for client, seen in (
        (world.member, [food]),
        (world.merchant, [food]),
        (world.staff("auditor"), [games, food]),
    ):
        assert sorted(await listed(client)) == sorted(seen)
        for reward_id in (games, food):
            found = await client.data(DETAIL, {"id": reward_id})
            expected = {"id": reward_id} if reward_id in seen else None
            assert found == {"reward": expected, "node": expected}
    refused = await world.member.mutate(
        "quoteReward", {"rewardId": games, "face": face}, "quote { id }"
    )
    assert (refused["quote"], codes(refused)) == (None, ["NOT_FOUND"])
    assert codes(await world.placed(quote["quote"]["id"])) == []
    # What was got is told for ever, whatever is shown by now.
    (mine,) = (await world.member.data(MINE))["redemptions"]["edges"]
    assert mine["node"] == {"reward": {"id": games}, "quote": {"reward": {"id": games}}}


async def test_members_learn_what_matches_and_staff_why_not(world: Redeeming) -> None:
    programme_id, food = await programme_of(world), await card(world, "food")
    await published(
        world,
        programme_id,
        {"effect": "DENY", "tiers": ["bronze"]},
        {"effect": "ALLOW", "categories": ["food"]},
    )
    (one,) = (await world.member.data(LIST))["rewards"]["edges"]
    assert one["node"]["eligibility"] == {
        "isVisible": True,
        "isOrderable": True,
        "reasons": [
            {
                "rule": 2,
                "effect": "ALLOW",
                "isMatch": True,
                "message": "Allowed by this rule.",
            }
        ],
    }
    member_id = world.id("Member", world.souq.member_id)
    given = {"idempotencyKey": "s", "memberId": member_id, "tier": "bronze", "segments": ["a"]}
    stands = await world.staff().mutate("setMemberStanding", given, STANDING)
    assert (stands["standing"]["version"], stands["standing"]["tier"]) == (1, "bronze")
    assert (await world.staff("auditor").data(STANDS, {"id": member_id}))["memberStanding"] == {
        "tier": "bronze",
        "segments": ["a"],
    }
    assert await listed(world.member) == []
    assert await listed(world.other_member) == [food]
    told = await world.staff("auditor").data(EXPLAIN, {"reward": food, "member": member_id})
    assert told["explainAssortment"] == {
        "isVisible": False,
        "isOrderable": False,
        "reasons": [
            {"rule": 1, "effect": "DENY", "isMatch": True, "message": "Denied by this rule."},
            {"rule": 2, "effect": "ALLOW", "isMatch": True, "message": "Allowed by this rule."},
        ],
    }
    told = await world.staff().data(EXPLAIN, {"reward": food})
    assert told["explainAssortment"]["isVisible"] is True
    assert told["explainAssortment"]["reasons"][0] == {
        "rule": 1,
        "effect": "DENY",
        "isMatch": False,
        "message": "This rule is not about it: the member's tier or segment.",
    }


async def test_rules_are_the_operators_to_set_and_the_staffs_to_read(
    world: Redeeming, superuser: AsyncConnection
) -> None:
    programme_id, food = await programme_of(world), await card(world, "food")
    rules = [{"effect": "DENY"}]
    member_id = world.id("Member", world.souq.member_id)
    for client in (world.member, world.merchant, world.staff("finance_checker")):
        for name, given, shown in (
            ("publishAssortment", {"programmeId": programme_id, "rules": rules}, ASSORTMENT),
            ("setMemberStanding", {"memberId": member_id, "tier": "gold"}, STANDING),
        ):
            assert codes(await client.mutate(name, given, shown)) == ["FORBIDDEN"]
    for client in (world.member, world.merchant):
        for query, given in (
            (EXPLAIN, {"reward": food}),
            (SHOWN, {"id": programme_id}),
            (STANDS, {"id": member_id}),
        ):
            answer = await client.run(query, given)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"effect": "ALLOW", "brands": [world.id("Brand", uuid4())]}, "NOT_FOUND"),
        ({"effect": "ALLOW", "brands": ["x"]}, "NOT_FOUND"),
        ({"effect": "ALLOW", "categories": []}, "INVALID_INPUT"),
        ({"effect": "ALLOW", "countries": ["SAU"]}, "INVALID_INPUT"),
        ({"effect": "ALLOW", "costMin": {"currency": "SAR", "minor": "x"}}, "INVALID_AMOUNT"),
        ({"effect": "ALLOW", "earlyAccessFor": ["vip"]}, "INVALID_INPUT"),
    ]
    for rule, code in wrong:
        assert codes(await published(world, programme_id, rule)) == [code]
    absent = world.id("Programme", uuid4())
    assert codes(await published(world, absent)) == ["NOT_FOUND"]
    unknown: UUID = uuid4()
    for given in (
        {"reward": world.id("Reward", unknown)},
        {"reward": "x"},
        {"reward": food, "member": world.id("Member", unknown)},
    ):
        assert (await world.staff().data(EXPLAIN, given))["explainAssortment"] is None
    assert (await world.staff().data(SHOWN, {"id": programme_id}))["assortment"] is None
    count = await superuser.execute(text("SELECT count(*) FROM catalog.assortment"))
    assert count.scalar_one() == 0


async def test_the_search_finds_and_counts_what_is_shown_and_nothing_else(
    world: Redeeming,
) -> None:
    sports, games = await card(world, "sports"), await card(world, "games")
    programme_id = await programme_of(world)

    async def found(client: Any) -> tuple[set[str], int, list[tuple[str, int]]]:
        answer = (await client.data(FOUND))["searchRewards"]
        ids = {one["node"]["id"] for one in answer["edges"]}
        counts = [(one["value"], one["count"]) for one in answer["facets"]["category"]]
        return ids, answer["totalCount"], counts

    whole = ({sports, games}, 2, [("games", 1), ("sports", 1)])
    assert await found(world.member) == whole
    rule = {"effect": "DENY", "categories": ["games"]}
    assert codes(await published(world, programme_id, rule)) == []
    assert await found(world.member) == ({sports}, 1, [("sports", 1)])
    assert await found(world.staff()) == whole
