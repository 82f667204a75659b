"""The demo network has a named programme, of which every rule is, and two suppliers of one card."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli.demo_world import SUPPLIERS, make_demo_world
from api.cli.world_record import find_world, keep_world
from api.clock import Clock
from api.database.transaction import Database
from api.doubles.standing import standing
from api.doubles.suppliers_server import DOUBLES, account_at
from api.supply import OPENERS
from api.worker.world import World
from catalog.rewards import MatchState, list_matches, list_rewards, list_sources
from partners.programmes import list_programmes
from tests.conftest import NOW
from tests.graphql_client import TestClock


async def test_demo_rules_are_of_its_named_programme(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> None:
    rail: Any = None
    made = await make_demo_world(World(database, rail, TestClock(NOW)))
    (network,) = made.networks
    async with database.reading(network.network_id) as db:
        (programme,) = await list_programmes(db, network_id=network.network_id, limit=9)
    assert (programme.slug, programme.name) == (
        "wahah-rewards",
        {"en": "Wahah Rewards", "ar": "مكافآت واحة"},
    )
    assert programme.programme_id == network.programme_id
    rules = await superuser.execute(text("SELECT programme_id FROM partners.earn_rule"))
    assert rules.scalars().all() == [programme.programme_id] * 5  # three shops, two offers
    keep_world(tmp_path / "demo.json", made)
    assert find_world(tmp_path / "demo.json") == made


async def test_what_both_suppliers_sell_is_one_reward_sold_from_either(
    database: Database, tmp_path: Path
) -> None:
    clock = TestClock(NOW)
    rail: Any = None
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(standing(DOUBLES[name](tmp_path / name, Clock())))
            for name in SUPPLIERS.values()
        }
        suppliers = {
            name: OPENERS[name](account_at(name, url), clock.now) for name, url in urls.items()
        }
        (network,) = (await make_demo_world(World(database, rail, clock, suppliers))).networks
        for one in suppliers.values():
            await one.aclose()
    async with database.reading(network.network_id) as db:
        page = await list_rewards(db, network_id=network.network_id, country="SA", limit=100)
        shown = [one for one in page.rewards if one.supplier is not None]
        sources = await list_sources(db, network_id=network.network_id, shown=shown)
        doubtful, matched = [
            await list_matches(db, network_id=network.network_id, state=state, limit=100)
            for state in (MatchState.DOUBTFUL, MatchState.MATCHED)
        ]
    skus = {
        one.supplier.sku: [each.supplier.sku for each in sources[one.reward_id] if each.supplier]
        for one in shown
        if one.supplier
    }
    alone = [
        "7002",
        "7003",
        "7004",
        "7005",
        "7006",
        "7007",
        "U700100",
        "U700110",
        "U700130",
        "U700150",
    ]
    assert skus == {
        "7001": ["7001", "U700101", "U700102", "U700103"],
        **{sku: [sku] for sku in alone},
    }
    assert (len(matched), {one.decided_by for one in matched}) == (3, {"rule"})
    # Lamha Games Plus may be another thing than Lamha Games: the demo's operator keeps it apart.
    assert [one.reasons for one in doubtful] == [("brand", "title")]
