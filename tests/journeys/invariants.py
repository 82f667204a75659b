"""Every promise of the books, asked as their auditor: what `mizan check` asks."""

from datetime import datetime

from api.database.cluster import Cluster
from api.database.engine import open_engine
from api.database.transaction import PLATFORM_NETWORK_ID, Database
from payouts.audit import run_checks

AUDITOR_ROLE = "mizan_auditor"


async def broken_promises(cluster: Cluster, database_name: str, now: datetime) -> list[object]:
    """The invariants that do not hold, with the rows that break them."""
    engine = open_engine(cluster.url(user="postgres", database=database_name), pool_size=1)
    try:
        async with Database(engine, role=AUDITOR_ROLE).reading(PLATFORM_NETWORK_ID) as db:
            results = await run_checks(db, now=now)
    finally:
        await engine.dispose()
    assert any(one.examined for one in results), "there was nothing to check"
    return [(one.name, list(one.breaches)) for one in results if not one.ok]
