"""`mizan catalog import`, killed between two transactions: workers end what it began."""

import asyncio
import signal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.database.transaction import Database
from api.worker.jobs.imports import run_import_continue
from api.worker.world import World
from catalog.rewards import IMPORT_LEFT_AFTER, ImportState, list_imports
from tests.api.cli.processes import run, started
from tests.benchmarks.books.ingesting_job import write_file
from tests.conftest import NOW
from tests.factories.partners import make_network
from tests.graphql_client import TestClock

ITEMS = 1_200
# An import asks nobody: with accounts outside, no doubles are started for the worker.
NOBODY_OUTSIDE = {
    "STRIPE_API_KEY": "sk_test_nobody",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "RELOADLY_CLIENT_ID": "nobody",
    "RELOADLY_CLIENT_SECRET": "nobody",
    "RELOADLY_API_BASE": "http://127.0.0.1:9",
    "RELOADLY_AUTH_BASE": "http://127.0.0.1:9",
}
CHUNKS = "SELECT first_item, items FROM catalog.catalogue_import_chunk ORDER BY first_item"
COUNTS = """
    SELECT (SELECT count(*) FROM catalog.reward), (SELECT count(*) FROM catalog.reward_version),
      (SELECT count(*) FROM catalog.reward_publication),
      (SELECT count(*) FROM catalog.reward_change)
    """
DUE = "SELECT due_at FROM payouts.due WHERE kind = 'import.continue'"
KEPT = "SELECT count(*) FROM catalog.catalogue_import_file"


async def rows(superuser: AsyncConnection, question: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await superuser.execute(text(question))]


async def test_killed_between_chunks_twice_a_third_process_ends_it(
    database: Database,
    superuser: AsyncConnection,
    cluster: Cluster,
    database_name: str,
    tmp_path: Path,
) -> None:
    network_id = (await make_network(database)).network_id
    path, clock = tmp_path / "cards.json", tmp_path / "clock"
    write_file(path, supplier=0, items=ITEMS)
    environment = {
        "DATABASE_URL": cluster.url(user="mizan_app", database=database_name),
        "MIZAN_MIGRATOR_URL": cluster.url(user="postgres", database=database_name),
        "MIZAN_CLOCK_FILE": str(clock),
        "MIZAN_CRASH_POINT": "import.step",
        **NOBODY_OUTSIDE,
    }

    clock.write_text(NOW.isoformat())
    command = partial(run, tmp_path / "data", "catalog", "import", "reloadly", str(path))
    killed = await asyncio.to_thread(command, **environment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert await rows(superuser, CHUNKS) == [(0, 500)]
    assert await rows(superuser, DUE) == [(NOW + IMPORT_LEFT_AFTER,)]

    path.unlink()  # wherever the worker runs, it has not got the file
    clock.write_text((NOW + IMPORT_LEFT_AFTER).isoformat())
    with started(tmp_path / "data", "worker", **environment) as worker:
        assert await asyncio.to_thread(worker.process.wait, 60) == -signal.SIGKILL
    assert await rows(superuser, CHUNKS) == [(0, 500), (500, 500)]
    assert await rows(superuser, COUNTS) == [(1_000,) * 4]

    rail: Any = None
    world = World(database=database, rail=rail, clock=TestClock(NOW + 2 * IMPORT_LEFT_AFTER))
    assert await run_import_continue(world, network_id) == 1
    async with database.reading(network_id) as db:
        [done] = await list_imports(db, network_id=network_id, limit=5)
    assert (done.state, done.items, done.items_done) == (ImportState.FINISHED, ITEMS, ITEMS)
    assert (done.added, done.changed, done.unchanged, done.withdrawn) == (ITEMS, 0, 0, 0)
    assert done.actor == "staff:command-line"
    assert await rows(superuser, CHUNKS) == [(0, 500), (500, 500), (1_000, 200)]
    assert await rows(superuser, COUNTS) == [(ITEMS,) * 4]
    assert await rows(superuser, KEPT) == [(0,)]
    assert await rows(superuser, DUE) == []
    assert await run_import_continue(world, network_id) == 0
