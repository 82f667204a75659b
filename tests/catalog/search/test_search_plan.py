"""The search reads the rows that match, through their index, although row-level security is on."""

import asyncpg
import pytest
from sqlalchemy import text

from api.database.cluster import Cluster
from api.database.transaction import WHOLE_NETWORK, opening
from tests.benchmarks.ground import plain

NETWORK, MANY = 7, 20_000
# One in a hundred is of amber; every network has as many.
FILL = """
INSERT INTO catalog.reward_search (network_id, reward_id, rank, kind, category, brand_id,
                                   price_band, delivery, countries, words)
SELECT CAST(:network AS bigint), gen_random_uuid(), n, 'gift_card', 'Home',
       CAST('00000000-0000-7000-8000-000000000001' AS uuid), 'from_50', 'code', ARRAY['SA'], CAST(format('''%1$s.'' ''%1$s.%2$s''\\:1A ''%1$s.card''\\:1A', :network,
       CASE WHEN n % 100 = 0 THEN 'amber' ELSE 'w' || n % 500 END) AS tsvector)
FROM generate_series(1, :many) AS n
"""
SEARCH = """
SELECT f.total FROM catalog.search_rewards(7, q, q, q, q, NULL, NULL, NULL, NULL, NULL, NULL, 'SA',
  NULL, NULL, NULL, NULL, false, 20, NULL, WITHOUT) AS f
"""
DIRECT = """
EXPLAIN SELECT s.reward_id FROM catalog.reward_search s
WHERE s.network_id = 7 AND s.words @@ '''7.amber'''::tsquery
"""


async def plans_of(cluster: Cluster, name: str, statement: str) -> tuple[int, str]:
    """Run a statement as the application; give its answer and the plans of all it ran inside."""
    db = await asyncpg.connect(plain(cluster.url(user="postgres", database=name)))
    notices: list[str] = []
    db.add_log_listener(lambda _db, message: notices.append(str(message.message)))
    try:
        await db.execute(
            "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0;"
            " SET auto_explain.log_nested_statements = on; SET auto_explain.log_analyze = on;"
            " SET auto_explain.log_timing = off; SET auto_explain.log_level = notice"
        )
        await db.execute(opening("BEGIN", NETWORK, WHOLE_NETWORK, "mizan_app"))
        assert await db.fetchval("SELECT current_user::text") == "mizan_app"
        notices.clear()
        total = await db.fetchval(statement)
        await db.execute("ROLLBACK")
    finally:
        await db.close()
    return total, "\n".join(notices)


@pytest.mark.parametrize("without", ["NULL", "ARRAY[gen_random_uuid()]"])
@pytest.mark.parametrize("is_analysed", [False, True])
async def test_a_search_reads_the_index_of_words_alone(
    cluster: Cluster, database_name: str, superuser, is_analysed, without
) -> None:
    for network in (NETWORK, 8):
        await superuser.execute(text(FILL), {"network": network, "many": MANY})
    if is_analysed:
        await superuser.execute(text("ANALYZE catalog.reward_search"))
    statement = SEARCH.replace("q,", "'''7.amber'''::tsquery,").replace("WITHOUT", without)

    total, plans = await plans_of(cluster, database_name, statement)

    assert total == MANY // 100
    assert "Bitmap Index Scan on reward_search_words" in plans, plans
    assert "Seq Scan" not in plans, plans
    assert "Rows Removed" not in plans, plans  # no row was looked at that does not match


async def test_without_the_function_the_wall_keeps_the_index_from_being_used(
    cluster: Cluster, database_name: str, database, superuser
) -> None:
    await superuser.execute(text(FILL), {"network": NETWORK, "many": MANY})
    await superuser.execute(text("ANALYZE catalog.reward_search"))

    async with database.reading(NETWORK) as db:
        plan = "\n".join((await db.execute(text(DIRECT))).scalars())

    assert "reward_search_words" not in plan, plan
