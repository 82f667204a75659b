"""The figure of verification: all books computed again, beside one SQL pass over the same rows."""

import asyncio
import time
from collections.abc import Iterable
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
from tests.benchmarks.ground import Ground, empty_folder
from tests.benchmarks.measure import Sample

VERIFY, PASS = "verify", "one SQL pass"
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

    async def seal(self, networks: Iterable[int]) -> None:
        """Give every journal its place in a block that is anchored."""
        engine = open_engine(self.ground.application_url, pool_size=2)
        anchors = open_anchors(self.folder, self._keys)
        rail: Any = None
        world = World(database=Database(engine), rail=rail, clock=self.clock, anchors=anchors)
        for network_id in networks:
            while await run_sealing(world, network_id):
                pass
        await engine.dispose()

    def verify(self) -> Sample:
        """Verify as `mizan verify` does. Raises NotSound."""
        return asyncio.run(self._verify())

    def hash_once(self) -> Sample:
        """Hash every row once, in one process and in the order in which the rows lie."""
        return asyncio.run(self._pass())

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

    async def _pass(self) -> Sample:
        db = await self.ground.connect(self.ground.superuser_url)
        await db.execute("SET max_parallel_workers_per_gather = 0")
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


def measure_verifying(
    auditor: Auditor, networks: Iterable[int], *, rounds: int
) -> list[Comparison]:
    """Let verification and the plain pass take turns over the same rows."""
    asyncio.run(auditor.seal(networks))
    contenders = {PASS: auditor.hash_once, VERIFY: auditor.verify}
    result = take_turns("verification", contenders, rounds=rounds, clients=1)
    compared = Compared(result, VERIFY, PASS)
    return [compared.named("rows a second of verify / one SQL pass hashing them", bound=0.5)]
