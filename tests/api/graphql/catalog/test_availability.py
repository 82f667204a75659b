"""How much there is of rewards, as apps ask it over HTTP, and lists of what can be ordered."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.availability import Availability, Said, SaidBy
from catalog.changes import order_changes
from catalog.rewards import import_feed, retire_reward, tell_availability
from catalog.stocks import set_card_stock
from catalog.suppliers import Feed, register_supplier
from partners.programmes import have_default_programme
from tests.api.graphql.catalog.redeeming import QUOTE, Redeeming, start_redeeming
from tests.conftest import NOW
from tests.factories.catalog import card_item, statements_of

LISTED = """query($only: Boolean!, $first: Int, $after: String) {
  rewards(country: "SA", first: $first, after: $after, orderableOnly: $only) {
    edges { node { id availability orderable } } pageInfo { hasNextPage endCursor } } }"""
FOUND = """query($only: Boolean!, $words: String!, $first: Int, $after: String) {
  searchRewards(query: $words, country: "SA", first: $first, after: $after, orderableOnly: $only) {
    totalCount facets { kind { value count } brand { value count } country { value count } }
    edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
ONE = "query($id: ID!) { reward(id: $id) { availability orderable state } }"
CHANGES = "{ rewardChanges(last: 1) { edges { node { kind rewardId version reward { availability } } } } }"
BRANDS = ("Amber", "Basalt", "Coral", "Dune", "Ember", "Flint")


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


async def stocked(world: Redeeming) -> dict[str, UUID]:
    """Six brands' cards of a supplier, by brand."""
    network_id = world.souq.network_id
    async with world.souq.database.writing(network_id) as db:
        made = await register_supplier(db, network_id=network_id, name="reloadly", now=NOW)
        items = tuple(card_item(str(n), brand, 50) for n, brand in enumerate(BRANDS, start=1))
        await import_feed(
            db,
            network_id=network_id,
            supplier_id=made.supplier_id,
            feed=Feed(items, (), is_complete=True),
            actor="test",
            now=NOW,
        )
        rows = await db.execute(text("SELECT supplier_sku, reward_id FROM catalog.reward"))
        return {BRANDS[int(row.supplier_sku) - 1]: row.reward_id for row in rows}


async def say(world: Redeeming, said: Availability, *ids: UUID, sequence: int = 0) -> None:
    network_id = world.souq.network_id
    async with world.souq.database.writing(network_id) as db:
        await tell_availability(
            db,
            network_id=network_id,
            said=[Said(one, said, NOW, sequence) for one in ids],
            said_by=SaidBy.MESSAGE,
            now=NOW,
        )


async def pages(world: Redeeming, document: str, name: str, *, only: bool, **given: Any) -> Any:
    """Walk all pages of two; gives the ids in their order."""
    ids: list[str] = []
    after = None
    while True:
        answer = await world.member.data(
            document, {"only": only, "first": 2, "after": after, **given}
        )
        page = answer[name]
        ids += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids


async def test_each_reward_says_how_much_there_is_and_whether_it_can_be_had(
    world: Redeeming,
) -> None:
    ids = await stocked(world)
    await say(world, Availability.OUT, ids["Amber"])
    await say(world, Availability.LOW, ids["Basalt"])
    await say(world, Availability.IN_STOCK, ids["Coral"])
    for client in (world.member, world.merchant, world.staff("auditor")):
        edges = (await client.data(LISTED, {"only": False, "first": 10}))["rewards"]["edges"]
        assert {
            edge["node"]["id"]: (edge["node"]["availability"], edge["node"]["orderable"])
            for edge in edges
        } == {
            world.id("Reward", ids[brand]): told
            for brand, told in zip(
                BRANDS,
                (("OUT", False), ("LOW", True), ("IN_STOCK", True), *[("UNKNOWN", True)] * 3),
                strict=True,
            )
        }


async def test_what_is_out_is_not_quoted_and_the_problem_says_why(
    world: Redeeming, superuser: AsyncConnection
) -> None:
    ids = await stocked(world)
    await world.souq.fund(10_000)
    await say(world, Availability.OUT, ids["Amber"])
    given = {"rewardId": world.id("Reward", ids["Amber"]), "face": world.money(5_000)}
    for locale, message in (
        ("en", "The reward is out of stock at all its suppliers. No money moved."),
        ("ar", "نفدت المكافأة لدى جميع مورّديها. لم يتحرك أي مبلغ."),
    ):
        refused = await world.member.mutate("quoteReward", given, QUOTE, locale=locale)
        (problem,) = refused["problems"]
        assert (refused["quote"], problem["code"], problem["message"], problem["path"]) == (
            None,
            "NOT_AVAILABLE",
            message,
            ["rewardId"],
        )
    assert (await superuser.execute(text("SELECT count(*) FROM catalog.quote"))).scalar_one() == 0
    assert await world.souq.balance(world.souq.wallet()) == (10_000, 0)
    await say(world, Availability.IN_STOCK, ids["Amber"], sequence=1)
    assert (await world.quoted(ids["Amber"], face=world.money(5_000)))["total"]["minor"] == "5000"


async def test_a_list_of_what_can_be_ordered_has_full_pages(world: Redeeming) -> None:
    ids = await stocked(world)
    named = {brand: world.id("Reward", key) for brand, key in ids.items()}
    assert await pages(world, LISTED, "rewards", only=True) == [named[one] for one in BRANDS]
    await say(world, Availability.OUT, ids["Amber"], ids["Coral"], ids["Flint"])
    left = [named["Basalt"], named["Dune"], named["Ember"]]
    assert await pages(world, LISTED, "rewards", only=True) == left
    assert await pages(world, LISTED, "rewards", only=False) == [named[one] for one in BRANDS]
    answer = await world.member.data(LISTED, {"only": True, "first": 2})
    assert len(answer["rewards"]["edges"]) == 2


async def test_a_search_of_what_can_be_ordered_counts_without_the_rest(world: Redeeming) -> None:
    ids = await stocked(world)
    named = {brand: world.id("Reward", key) for brand, key in ids.items()}
    await say(world, Availability.OUT, ids["Amber"], ids["Ember"])

    async def found(*, only: bool, words: str = "") -> Any:
        given = {"only": only, "words": words, "first": 10}
        return (await world.member.data(FOUND, given))["searchRewards"]

    everything, rest = await found(only=False), await found(only=True)
    assert (everything["totalCount"], rest["totalCount"]) == (6, 4)
    for name, value in (("kind", "GIFT_CARD"), ("country", "SA")):
        assert everything["facets"][name] == [{"value": value, "count": 6}]
        assert rest["facets"][name] == [{"value": value, "count": 4}]
    assert len(everything["facets"]["brand"]) == 6
    assert len(rest["facets"]["brand"]) == 4
    walked = await pages(world, FOUND, "searchRewards", only=True, words="")
    assert walked == [named[one] for one in BRANDS if one not in ("Amber", "Ember")]
    assert (await found(only=False, words="amber"))["totalCount"] == 1
    assert (await found(only=True, words="amber"))["totalCount"] == 0


async def test_what_is_off_sale_is_not_orderable(world: Redeeming) -> None:
    ids = await stocked(world)
    network_id, amber = world.souq.network_id, world.id("Reward", ids["Amber"])
    async with world.souq.database.writing(network_id) as db:
        await retire_reward(db, network_id=network_id, reward_id=ids["Amber"], now=NOW)
    told = (await world.member.data(ONE, {"id": amber}))["reward"]
    assert told == {"availability": "UNKNOWN", "orderable": False, "state": "RETIRED"}


async def test_limited_cards_are_told_as_they_are_got(world: Redeeming) -> None:
    souq = world.souq
    card = await souq.own_card_reward(1_000)
    asked = {"id": world.id("Reward", card)}
    await souq.fund(5_000)
    async with souq.database.writing(souq.network_id) as db:
        await set_card_stock(
            db,
            network_id=souq.network_id,
            reward_id=card,
            cards_left=1,
            actor="staff:operator-1",
            now=NOW,
        )
    told = (await world.other_member.data(ONE, asked))["reward"]
    assert (told["availability"], told["orderable"]) == ("LOW", True)
    await world.quoted(card, face=world.money(1_000))
    # Another member does not see the quote, and is told what comes of it.
    told = (await world.other_member.data(ONE, asked))["reward"]
    assert (told["availability"], told["orderable"]) == ("OUT", False)


async def test_a_change_is_told_to_who_follows_the_catalogue(world: Redeeming) -> None:
    ids = await stocked(world)
    await say(world, Availability.OUT, ids["Dune"])
    network_id = world.souq.network_id
    async with world.souq.database.writing(network_id) as db:
        await order_changes(db, network_id=network_id)
    (edge,) = (await world.member.data(CHANGES))["rewardChanges"]["edges"]
    assert edge["node"] == {
        "kind": "AVAILABILITY",
        "rewardId": world.id("Reward", ids["Dune"]),
        "version": None,
        "reward": {"availability": "OUT"},
    }


async def test_a_page_asks_once_for_all_its_rewards(world: Redeeming) -> None:
    await stocked(world)
    taken = []
    for first in (1, 6):
        with statements_of(world.souq.database) as seen:
            await world.member.data(LISTED, {"only": False, "first": first})
        taken.append([one for one in seen if "count_left" in one or "reward_availability" in one])
    assert len(taken[0]) == len(taken[1]) == 2


async def test_what_a_member_got_and_is_shown_no_more_is_not_orderable(world: Redeeming) -> None:
    await world.souq.fund(20_000)
    await world.own_card(10_000)
    mine = "{ redemptions(first: 1) { edges { node { reward { availability orderable } } } } }"

    async def told() -> Any:
        (edge,) = (await world.member.data(mine))["redemptions"]["edges"]
        return edge["node"]["reward"]

    assert await told() == {"availability": "IN_STOCK", "orderable": True}
    network_id = world.souq.network_id
    async with world.souq.database.writing(network_id) as db:
        programme = await have_default_programme(db, network_id=network_id, now=NOW)
    given = {
        "programmeId": world.id("Programme", programme.programme_id),
        "rules": [{"effect": "DENY"}],
    }
    made = await world.staff().mutate("publishAssortment", given, "assortment { version }")
    assert made["problems"] == []
    assert await told() == {"availability": "IN_STOCK", "orderable": False}
