"""Figures of writing: purchases at the desk and from files, beside single postings of pgbench."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.books.comparison import Compared, Comparison, take_turns
from tests.benchmarks.books.job import Told
from tests.benchmarks.books.single import single_function
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.books.whole import CAPTURED, whole_purchases
from tests.benchmarks.books.world import Networks, Place
from tests.benchmarks.ground import ROOT, Ground
from tests.benchmarks.measure import Result, Sample, with_cpu
from tests.benchmarks.world import NOW

SINGLE = "pgbench, one posting"
WHOLE = "pgbench, whole purchases"
DESK, MANY, UNEVEN, FILE = "one network", "many networks", "one busy partner", "file"
SHARE = 0.9
HEADER = "external_id,member_external_id,amount,currency,category,purchased_at\n"


class JobFailed(Exception):
    """A job did not end as it must."""


@dataclass
class Writer:
    """Writes into one ground and counts what was acknowledged."""

    folder: Path
    ground: Ground
    networks: Networks
    sizes: BookSizes
    purchases: dict[int, int] = field(default_factory=dict)
    journals: dict[int, int] = field(default_factory=dict)
    _files: int = 0
    _begun: float = field(default_factory=time.monotonic)

    def contenders(self) -> dict[str, Any]:
        """What takes turns."""
        single = self.single()
        return {
            SINGLE: single,
            WHOLE: self.whole(),
            DESK: lambda: self._accruals([self.networks.main]),
            MANY: lambda: self._accruals(self.networks.small),
            UNEVEN: lambda: self._accruals([self.networks.main], share=SHARE),
            FILE: lambda: self._sample(self.import_file(self.sizes.lines)),
        }

    def single(self) -> Any:
        """The single function in the large network."""
        main = self.networks.main
        bench = single_function(self.ground.application_url, self.folder / "single", main)

        def measure() -> Sample:
            def act() -> tuple[int, Sample]:
                done = bench.run(
                    clients=self.sizes.clients,
                    seconds=max(1, round(self.sizes.seconds)),
                    transactions=self.sizes.transactions,
                    warm_up_seconds=round(self.sizes.warm_up_seconds),
                )
                self._count(self.journals, main.network_id, done.transactions)
                sample = Sample(done.transactions, done.per_second, done.latency_ms, None)
                return done.transactions, sample

            return with_cpu({"postgres_us": self.ground.postmaster}, act)

        return measure

    def whole(self) -> Any:
        """Whole purchases in the small networks, one client in each."""
        sizes, small = self.sizes, self.networks.small
        bench = whole_purchases(self.ground, self.folder / "whole", small)
        for place in small:
            self._count(self.purchases, place.network_id, CAPTURED)

        def measure() -> Sample:
            def act() -> tuple[int, Sample]:
                found = bench.run(
                    seconds=max(1, round(sizes.seconds)),
                    transactions=sizes.transactions,
                    warm_up_seconds=round(sizes.warm_up_seconds),
                )
                for network_id, transactions in found.transactions.items():
                    self._count(self.purchases, network_id, transactions)
                done = sum(found.transactions.values())
                return done, Sample(done, found.per_second, found.latency_ms, None)

            return with_cpu({"postgres_us": self.ground.postmaster}, act)

        return measure

    def import_file(self, lines: int) -> Told:
        """Import one more file of the bulk network's partner."""
        place = self.networks.bulk
        self._files += 1
        path = self.folder / "purchases.csv"
        with path.open("w") as file:
            file.write(HEADER)
            for number in range(lines):
                member = number * 7919 % len(place.members)
                file.write(
                    f"r-{self._files}-{number},member-{member},100.00,SAR,,{NOW.isoformat()}\n"
                )
        told = self._run("file", [place], path=str(path), lines=lines)
        path.unlink()
        return told

    def _accruals(self, places: list[Place], *, share: float | None = None) -> Sample:
        def act() -> tuple[int, Sample]:
            sample = self._sample(told := self._run("accruals", places, share=share))
            return sum(told.acknowledged.values()), sample

        return with_cpu({"postgres_us": self.ground.postmaster}, act)

    def _sample(self, told: Told) -> Sample:
        per_second = told.count / told.seconds
        return Sample(told.count, per_second, told.p50_ms, told.p99_ms, server_us=told.cpu_us)

    def _run(self, kind: str, places: list[Place], **more: Any) -> Told:
        job = {
            "kind": kind,
            "places": [one.as_dict() for one in places],
            "clients": self.sizes.clients,
            "seconds": self.sizes.seconds,
            "warm_up_seconds": self.sizes.warm_up_seconds,
            "transactions": self.sizes.transactions,
            "database_url": self.ground.application_url,
            "origin": NOW.isoformat(),
            "origin_monotonic": self._begun,
            **more,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.books.job"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if done.returncode != 0:
            raise JobFailed(done.stderr[-2000:])
        told = Told(**json.loads(done.stdout))
        if told.code:
            raise JobFailed(f"exit code {told.code}: {done.stderr[-2000:]}")
        told.acknowledged = {int(key): count for key, count in told.acknowledged.items()}
        for network_id, count in told.acknowledged.items():
            self._count(self.purchases, network_id, count)
        return told

    def _count(self, where: dict[int, int], network_id: int, more: int) -> None:
        where[network_id] = where.get(network_id, 0) + more


def measure_writing(writer: Writer) -> tuple[Result, list[Comparison]]:
    """Let all ways to write take turns."""
    sizes = writer.sizes
    result = take_turns("ledger", writer.contenders(), rounds=sizes.rounds, clients=sizes.clients)
    promised = (
        (f"accruals of one network through group commit / {SINGLE}", DESK, SINGLE, 1.4),
        (f"accruals of {sizes.networks} networks / {SINGLE}", MANY, SINGLE, 0.8),
        (f"accruals of {sizes.networks} networks / {WHOLE} of as many", MANY, WHOLE, None),
        (f"one partner with {SHARE:.0%} of the traffic / all partners alike", UNEVEN, DESK, 0.8),
        (f"import of {sizes.lines:,} purchases / {SINGLE}", FILE, SINGLE, 4),
    )
    return result, [
        Compared(result, mine, other).named(name, bound=bound)
        for name, mine, other, bound in promised
    ]
