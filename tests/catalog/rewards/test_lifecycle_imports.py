"""No import brings back what a command took off sale, nor is the product sold by another supplier."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import (
    MatchState,
    Reward,
    RewardMatchConflict,
    RewardState,
    RewardWithdrawn,
    confirm_match,
    import_feed,
    publish_import_policy,
)
from catalog.rewards.imports import ImportPolicy
from catalog.suppliers import Feed
from tests.catalog.rewards.lives import SUNSET, Lives, changes_of, is_listed, log_of
from tests.catalog.rewards.test_matching import Shelves
from tests.conftest import NOW
from tests.factories.catalog import card_item as sold
from tests.factories.catalog import make_supplier
from tests.factories.partners import make_network


@pytest.fixture
async def shelves(database: Database) -> Shelves:
    network = await make_network(database)
    async with database.writing(network.network_id) as db:
        names = ("first", "second")
        made = [await make_supplier(db, network_id=network.network_id, name=one) for one in names]
        await publish_import_policy(
            db,
            network_id=network.network_id,
            policy=ImportPolicy(10_000, 1_000),
            actor="staff:checker",
            now=NOW,
        )
    return Shelves(database, network.network_id, *made)


@dataclass(frozen=True, slots=True)
class Commands(Lives):
    """Commands that come after what was imported last."""

    shelves: Shelves

    async def give(self, command: str, reward_id: UUID, **given: Any) -> Reward:
        return await Lives.give(self, command, reward_id, now=self.shelves.now, **given)


@pytest.fixture
def lives(shelves: Shelves) -> Lives:
    return Commands(shelves.database, shelves.network_id, UUID(int=0), shelves)


async def one_card(shelves: Shelves) -> UUID:
    await shelves.load(shelves.first, sold("a", "Carrefour"), sold("z", "Xbox"))
    (found,) = [one for one in await shelves.listed() if one.supplier and one.supplier.sku == "a"]
    return found.reward_id


@pytest.mark.parametrize("command", ["pause", "suspend"])
async def test_a_new_version_of_what_is_off_sale_is_kept_and_not_listed(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection, command: str
) -> None:
    reward_id = await one_card(shelves)
    await lives.give(command, reward_id)
    state = (await shelves.find(reward_id)).state
    told, log = await changes_of(superuser, reward_id), await log_of(superuser, reward_id)
    report = await shelves.load(shelves.first, sold("a", "Carrefour", 20, 30), sold("z", "Xbox"))
    assert (report.added, report.changed, report.withdrawn, report.unchanged) == (1, 0, 0, 1)
    kept = await shelves.find(reward_id)
    assert (kept.state, kept.current_version, kept.latest_version) == (state, 2, 2)
    assert await is_listed(superuser, reward_id) == (False, False)
    assert await shelves.skus() == ["z"]
    assert await changes_of(superuser, reward_id) == told
    # The same file again changes nothing at all.
    again = await shelves.load(shelves.first, sold("a", "Carrefour", 20, 30), sold("z", "Xbox"))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert await log_of(superuser, reward_id) == log

    if command == "suspend":
        await lives.give("reinstate", reward_id)
    resumed = await lives.give("resume", reward_id)
    assert [one.face.minor for one in resumed.gift_card.denominations] == [2_000, 3_000]
    assert await is_listed(superuser, reward_id) == (True, True)
    assert (await changes_of(superuser, reward_id))[-1] == ("published", 2)


async def test_withdrawing_and_offering_it_again_does_not_go_around_a_suspension(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await one_card(shelves)
    await lives.give("suspend", reward_id)
    log = await log_of(superuser, reward_id)
    gone = await shelves.load(shelves.first, sold("z", "Xbox"))
    assert gone.withdrawn == 1
    held = await shelves.find(reward_id)
    assert (held.state, held.is_withdrawn) == (RewardState.SUSPENDED, True)
    once_more = await shelves.load(shelves.first, sold("z", "Xbox"))
    assert once_more.withdrawn == 0
    await shelves.load(shelves.first, sold("a", "Carrefour"), sold("z", "Xbox"))
    back = await shelves.find(reward_id)
    assert (back.state, back.is_withdrawn) == (RewardState.SUSPENDED, False)
    assert await is_listed(superuser, reward_id) == (False, False)
    assert await log_of(superuser, reward_id) == log
    await lives.give("reinstate", reward_id)
    assert await is_listed(superuser, reward_id) == (False, False)
    await lives.give("resume", reward_id)
    assert await shelves.skus() == ["a", "z"]


async def test_what_its_supplier_gave_up_in_a_pause_leaves_the_lead_to_another(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await one_card(shelves)
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    await lives.give("pause", reward_id)
    await shelves.load(shelves.first, sold("z", "Xbox"))
    assert await shelves.skus() == ["z"]
    with pytest.raises(RewardWithdrawn):
        await lives.give("announce", reward_id)
    resumed = await lives.give("resume", reward_id)
    assert (resumed.state, resumed.is_withdrawn) == (RewardState.RETIRED, True)
    assert (await log_of(superuser, reward_id))[-1][1:4] == ("resume", "paused", "retired")
    assert await shelves.skus() == ["b", "z"]
    await shelves.load(shelves.first, sold("a", "Carrefour"), sold("z", "Xbox"))
    back = await shelves.find(reward_id)
    (lead,) = [one for one in await shelves.listed() if one.supplier and one.supplier.sku == "b"]
    assert (back.state, back.fills_id) == (RewardState.MATCHED, lead.reward_id)


async def test_what_is_retiring_takes_new_versions_and_leaves_with_its_supplier_for_good(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await one_card(shelves)
    await lives.give("announce", reward_id)
    report = await shelves.load(shelves.first, sold("a", "Carrefour", 20), sold("z", "Xbox"))
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    kept = await shelves.find(reward_id)
    assert (kept.state, kept.sunset_at, kept.version) == (RewardState.RETIRING, SUNSET, 2)
    assert await is_listed(superuser, reward_id) == (True, True)
    assert await changes_of(superuser, reward_id) == [
        ("published", 1),
        ("retiring", 1),
        ("revised", 2),
    ]
    await shelves.load(shelves.first, sold("z", "Xbox"))
    gone = await shelves.find(reward_id)
    assert (gone.state, gone.is_withdrawn, gone.sunset_at) == (RewardState.RETIRED, False, None)
    await shelves.load(shelves.first, sold("a", "Carrefour"), sold("z", "Xbox"))
    assert (await shelves.find(reward_id)).state is RewardState.RETIRED
    assert await shelves.skus() == ["z"]


async def test_past_its_sunset_no_import_lists_it_again(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection
) -> None:
    reward_id = await one_card(shelves)
    await lives.give("announce", reward_id, sunset_at=NOW + timedelta(minutes=2))
    shelves.now = NOW + timedelta(minutes=5)
    await shelves.load(shelves.first, sold("a", "Carrefour", 20), sold("z", "Xbox"))
    kept = await shelves.find(reward_id)
    assert (kept.state, kept.version) == (RewardState.RETIRING, 2)
    assert (await is_listed(superuser, reward_id))[0] is False
    assert await shelves.skus() == ["z"]


@pytest.mark.parametrize("command", ["pause", "suspend"])
async def test_no_other_suppliers_item_is_shown_instead(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection, command: str
) -> None:
    reward_id = await one_card(shelves)
    await shelves.load(shelves.second, sold("b", "Carrefour"))
    await lives.give(command, reward_id)
    assert await shelves.skus() == ["z"]
    # One that is sold as it changes, and another comes.
    report = await shelves.load(
        shelves.second, sold("b", "Carrefour", 50, 70), sold("c", "CARREFOUR KSA", 100)
    )
    assert (report.added, report.changed) == (1, 1)
    assert await shelves.skus() == ["z"]
    shown = await shelves.find(reward_id)
    assert await shelves.sources(shown) == ["a", "b", "c"]
    if command == "suspend":
        await lives.give("reinstate", reward_id)
    await lives.give("resume", reward_id)
    assert await shelves.skus() == ["a", "z"]
    assert await shelves.sources(await shelves.find(reward_id)) == ["a", "b", "c"]


async def test_what_is_suspended_is_not_sold_as_another_reward_either(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection
) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carefour"))
    (doubt,) = await shelves.matches()
    await lives.give("suspend", doubt.source_id)
    log = await log_of(superuser, doubt.source_id)
    with pytest.raises(RewardMatchConflict):
        await shelves.decide(confirm_match, doubt)
    (still,) = await shelves.matches(MatchState.DOUBTFUL)
    assert still == doubt
    kept = await shelves.find(doubt.source_id)
    assert (kept.state, kept.fills_id) == (RewardState.SUSPENDED, None)
    assert await log_of(superuser, doubt.source_id) == log
    assert await shelves.skus() == ["a"]


async def test_what_is_confirmed_to_be_a_suspended_product_is_off_sale_with_it(
    shelves: Shelves, lives: Lives
) -> None:
    await shelves.load(shelves.first, sold("a", "Carrefour"))
    await shelves.load(shelves.second, sold("b", "Carefour"))
    (doubt,) = await shelves.matches()
    await lives.give("suspend", doubt.reward_id)
    assert await shelves.skus() == ["b"]
    await shelves.decide(confirm_match, doubt)
    assert await shelves.skus() == []
    await lives.give("reinstate", doubt.reward_id)
    await lives.give("resume", doubt.reward_id)
    assert await shelves.skus() == ["a"]
    assert await shelves.sources(await shelves.find(doubt.reward_id)) == ["a", "b"]


@pytest.mark.parametrize("is_import_first", [True, False])
async def test_a_pause_and_an_import_at_once_end_in_the_pause(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection, is_import_first: bool
) -> None:
    reward_id = await one_card(shelves)
    began, told = asyncio.Event(), asyncio.Event()

    async def bring_in() -> None:
        async with shelves.database.writing(shelves.network_id) as db:
            if not is_import_first:
                await began.wait()
            await import_feed(
                db,
                network_id=shelves.network_id,
                supplier_id=shelves.first.supplier_id,
                feed=Feed((sold("a", "Carrefour", 20),), (), is_complete=False),
                actor="test",
                now=NOW + timedelta(minutes=9),
            )
            if is_import_first:
                began.set()
                await asyncio.wait_for(told.wait(), 5)
                await asyncio.sleep(0.1)  # the pause waits for this transaction

    async def pause() -> None:
        if is_import_first:
            await began.wait()
            told.set()
        await lives.give("pause", reward_id)
        began.set()

    await asyncio.gather(bring_in(), pause())
    ended = await shelves.find(reward_id)
    assert (ended.state, ended.version) == (RewardState.PAUSED, 2)
    assert await is_listed(superuser, reward_id) == (False, False)
    assert (await log_of(superuser, reward_id))[-1][1:5] == (
        "pause", "active", "paused", 2 if is_import_first else 1,
    )  # fmt: skip


async def test_a_suspension_that_comes_while_an_import_reads_is_kept(
    shelves: Shelves, lives: Lives, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the import had read as on sale is suspended before it writes."""
    module: Any = sys.modules["catalog.rewards.import_items"]
    reward_id = await one_card(shelves)
    adopt = module.adopt_brands

    async def suspending(*args: object, **given: object) -> object:
        await lives.give("suspend", reward_id)
        return await adopt(*args, **given)

    monkeypatch.setattr(module, "adopt_brands", suspending)
    await shelves.load(shelves.first, sold("a", "Carrefour", 20), sold("z", "Xbox"))
    ended = await shelves.find(reward_id)
    assert (ended.state, ended.version) == (RewardState.SUSPENDED, 2)
    assert await is_listed(superuser, reward_id) == (False, False)
    assert (await changes_of(superuser, reward_id))[-1] == ("paused", None)


async def test_an_import_writes_no_transition(shelves: Shelves, superuser: AsyncConnection) -> None:
    await one_card(shelves)
    await shelves.load(shelves.first, sold("a", "Carrefour", 20))
    await shelves.load(shelves.first, sold("a", "Carrefour", 20), sold("z", "Xbox"))
    count = await superuser.execute(text("SELECT count(*) FROM catalog.reward_transition"))
    assert count.scalar_one() == 0
