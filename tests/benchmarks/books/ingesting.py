"""Figures of importing catalogues: beside COPY of the same rows, and as the catalogue grows."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from api.database.engine import open_engine
from api.database.transaction import Database
from tests.benchmarks.books.comparison import Comparison
from tests.benchmarks.books.growing import draw_growth
from tests.benchmarks.books.ingesting_job import LANGUAGES, SUPPLIERS, Told
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.ground import ROOT, Ground, empty_folder, empty_ground, settle
from tests.factories.partners import make_network

RATIO_MAX = 6
MEMORY_MB_MAX = 400
GROWTH_MAX = 1.5
POINT_REWARDS = 10_000
"""The curve has a point for each so many rewards: a supplier's file each."""
CURVE = "ingestion.svg"
NOISY_SPREAD = 0.1
# In the order in which each finds what its foreign keys name.
_TABLES = (
    "supplier",
    "brand",
    "reward",
    "reward_match",
    "reward_version",
    "reward_text",
    "reward_denomination",
    "reward_publication",
    "reward_market",
    "reward_change",
    "reward_search",
    "search_word",
    "search_slip",
)


class IngestingFailed(Exception):
    """A job failed, or what it left behind is not what it said."""


@dataclass
class Ingester:
    """An empty network, into which suppliers' files are imported."""

    ground: Ground
    folder: Path
    network_id: int = 0

    async def found(self) -> None:
        """Create the network. Nothing is analysed, as nothing is when a first catalogue comes.

        Statistics that say that tables are empty would be believed until they are made anew.
        """
        engine = open_engine(self.ground.application_url, pool_size=1)
        self.network_id = (await make_network(Database(engine), slug="ingesting")).network_id
        await engine.dispose()

    def ingest(self, files: list[int]) -> Told:
        """Import a file of so many items for each supplier, by a process of its own."""
        job = {
            "database_url": self.ground.application_url,
            "folder": str(empty_folder(self.folder)),
            "network_id": self.network_id,
            "files": files,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.books.ingesting_job"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if done.returncode != 0:
            raise IngestingFailed(done.stderr[-2000:])
        return Told(**json.loads(done.stdout))


def measure_ingesting(folder: Path, sizes: BookSizes) -> list[Comparison]:
    """Import catalogues, then copy the very same rows into a second, empty database.

    Raises IngestingFailed when the two do not hold as many rows.
    """
    with ExitStack() as stack:
        grounds = [stack.enter_context(empty_ground(folder, one)) for one in ("ingest", "copied")]
        ingester = Ingester(grounds[0], folder / "books" / "ingest")
        asyncio.run(ingester.found())
        rewards = sizes.ingested // SUPPLIERS * SUPPLIERS
        told = ingester.ingest([rewards // SUPPLIERS] * SUPPLIERS)
        asyncio.run(settle(grounds[0]))
        rows, copies = asyncio.run(_copy_over(*grounds, ingester.folder, sizes.rounds))
    seconds, copied = sum(told.seconds), median(copies)
    shape = f"{rewards:,} rewards × {1 + len(LANGUAGES)} languages of {SUPPLIERS} suppliers"
    return [
        Comparison(
            name=f"time of importing {shape}, 5 faces each / of COPY of the same {rows:,} rows",
            ratio=seconds / copied,
            measured=f"{rewards / seconds:,.0f} rewards/s",
            against=f"{rewards / copied:,.0f} rewards/s",
            bound=RATIO_MAX,
            direction="lower",
            is_noisy=max(copies) - min(copies) > NOISY_SPREAD * copied,
        ),
        Comparison(
            name=f"peak memory of importing {shape} / {MEMORY_MB_MAX} MB",
            ratio=told.rss_mb / MEMORY_MB_MAX,
            measured=f"{told.rss_mb:.0f} MB, {told.base_mb:.0f} MB before the first file",
            against=f"{MEMORY_MB_MAX} MB",
            bound=1,
            direction="lower",
        ),
    ]


async def _copy_over(
    source: Ground, target: Ground, folder: Path, rounds: int
) -> tuple[int, list[float]]:
    """Copy all rows of the catalogue; tell how many they are, and the seconds of each round.

    Keys, indexes and foreign keys stand as they are; only policies are not in the way, since the
    superuser copies. Each table is one COPY and one transaction, which is the best that COPY does.
    """
    reader = await source.connect(source.superuser_url)
    rows = 0
    for table in _TABLES:
        told = await reader.copy_from_table(
            table, schema_name="catalog", output=str(folder / table), format="binary"
        )
        rows += int(told.split()[1])
    await reader.close()
    writer = await target.connect(target.superuser_url)
    took = []
    for _ in range(rounds):
        names = ", ".join(f"catalog.{table}" for table in _TABLES)
        await writer.execute(f"TRUNCATE {names} CASCADE")
        await writer.execute("CHECKPOINT")
        begun, copied = time.perf_counter(), 0
        for table in _TABLES:
            told = await writer.copy_to_table(
                table, schema_name="catalog", source=str(folder / table), format="binary"
            )
            copied += int(told.split()[1])
        took.append(time.perf_counter() - begun)
        if copied != rows:
            raise IngestingFailed(f"copied {copied} rows of {rows}")
    await writer.close()
    return rows, took


def measure_growth(folder: Path, sizes: BookSizes) -> Comparison:
    """Import file after file into one network, and draw in `folder` what a reward costs at each size."""
    with empty_ground(folder, "grown") as ground:
        ingester = Ingester(ground, folder / "books" / "grown")
        asyncio.run(ingester.found())
        point = min(POINT_REWARDS, sizes.grown // 2)
        told = ingester.ingest([point] * (sizes.grown // point))
    costs = [s * 1_000 / n for s, n in zip(told.seconds, told.counts, strict=True)]
    (folder / CURVE).write_text(draw_growth(point, costs), encoding="utf-8")
    # One file alone may meet a checkpoint: the last ten speak for the end, the first ten for the start.
    span = max(1, min(10, len(costs) // 2))
    first, last = median(costs[:span]), median(costs[-span:])
    return Comparison(
        name=f"cost of a reward at {point * len(costs):,} rewards / at {point * span:,}",
        ratio=last / first,
        measured=f"{last:.3g} ms, {told.rss_mb:.0f} MB at most",
        against=f"{first:.3g} ms",
        bound=GROWTH_MAX,
        direction="lower",
    )
