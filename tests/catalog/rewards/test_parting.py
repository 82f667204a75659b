"""What was the same and has become another product is sold by itself again, and waits for people."""

from dataclasses import replace

import pytest

from catalog.rewards import (
    MatchState,
    RewardState,
    confirm_match,
    pause_reward,
    resume_reward,
    suspend_reward,
)
from payouts.money import Money
from tests.catalog.rewards.test_matching import Shelves
from tests.catalog.rewards.test_matching import shelves as shelves
from tests.factories.catalog import card_item as sold
from tests.factories.catalog import make_supplier

LIVE, PASS = "Xbox Live Gold", "Xbox Game Pass"


async def sources(shelves: Shelves) -> list[list[str]]:
    """What each listed reward is bought as."""
    return [await shelves.sources(one) for one in await shelves.listed()]


async def test_a_source_that_becomes_another_product_is_sold_by_itself(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Xbox", title=LIVE))
    await shelves.load(shelves.second, sold("b", "Xbox", title=LIVE))
    assert await sources(shelves) == [["a", "b"]]
    (was,) = await shelves.matches(MatchState.MATCHED)
    await shelves.load(shelves.second, sold("b", "Xbox", title=PASS))
    assert await sources(shelves) == [["a"], ["b"]]
    (match,) = await shelves.matches()
    assert (match.reward_match_id, match.reasons) == (was.reward_match_id, ("changed", "title"))
    assert (match.decided_by, match.decided_at) == (None, None)
    assert await shelves.matches(MatchState.MATCHED) == []
    source = await shelves.find(match.source_id)
    assert (source.state, source.fills_id) == (RewardState.ACTIVE, None)
    assert (await shelves.changes())[-1] == (match.source_id, "published")
    # The same again, it is sold as before.
    await shelves.load(shelves.second, sold("b", "Xbox", title=LIVE))
    assert await sources(shelves) == [["a", "b"]]
    assert (await shelves.matches(), len(await shelves.matches(MatchState.MATCHED))) == ([], 1)
    assert (await shelves.changes())[-1] == (match.source_id, "withdrawn")


async def test_when_what_is_listed_becomes_another_product_none_is_sold_as_it(
    shelves: Shelves,
) -> None:
    async with shelves.database.writing(shelves.network_id) as db:
        third = await make_supplier(db, network_id=shelves.network_id, name="third")
    await shelves.load(shelves.first, sold("a", "Xbox", title=LIVE))
    await shelves.load(shelves.second, sold("b", "Xbox", title=LIVE))
    await shelves.load(third, sold("c", "Xbox", title=LIVE))
    assert await sources(shelves) == [["a", "b", "c"]]
    await shelves.load(shelves.first, sold("a", "Xbox", title=PASS))
    # That these two are the same as each other does not make them the same as the first.
    assert await sources(shelves) == [["a"], ["b"], ["c"]]
    assert [one.reasons for one in await shelves.matches()] == [("changed", "title")] * 2
    await shelves.load(third, sold("c", "Xbox", title=LIVE))
    assert await sources(shelves) == [["a"], ["b", "c"]]


async def test_another_count_parts_without_being_like(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Xbox", title=f"{PASS} 3 months"))
    await shelves.load(shelves.second, sold("b", "Xbox", title=f"{PASS} 3 months"))
    await shelves.load(shelves.second, sold("b", "Xbox", title=f"{PASS} 12 months"))
    assert await sources(shelves) == [["a"], ["b"]]
    assert [one.reasons for one in await shelves.matches()] == [("changed",)]


async def test_another_price_or_spelling_parts_nothing(shelves: Shelves) -> None:
    await shelves.load(shelves.first, sold("a", "Xbox"))
    await shelves.load(shelves.second, sold("b", "Xbox"))
    known = await shelves.changes()
    dearer = replace(sold("b", "Xbox"), fee=Money(900, "SAR"))
    await shelves.load(shelves.second, dearer)
    await shelves.load(shelves.second, replace(dearer, name="Xbox Gift Card", brand_name="XBOX"))
    assert await sources(shelves) == [["a", "b"]]
    assert await shelves.changes() == known


async def test_what_people_confirmed_stays_with_what_is_the_same_as_it(shelves: Shelves) -> None:
    async with shelves.database.writing(shelves.network_id) as db:
        third = await make_supplier(db, network_id=shelves.network_id, name="third")
    await shelves.load(shelves.first, sold("a", "Xbox", title=LIVE))
    await shelves.load(shelves.second, sold("b", "Xbox", title=PASS))
    (match,) = await shelves.matches()
    await shelves.decide(confirm_match, match)
    await shelves.load(third, sold("c", "Xbox", title=PASS))
    assert await sources(shelves) == [["a", "b", "c"]]
    for title in ("Xbox Live", "Xbox Live Gold Card"):
        await shelves.load(shelves.first, sold("a", "Xbox", title=title))
        assert await sources(shelves) == [["a", "b", "c"]]
    # With its own title it is neither of the two.
    await shelves.load(third, sold("c", "Xbox", title="Xbox Credit"))
    assert await sources(shelves) == [["a", "b"], ["c"]]


async def test_what_has_no_face_of_the_listed_one_is_not_hidden_behind_it(
    shelves: Shelves,
) -> None:
    async with shelves.database.writing(shelves.network_id) as db:
        third = await make_supplier(db, network_id=shelves.network_id, name="third")
    await shelves.load(shelves.first, sold("a", "Xbox", 50, 100))
    await shelves.load(shelves.second, sold("b", "Xbox", 100, 200))
    # It has a face in common with the second only, of which nothing but 100 is sold.
    await shelves.load(third, sold("c", "Xbox", 200))
    assert await sources(shelves) == [["a", "b"], ["c"]]
    assert await shelves.matches() == []
    # Nor is one that gives its common face up.
    await shelves.load(shelves.second, sold("b", "Xbox", 300))
    assert await sources(shelves) == [["a"], ["b"], ["c"]]
    assert [one.reasons for one in await shelves.matches()] == [("changed",)]


@pytest.mark.parametrize("state", [RewardState.PAUSED, RewardState.SUSPENDED])
async def test_another_title_brings_nothing_back_on_sale_that_was_taken_off(
    shelves: Shelves, state: RewardState
) -> None:
    await shelves.load(shelves.first, sold("a", "Xbox", title=LIVE))
    await shelves.load(shelves.second, sold("b", "Xbox", title=LIVE))
    (shown,) = await shelves.listed()
    given = {"network_id": shelves.network_id, "reward_id": shown.reward_id, "now": shelves.now}
    async with shelves.database.writing(shelves.network_id) as db:
        if state is RewardState.PAUSED:
            await pause_reward(db, **given, actor="operator")
        else:
            await suspend_reward(db, **given, actor="operator", reason="A court order")
    noted = await shelves.changes()
    await shelves.load(shelves.second, sold("b", "Xbox", title=PASS))
    (match,) = await shelves.matches()
    source = await shelves.find(match.source_id)
    assert (source.state, source.fills_id) == (state, None)
    assert (await shelves.listed(), await shelves.changes()) == ([], noted)
    assert match.reasons == ("changed", "title")
    if state is RewardState.SUSPENDED:
        return
    # Whoever paused it decides of each by itself.
    async with shelves.database.writing(shelves.network_id) as db:
        await resume_reward(
            db,
            network_id=shelves.network_id,
            reward_id=source.reward_id,
            actor="operator",
            now=shelves.now,
        )
    assert await sources(shelves) == [["b"]]
