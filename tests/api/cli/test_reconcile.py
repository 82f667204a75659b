"""What waits for a person is shown by the command."""

import asyncio
import os
from pathlib import Path

from sqlalchemy import text

from api.database.cluster import Cluster
from api.database.engine import DATABASE_NAME, open_direct_engine
from tests.api.cli.processes import run

_WAITING = (
    "INSERT INTO payouts.unplaced_transaction (provider, transaction_id, type, source_id,"
    " network_id, occurred_at, noticed_at) VALUES"
    " ('stripe', 'txn_2', 'unreadable: adjustment', NULL, NULL, '2026-03-02T00:00Z', now()),"
    " ('stripe', 'txn_1', 'stripe_fee', NULL, 7, '2026-03-01T00:00Z', now())"
)


def _write(data_dir: Path, statement: str) -> None:
    async def write(url: str) -> None:
        engine = open_direct_engine(url)
        async with engine.begin() as db:
            await db.execute(text(statement))
        await engine.dispose()

    binaries = os.environ.get("MIZAN_PG_BIN")
    with Cluster(data_dir / "postgres", pg_bin=Path(binaries) if binaries else None) as cluster:
        asyncio.run(write(cluster.url(user="postgres", database=DATABASE_NAME)))


def test_waiting_movements_are_listed_oldest_first(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").returncode == 0
    nothing = run(tmp_path, "reconcile", "waiting")
    assert (nothing.returncode, nothing.stdout) == (0, "0 movements wait\n")
    _write(tmp_path, _WAITING)
    found = run(tmp_path, "reconcile", "waiting")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        "txn_1 2026-03-01T00:00:00+00:00 stripe_fee for network 7",
        "txn_2 2026-03-02T00:00:00+00:00 unreadable: adjustment",
        "2 movements wait",
    ]
