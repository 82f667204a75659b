"""An app keeps its catalogue fresh: it reads what changed since, or follows it over a socket."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from api.database.transaction import Database
from api.graphql.nodes import id_of
from catalog.assortments import AssortmentRule, Effect, publish_assortment
from catalog.changes import order_changes
from catalog.rewards import RewardDraft, publish_reward, retire_reward, revise_reward
from partners.programmes import have_default_programme
from tests.api.graphql.payouts.following import Socket, socket_of
from tests.conftest import NOW
from tests.factories.catalog import IN_ENGLISH, make_reward, own_card
from tests.factories.partners import Shop, open_shop
from tests.graphql_client import RunningApp, running_app

CHANGES = """query ($after: String, $first: Int!) { rewardChanges(after: $after, first: $first) {
  latestCursor pageInfo { hasNextPage endCursor }
  edges { cursor node { cursor kind rewardId version
    reward { id state version title(locale: EN) } } } } }"""
ASSORTMENTS = """query ($first: Int!) { rewardChanges(first: $first) {
  edges { node { kind rewardId reward { id } programmeId programme { slug } version } } } }"""
FOLLOW_ASSORTMENTS = """subscription ($after: String) { rewardsChanged(after: $after) {
  changes { kind rewardId reward { id } programmeId programme { slug } version } } }"""
FOLLOW = """subscription ($after: String) { rewardsChanged(after: $after) {
  cursor changes { cursor kind version reward { state version title(locale: EN) } } } }"""


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


@pytest.fixture
async def app(shop: Shop, database: Database) -> AsyncIterator[RunningApp]:
    async with running_app(database, network_id=shop.network_id) as running:
        yield running


async def publish(database: Database, network_id: int) -> UUID:
    async with database.writing(network_id) as db:
        made = await make_reward(db, network_id=network_id, terms=own_card("50.00"))
    return made.reward_id


async def revise(database: Database, network_id: int, reward_id: UUID) -> None:
    async with database.writing(network_id) as db:
        draft = RewardDraft(IN_ENGLISH, ("SA",), own_card("60.00"))
        await revise_reward(db, network_id=network_id, reward_id=reward_id, draft=draft, now=NOW)
        await publish_reward(db, network_id=network_id, reward_id=reward_id, now=NOW)


async def retire(database: Database, network_id: int, reward_id: UUID) -> None:
    async with database.writing(network_id) as db:
        await retire_reward(db, network_id=network_id, reward_id=reward_id, now=NOW)


async def order(database: Database, network_id: int) -> None:
    async with database.writing(network_id) as db:
        await order_changes(db, network_id=network_id)


async def publish_rules(database: Database, network_id: int) -> str:
    """Publish an assortment of the network's own programme, and tell the programme's id."""
    async with database.writing(network_id) as db:
        programme = await have_default_programme(db, network_id=network_id, now=NOW)
        await publish_assortment(
            db,
            network_id=network_id,
            programme_id=programme.programme_id,
            rules=[AssortmentRule(Effect.DENY, categories=("games",))],
            actor="staff:operator-1",
            now=NOW,
        )
    return id_of("Programme", network_id, programme.programme_id)


async def follow(socket: Socket, after: str | None, query: str = FOLLOW) -> None:
    payload = {"query": query, "variables": {"after": after}}
    await socket.say(type="subscribe", id="1", payload=payload)


async def told(socket: Socket) -> dict[str, Any]:
    heard = await socket.hear(seconds=2)
    assert (heard["type"], "errors" in heard["payload"]) == ("next", False), heard
    found: dict[str, Any] = heard["payload"]["data"]["rewardsChanged"]
    return found


async def test_the_changes_behind_a_place_are_read_in_pages(
    app: RunningApp, database: Database, shop: Shop
) -> None:
    network_id = shop.network_id
    client = app.as_partner(shop.partner.partner_id)
    empty = (await client.data(CHANGES, {"first": 10}))["rewardChanges"]
    assert empty["edges"] == []
    begin = empty["latestCursor"]

    reward_id = await publish(database, network_id)
    await revise(database, network_id, reward_id)
    await retire(database, network_id, reward_id)
    await order(database, network_id)
    page = (await client.data(CHANGES, {"after": begin, "first": 2}))["rewardChanges"]
    shown = [one["node"] for one in page["edges"]]
    assert [(one["kind"], one["version"]) for one in shown] == [("PUBLISHED", 1), ("REVISED", 2)]
    # What is shown of the reward is what is so by now, whatever the change was.
    assert {(one["reward"]["state"], one["reward"]["version"]) for one in shown} == {("RETIRED", 2)}
    assert {one["rewardId"] for one in shown} == {shown[0]["reward"]["id"]}
    assert page["pageInfo"] == {"hasNextPage": True, "endCursor": shown[1]["cursor"]}
    rest = (await client.data(CHANGES, {"after": shown[1]["cursor"], "first": 2}))["rewardChanges"]
    assert [one["node"]["kind"] for one in rest["edges"]] == ["RETIRED"]
    assert rest["latestCursor"] == rest["edges"][0]["cursor"]
    assert rest["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("after", ["x", "WyJhIl0", "Wy0xXQ", "WzEsMl0"])
async def test_a_cursor_of_nothing_is_refused(app: RunningApp, shop: Shop, after: str) -> None:
    client = app.as_partner(shop.partner.partner_id)
    answer = await client.run(CHANGES, {"after": after, "first": 1})
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["BAD_ARGUMENT"]


async def test_a_follower_is_told_within_two_seconds_and_resumes_without_a_gap(
    app: RunningApp, database: Database, shop: Shop
) -> None:
    network_id = shop.network_id
    reward_id = await publish(database, network_id)
    client = app.as_partner(shop.partner.partner_id)
    async with socket_of(app, client) as socket:
        begin = (await client.data(CHANGES, {"first": 1}))["rewardChanges"]["latestCursor"]
        await follow(socket, begin)
        first = await told(socket)
        assert [one["kind"] for one in first["changes"]] == ["PUBLISHED"]
        await revise(database, network_id, reward_id)
        second = await told(socket)
        assert second["changes"] == [
            {
                "cursor": second["cursor"],
                "kind": "REVISED",
                "version": 2,
                "reward": {"state": "ACTIVE", "version": 2, "title": IN_ENGLISH["en"].title},
            }
        ]
    await retire(database, network_id, reward_id)  # while nobody listens
    other = await publish(database, network_id)
    async with socket_of(app, client) as socket:
        await follow(socket, second["cursor"])
        missed = (await told(socket))["changes"]
        assert [(one["kind"], one["reward"]["state"]) for one in missed] == [
            ("RETIRED", "RETIRED"),
            ("PUBLISHED", "ACTIVE"),
        ]
        await revise(database, network_id, other)
        assert [one["kind"] for one in (await told(socket))["changes"]] == ["REVISED"]


async def test_whoever_follows_is_told_whose_assortment_was_published(
    app: RunningApp, database: Database, shop: Shop
) -> None:
    client = app.as_partner(shop.partner.partner_id)
    begin = (await client.data(CHANGES, {"first": 1}))["rewardChanges"]["latestCursor"]
    async with socket_of(app, client) as socket:
        await follow(socket, begin, FOLLOW_ASSORTMENTS)
        expected = {
            "kind": "ASSORTMENT_PUBLISHED",
            "rewardId": None,
            "reward": None,
            "programmeId": await publish_rules(database, shop.network_id),
            "programme": {"slug": "default"},
            "version": None,
        }
        assert (await told(socket))["changes"] == [expected]
    page = (await client.data(ASSORTMENTS, {"first": 10}))["rewardChanges"]
    assert [one["node"] for one in page["edges"]] == [expected]


async def test_another_network_is_told_nothing(
    app: RunningApp, database: Database, shop: Shop
) -> None:
    await publish(database, shop.network_id)
    await publish_rules(database, shop.network_id)
    stranger = app.as_partner(shop.partner.partner_id, network_id=shop.network_id + 1)
    answer = (await stranger.data(CHANGES, {"first": 10}))["rewardChanges"]
    assert answer["edges"] == []
    async with socket_of(app, stranger) as socket:
        await follow(socket, answer["latestCursor"])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.socket.recv(), 1.2)


async def test_nobody_without_a_token_follows(app: RunningApp, shop: Shop) -> None:
    anonymous = app.as_partner(shop.partner.partner_id)
    object.__setattr__(anonymous, "token", None)
    answer = await anonymous.run(CHANGES, {"first": 1})
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_a_place_that_is_not_reached_is_refused(app: RunningApp, shop: Shop) -> None:
    async with socket_of(app, app.as_partner(shop.partner.partner_id)) as socket:
        await follow(socket, "WzddA"[:-1])
        heard = await socket.hear(seconds=2)
        errors = heard["payload"]["errors"] if heard["type"] == "next" else heard["payload"]
        assert [one["extensions"]["code"] for one in errors] == ["BAD_ARGUMENT"]
