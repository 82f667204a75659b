"""A process of its own that drives the product's write path: it reads a job as JSON and tells what
it saw as JSON.

`accruals` keeps clients busy at the purchase desk, which is what the API's resolver calls; each
sends its next purchase when the last was acknowledged. `file` imports a file as the command does.
"""

import asyncio
import contextlib
import hashlib
import io
import itertools
import json
import math
import resource
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import uvloop

from api.cli.process import POOL_SIZE
from api.cli.purchases import Import, import_purchases
from api.cli.running import collect_seldom
from api.clock import Clock
from api.database.engine import open_engine
from api.database.transaction import Database
from api.purchase_desk import PurchaseCall, PurchaseDesk, open_purchase_desk
from api.request_keys import KeyedRequest
from partners.purchases import Report
from payouts.money import Money, new_id
from tests.benchmarks.books.world import AMOUNT, Place
from tests.benchmarks.server import RunningClock
from tests.benchmarks.world import CURRENCY, NOW

SKEW_SEED = 20260315


@dataclass
class Told:
    """What a job saw. `count` are those within the time that is measured."""

    acknowledged: dict[int, int]
    count: int
    seconds: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    cpu_us: float = 0.0
    rss_mb: float = 0.0
    code: int = 0


class _Clients:
    """Closed loop: as many purchases under way as there are clients."""

    def __init__(self, job: dict[str, Any], desk: PurchaseDesk, clock: Clock) -> None:
        self._places = [Place(**one) for one in job["places"]]
        self._share = job["share"]
        self._desk = desk
        self._clock = clock
        self._draw = Random(SKEW_SEED)
        self._starts_at = time.perf_counter() + job["warm_up_seconds"]
        self._ends_at = self._starts_at + job["seconds"]
        self._times = job["transactions"]
        if self._times is not None:  # so many for each, however long they take
            self._starts_at, self._ends_at = 0.0, math.inf
        self.acknowledged = {one.network_id: 0 for one in self._places}
        self.latencies: list[float] = []

    def _partner(self, place: Place) -> str:
        """One with a share of all traffic, the others evenly; without a share all evenly."""
        if self._share is None or len(place.partners) == 1:
            return self._draw.choice(place.partners)
        first, *others = place.partners
        return first if self._draw.random() < self._share else self._draw.choice(others)

    async def one(self, number: int) -> None:
        """Be one client until the time is over."""
        place = self._places[number % len(self._places)]
        times = itertools.count() if self._times is None else range(self._times)
        for _ in times:
            if (sent_at := time.perf_counter()) >= self._ends_at:
                break
            call = purchase_call(
                self._partner(place), self._draw.choice(place.members), self._clock.now()
            )
            answer = await self._desk.submit(place.network_id, call)
            if answer.outcome is None or "ids" not in answer.outcome or answer.replayed:
                raise RuntimeError(f"not booked: {answer}")
            self.acknowledged[place.network_id] += 1
            now = time.perf_counter()
            if self._starts_at <= now <= self._ends_at:
                self.latencies.append(now - sent_at)


def purchase_call(partner: str, member: str, now: datetime) -> PurchaseCall:
    """Make a report of a partner's under a key of its own."""
    key = str(uuid4())
    report = Report(
        purchase_id=new_id(now),
        partner_id=UUID(partner),
        member_id=UUID(member),
        external_id=key,
        amount=Money(AMOUNT, CURRENCY),
        category=None,
        purchased_at=NOW,
        actor=f"partner:{partner}",
    )
    digest = hashlib.sha256(key.encode()).digest()
    return PurchaseCall(KeyedRequest(f"partner:{partner}", key, digest), now, report)


async def _accruals(job: dict[str, Any], database: Database, clock: Clock) -> Told:
    desk = open_purchase_desk(database)
    clients = _Clients(job, desk, clock)
    begun = time.perf_counter()
    await asyncio.gather(*(clients.one(number) for number in range(job["clients"])))
    seconds = time.perf_counter() - begun
    await desk.close()
    took = sorted(clients.latencies) or [0.0]
    return Told(
        acknowledged=clients.acknowledged,
        count=len(clients.latencies),
        seconds=job["seconds"] if job["transactions"] is None else seconds,
        p50_ms=took[len(took) // 2] * 1_000,
        p99_ms=took[len(took) * 99 // 100] * 1_000,
    )


async def _file(job: dict[str, Any], database: Database, clock: Clock) -> Told:
    [place] = [Place(**one) for one in job["places"]]
    work = Import(database, clock, place.network_id, UUID(place.partners[0]), Path(job["path"]))
    begun = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        code = await import_purchases(work)
    seconds = time.perf_counter() - begun
    return Told({place.network_id: job["lines"]}, job["lines"], seconds, code=code)


def rss_mb() -> float:
    """Tell the most that this process ever had resident."""
    # ru_maxrss would be that of the process which started this one, if that was larger.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


async def _do(job: dict[str, Any]) -> Told:
    engine = open_engine(job["database_url"], pool_size=POOL_SIZE)
    database = Database(engine)
    clock = RunningClock(None, job["origin"], job["origin_monotonic"])
    begun = time.process_time()
    told = await {"accruals": _accruals, "file": _file}[job["kind"]](job, database, clock)
    told.cpu_us = (time.process_time() - begun) * 1e6 / max(sum(told.acknowledged.values()), 1)
    told.rss_mb = rss_mb()
    await engine.dispose()
    return told


def main() -> None:
    """Do the job that stands on the standard input."""
    collect_seldom()  # as every command does
    json.dump(asdict(uvloop.run(_do(json.load(sys.stdin)))), sys.stdout)


if __name__ == "__main__":
    main()
