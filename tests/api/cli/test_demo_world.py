"""The demo network has a programme with a name, and every rule and offer in it is of that one."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli.demo_world import make_demo_world
from api.cli.world_record import find_world, keep_world
from api.database.transaction import Database
from api.worker.world import World
from partners.programmes import list_programmes
from tests.conftest import NOW
from tests.graphql_client import TestClock


class NothingToSell:
    """A supplier with an empty catalogue."""

    async def fetch_feed(self, _country: str) -> bytes:
        return b"[]"


async def test_demo_rules_are_of_its_named_programme(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> None:
    rail: Any = None
    suppliers: Any = {"reloadly": NothingToSell()}
    made = await make_demo_world(World(database, rail, TestClock(NOW), suppliers))
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
