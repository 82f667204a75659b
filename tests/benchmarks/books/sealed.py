"""The figure of verification: all books computed again, beside one SQL pass over the same rows."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.anchors import FILE, open_anchors
from api.cli.verify import Against, hold_books
from api.clock import Clock
from api.database.engine import Addresses, open_engine
from api.database.transaction import Database
from api.seal_keys import SealKeyFile, open_seal_keys
from api.worker.jobs.sealing import run_sealing
from api.worker.world import World
from tests.benchmarks.books.comparison import Compared, Comparison, take_turns
from tests.benchmarks.books.posting import post_accruals
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.books.world import Place
from tests.benchmarks.ground import Ground, empty_folder, settle
from tests.benchmarks.measure import Sample

VERIFY, PASS, PARALLEL = "verify", "one SQL pass", "one parallel SQL pass"
STRETCH = 1_000
_ROWS = "SELECT (SELECT count(*) FROM payouts.journal) + (SELECT count(*) FROM payouts.posting)"
_PASS = """
SELECT (SELECT count(sha256(record_send(j))) FROM payouts.journal j)
  + (SELECT count(sha256(record_send(p))) FROM payouts.posting p)
"""


class NotSound(Exception):
    """The books that were measured do not verify."""


@dataclass
class Auditor:
    """Seals all books of a ground and verifies them."""

    folder: Path
    ground: Ground
    clock: Clock

    def __post_init__(self) -> None:
        empty_folder(self.folder)
        self._keys: SealKeyFile = open_seal_keys(self.folder)

    async def write(self, place: Place, journals: int) -> None:
        """Write a book, with a block for every stretch of journals, as the worker makes them."""
        for start in range(0, journals, STRETCH):
            await post_accruals(self.ground, place, min(STRETCH, journals - start))
            await self._seal(place.network_id)

    async def _seal(self, network_id: int) -> None:
        engine = open_engine(self.ground.application_url, pool_size=2)
        anchors = open_anchors(self.folder, self._keys)
        rail: Any = None
        world = World(database=Database(engine), rail=rail, clock=self.clock, anchors=anchors)
        while await run_sealing(world, network_id):
            pass
        await engine.dispose()

    def verify(self) -> Sample:
        """Verify as `mizan verify` does. Raises NotSound."""
        return asyncio.run(self._verify())

    def hash_once(self, *, workers: int = 0) -> Sample:
        """Hash every row once, in the order in which the rows lie.

        In one process, or beside so many workers as PostgreSQL finds worth while.
        """
        return asyncio.run(self._pass(workers))

    async def _verify(self) -> Sample:
        rows = await self._count(_ROWS)
        addresses = Addresses(self.ground.application_url, self.ground.superuser_url, role=None)
        against = Against(self._keys.public(), self.folder / FILE)
        begun = time.perf_counter()
        verdict = await hold_books(addresses, against, now=self.clock.now())
        seconds = time.perf_counter() - begun
        if not verdict.ok or verdict.journals != await self._count(
            "SELECT count(*) FROM payouts.journal"
        ):
            raise NotSound(str(verdict))
        return Sample(rows, rows / seconds, seconds * 1_000, None)

    async def _pass(self, workers: int) -> Sample:
        db = await self.ground.connect(self.ground.superuser_url)
        await db.execute(f"SET max_parallel_workers_per_gather = {workers}")
        await db.execute("SET jit = off")
        begun = time.perf_counter()
        rows = await db.fetchval(_PASS)
        seconds = time.perf_counter() - begun
        await db.close()
        return Sample(rows, rows / seconds, seconds * 1_000, None)

    async def _count(self, query: str) -> int:
        db = await self.ground.connect(self.ground.superuser_url)
        found: int = await db.fetchval(query)
        await db.close()
        return found


def measure_verifying(auditor: Auditor, place: Place, sizes: BookSizes) -> list[Comparison]:
    """Let verification and the plain pass take turns over the same rows."""
    asyncio.run(auditor.write(place, sizes.sealed))
    asyncio.run(settle(auditor.ground))
    contenders = {
        PASS: auditor.hash_once,
        PARALLEL: lambda: auditor.hash_once(workers=2),
        VERIFY: auditor.verify,
    }
    result = take_turns("verification", contenders, rounds=sizes.rounds, clients=1)
    return [
        Compared(result, VERIFY, other).named(
            f"rows a second of verify / {other} hashing them", bound=bound
        )
        for other, bound in ((PASS, 0.5), (PARALLEL, None))
    ]
