"""A page of the catalogue is one stretch of an index, whatever the size of the catalogue."""

from sqlalchemy import text

from api.database.transaction import Database
from catalog.rewards import RewardCursor, RewardKind, list_rewards
from payouts.money import new_id
from tests.conftest import NOW
from tests.factories.catalog import statements_of

NETWORK = 7
MANY = """
INSERT INTO catalog.reward (network_id, reward_id, kind, state, rank, latest_version,
                            created_at, is_withdrawn)
SELECT :network, gen_random_uuid(), (ARRAY['gift_card','gift_card','offer'])[1 + n % 3], 'retired',
       n / 5, 1, now(), false FROM generate_series(1, 6000) AS n
"""
MARKETS = """
INSERT INTO catalog.reward_market (network_id, country, rank, reward_id, kind)
SELECT network_id, country, rank, reward_id, kind FROM catalog.reward,
       unnest(ARRAY['SA', 'AE', 'KW']) AS country WHERE network_id = :network
"""


async def explained(database: Database, kinds, backward) -> list[str]:
    """How a page of 20 is read that starts in the middle of the list."""
    cursor = RewardCursor(600, new_id(NOW))
    async with database.reading(NETWORK) as db:
        with statements_of(database) as seen:
            # The statement is that of any page; the rewards themselves do not matter here.
            await list_rewards(
                db,
                network_id=NETWORK,
                country="SA",
                kinds=kinds,
                limit=0,
                after=None if backward else cursor,
                before=cursor if backward else None,
                backward=backward,
            )
        values = [NETWORK, "SA", *([kinds[0].value] if kinds else []), 600, cursor.reward_id, 21]
        plan = await db.exec_driver_sql(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {seen[0]}", tuple(values)
        )
        return [row[0] for row in plan]


async def test_a_page_reads_only_its_own_index_entries(database: Database, superuser) -> None:
    for network in (NETWORK, 8):
        await superuser.execute(text(MANY), {"network": network})
        await superuser.execute(text(MARKETS), {"network": network})
    await superuser.execute(text("ANALYZE catalog.reward_market"))

    for kinds in (None, [RewardKind.OFFER]):
        for backward in (False, True):
            lines = await explained(database, kinds, backward)
            scans = [line for line in lines if "Scan" in line]
            assert len(scans) == 1, lines
            assert "Index" in scans[0], lines
            assert "on reward_market" in scans[0], lines
            assert not any("Sort" in line or "Rows Removed" in line for line in lines), lines
