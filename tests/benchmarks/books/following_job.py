"""A process of its own that imports a supplier's file and tells when each of its steps was committed.

The instant of a step stands in the changes that it made, and so names it to whoever hears of them.
"""

import asyncio
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import uvloop

from api.catalogue_import import put_on_sale, sha256_of
from api.cli.running import collect_seldom
from api.clock import Clock
from api.database.engine import open_engine
from api.database.transaction import Database
from catalog.rewards import ImportFile, ImportReport
from catalog.suppliers import register_supplier
from tests.benchmarks.books.ingesting_job import read_in_three_languages, write_file
from tests.benchmarks.server import RunningClock

SUPPLIER = "reloadly"


class Steps:
    """When each step was committed, by the instant that it has in the books."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: datetime | None = None
        self.committed: dict[str, float] = {}

    def now(self) -> datetime:
        """Tell the present instant, and remember that it was told."""
        self._last = self._clock.now()
        return self._last

    def note(self, _: str) -> None:
        """Note that the step of the last instant was committed just now."""
        assert self._last is not None, "a step asks for the time"
        self.committed[self._last.isoformat()] = time.monotonic()


async def _do(job: dict[str, Any]) -> dict[str, float]:
    engine = open_engine(job["database_url"], pool_size=2)
    database = Database(engine)
    steps = Steps(RunningClock(None, job["origin"], job["origin_monotonic"]))
    network_id, path = job["network_id"], Path(job["folder"]) / "followed.json"
    await asyncio.to_thread(write_file, path, supplier=0, items=job["items"])
    raw = await asyncio.to_thread(path.read_bytes)
    async with database.writing(network_id) as db:
        supplier = await register_supplier(
            db, network_id=network_id, name=SUPPLIER, now=steps.now()
        )
    report = await put_on_sale(
        database,
        network_id=network_id,
        supplier_id=supplier.supplier_id,
        feed=read_in_three_languages(raw),
        file_sha256=sha256_of(raw),
        actor="bench",
        file=ImportFile(raw),
        crash=steps.note,
        now=steps.now,
    )
    await engine.dispose()
    if report != ImportReport(added=job["items"]):
        raise RuntimeError(f"not imported: {report}")
    return steps.committed


def main() -> None:
    """Do the job that stands on the standard input."""
    collect_seldom()  # as every command does
    json.dump(uvloop.run(_do(json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
