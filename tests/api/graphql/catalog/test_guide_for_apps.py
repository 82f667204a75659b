"""Every document of the guide for apps is answered as it stands there, by the application."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.database.transaction import Database
from catalog.assortments import AssortmentRule, Effect, publish_assortment
from catalog.changes import order_changes
from catalog.rewards import RewardDraft, RewardText, create_reward, publish_reward
from partners.programmes import have_default_programme
from tests.api.graphql.catalog.redeeming import Redeeming, start_redeeming
from tests.conftest import NOW
from tests.factories.catalog import own_card

GUIDE = Path(__file__).parents[4] / "docs" / "guide" / "mobile.md"
BLOCK = re.compile(r"```graphql\n(.*?)```\n+```json\n(.*?)```", re.DOTALL)
TEXTS = {
    "en": RewardText("Falcon card", "For every shop", "No refunds"),
    "ar": RewardText("بطاقة الصقر", "لكل متجر", "غير قابلة للاسترداد"),
    "fr": RewardText("Carte Faucon", "Dans tous les magasins", "Non remboursable"),
}


@pytest.fixture
async def world(database: Database) -> AsyncIterator[Redeeming]:
    async with start_redeeming(database) as started:
        yield started


def documents() -> dict[str, tuple[str, str]]:
    """The documents by the name of their operation, each with its variables as text."""
    found = {}
    for document, variables in BLOCK.findall(GUIDE.read_text()):
        name = re.match(r"(?:query|mutation|subscription) (\w+)", document)
        assert name, document
        found[name[1]] = (document, variables)
    return found


async def falcon(world: Redeeming) -> str:
    souq = world.souq
    async with souq.database.writing(souq.network_id) as db:
        draft = RewardDraft(TEXTS, ("SA",), own_card("100.00"), category="shopping")
        made = await create_reward(db, network_id=souq.network_id, draft=draft, now=NOW)
        await publish_reward(db, network_id=souq.network_id, reward_id=made.reward_id, now=NOW)
    return world.id("Reward", made.reward_id)


async def shows_games_from_tomorrow(world: Redeeming) -> None:
    souq = world.souq
    rule = AssortmentRule(Effect.DENY, categories=("games",), starts_at=NOW + timedelta(days=1))
    async with souq.database.writing(souq.network_id) as db:
        programme = await have_default_programme(db, network_id=souq.network_id, now=NOW)
        await publish_assortment(
            db,
            network_id=souq.network_id,
            programme_id=programme.programme_id,
            rules=[rule],
            actor="staff:operator-1",
            now=NOW,
        )
        await order_changes(db, network_id=souq.network_id)


async def test_an_app_can_be_made_of_the_guide(world: Redeeming) -> None:
    await world.souq.fund(25_000)
    await world.souq.experience_reward(5_000)
    reward_id = await falcon(world)
    put = {"REWARD": reward_id}

    async def ask(name: str) -> Any:
        document, text = documents()[name]
        for word, value in put.items():
            text = text.replace(f'"{word}"', json.dumps(value))
        return await world.member.data(document, json.loads(text), locale="ar")

    home = (await ask("Home"))["rewards"]
    assert {one["node"]["__typename"] for one in home["edges"]} == {
        "GiftCardReward",
        "ExperienceReward",
    }
    assert "بطاقة الصقر" in {one["node"]["title"] for one in home["edges"]}
    assert home["changesAt"] is None

    found = (await ask("Search"))["searchRewards"]
    assert (found["totalCount"], [one["node"]["id"] for one in found["edges"]]) == (1, [reward_id])
    assert found["facets"]["category"] == [{"value": "shopping", "count": 1}]

    shown = (await ask("Reward"))["reward"]
    assert (shown["title"], shown["description"]) == ("بطاقة الصقر", "لكل متجر")
    assert [one["face"]["decimal"] for one in shown["denominations"]] == ["100.00"]

    await shows_games_from_tomorrow(world)
    changes = (await ask("Changes"))["rewardChanges"]
    assert changes["pageInfo"]["hasNextPage"] is False
    last = changes["edges"][-1]["node"]
    assert (last["kind"], last["rewardId"], last["programme"]["id"]) == (
        "ASSORTMENT_PUBLISHED",
        None,
        last["programmeId"],
    )
    assert (await ask("Home"))["rewards"]["changesAt"] == "2026-03-16T09:00:00+00:00"

    told = (await ask("Text"))["reward"]
    assert (told["text"]["locale"], told["text"]["direction"]) == ("fr", "LTR")
    assert told["text"]["title"] == "Carte Faucon"
    assert told["denominations"][0]["face"]["formatted"] == "SAR100.00"

    quoted = (await ask("Quote"))["quoteReward"]
    assert quoted["problems"] == []
    put["QUOTE"] = quoted["quote"]["id"]
    placed = (await ask("Place"))["placeRedemption"]
    assert (placed["problems"], placed["redemption"]["state"]) == ([], "FULFILLED")

    mine = await ask("Mine")
    assert [one["node"]["id"] for one in mine["redemptions"]["edges"]] == [
        placed["redemption"]["id"]
    ]


def test_nothing_of_the_guide_is_left_out() -> None:
    assert len(documents()) == GUIDE.read_text().count("```graphql")
    assert set(documents()) == {
        "Home", "Search", "Reward", "Text", "Changes", "Quote", "Place", "Mine"
    }  # fmt: skip
