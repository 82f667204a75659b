"""A page of what is shown goes along the list's index and looks at the rules reward by reward."""

import re
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.assortments import (
    AssortmentRule,
    Effect,
    find_viewer,
    list_shown_rewards,
    publish_assortment,
)
from partners.programmes import have_default_programme
from tests.conftest import NOW
from tests.factories.small_network import found_network

MANY = """
INSERT INTO catalog.reward (network_id, reward_id, kind, state, rank, latest_version,
                            current_version, created_at, is_withdrawn)
SELECT :network, gen_random_uuid(), 'offer', 'retired', n / 5, 1, 1, now(), false
  FROM generate_series(1, 6000) AS n
"""
VERSIONS = """
INSERT INTO catalog.reward_version (network_id, reward_id, version, category, countries, image_urls,
                                    needs_user_id, created_at)
SELECT network_id, reward_id, 1, CASE WHEN rank % 2 = 0 THEN 'food' ELSE 'games' END,
       ARRAY['SA']::varchar(2)[], '{}', false, now() FROM catalog.reward
"""
MARKETS = """
INSERT INTO catalog.reward_market (network_id, country, rank, reward_id, kind)
SELECT network_id, 'SA', rank, reward_id, kind FROM catalog.reward
"""


async def test_a_page_looks_at_few_more_rewards_than_it_shows(
    database: Database, superuser: AsyncConnection
) -> None:
    souq = await found_network(database)
    network_id = souq.network_id
    async with database.writing(network_id) as db:
        programme = await have_default_programme(db, network_id=network_id, now=NOW)
        await publish_assortment(
            db,
            network_id=network_id,
            programme_id=programme.programme_id,
            rules=[AssortmentRule(Effect.ALLOW, categories=("food",))],
            actor="staff:operator-1",
            now=NOW,
        )
    for statement in (MANY, VERSIONS, MARKETS):
        await superuser.execute(text(statement), {"network": network_id})
    for table in ("reward", "reward_version", "reward_market"):
        await superuser.execute(text(f"ANALYZE catalog.{table}"))
    async with database.reading(network_id) as db:
        viewer = await find_viewer(db, network_id=network_id, member_id=souq.member_id)
        seen: list[tuple[str, Any]] = []

        def note(_conn: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
            seen.append((statement, given))

        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        page = await list_shown_rewards(
            db, network_id=network_id, viewer=viewer, country="SA", limit=0, now=NOW
        )
        event.remove(engine, "before_cursor_execute", note)
        assert (page.rewards, page.has_more) == ((), True)
        statement, given = seen[0]
        *known, last = given
        assert last == 1  # how many rows are read: one more than the limit of none
        plan = await db.exec_driver_sql(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {statement}", (*known, 20)
        )
        lines = [row[0] for row in plan]
    (listed,) = [line for line in lines if "on reward_market" in line and "Scan" in line]
    assert "Index" in listed, lines
    looked_at = re.search(r"rows=(\d+)", listed)
    assert looked_at is not None
    # Ranks go by fives, and every other rank is shown.
    assert 20 <= int(looked_at[1]) <= 45, lines
    assert not any("Sort" in line or "Seq Scan" in line for line in lines), lines
