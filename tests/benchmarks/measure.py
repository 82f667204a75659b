"""Measuring: contenders take turns, so that what disturbs the machine disturbs them alike."""

import base64
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from tests.benchmarks.cpu import can_measure, spent_by
from tests.benchmarks.ground import ROOT
from tests.benchmarks.load import Job, Seen

NOISY_SPREAD = 0.25
"""How far the control may vary between rounds before a figure is called noisy."""


@dataclass(frozen=True)
class Plan:
    """How long and how often everything is measured."""

    rounds: int
    seconds: float
    warm_up_seconds: float
    connections: tuple[int, ...]
    transactions: int | None = None
    """Ends pgbench after this many for each client, for runs shorter than its whole seconds."""


STANDARD = Plan(rounds=3, seconds=1.5, warm_up_seconds=0.5, connections=(1, 16))
FULL = replace(STANDARD, connections=(1, 16, 64))
SMALL = Plan(rounds=2, seconds=0.25, warm_up_seconds=0.05, connections=(1, 2), transactions=5)


@dataclass(frozen=True)
class Sample:
    """One contender in one round."""

    done: int
    per_second: float
    p50_ms: float
    p99_ms: float | None
    server_us: float | None = None
    postgres_us: float | None = None


@dataclass
class Result:
    """All samples of one operation at one number of connections."""

    operation: str
    connections: int
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def median(self, contender: str, what: str) -> float | None:
        """The middle of a contender's rounds."""
        values = [getattr(one, what) for one in self.samples[contender]]
        return None if None in values else float(statistics.median(values))

    def spread(self, contender: str, what: str) -> tuple[float, float]:
        """The least and the greatest of a contender's rounds."""
        values = [getattr(one, what) for one in self.samples[contender]]
        return min(values), max(values)

    def ratio(self, one: str, other: str, what: str) -> float | None:
        """The ratio of the medians of two contenders."""
        mine, theirs = self.median(one, what), self.median(other, what)
        return mine / theirs if mine is not None and theirs else None

    def is_noisy(self, control: str) -> bool:
        """Whether the machine was too restless to believe this."""
        least, greatest = self.spread(control, "per_second")
        middle = self.median(control, "per_second")
        return middle is None or middle == 0 or (greatest - least) / middle > NOISY_SPREAD


Contender = Callable[[int], Sample]
"""Measures once at a number of connections."""


def alternate(operation: str, contenders: Mapping[str, Contender], plan: Plan) -> list[Result]:
    """Let the contenders take turns, round by round, at each number of connections."""
    results = []
    for connections in plan.connections:
        result = Result(operation, connections, {name: [] for name in contenders})
        for _ in range(plan.rounds):
            for name, measure in contenders.items():
                result.samples[name].append(measure(connections))
        results.append(result)
    return results


class LoadFailed(Exception):
    """An answer under load was not a good one."""


def load(
    *,
    port: int,
    requests: Sequence[bytes],
    must_contain: str,
    connections: int,
    plan: Plan,
) -> Seen:
    """Let the generator's own process do one job. Raises LoadFailed at the first bad answer."""
    return generate_load(
        Job(
            port=port,
            requests=[base64.b64encode(one).decode() for one in requests],
            must_contain=must_contain,
            connections=connections,
            seconds=plan.seconds,
            warm_up_seconds=plan.warm_up_seconds,
        )
    )


def generate_load(job: Job) -> Seen:
    """Let the generator's own process do a job. Raises LoadFailed at the first bad answer."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load"],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode != 0:
        raise LoadFailed(done.stderr[-2000:])
    seen = Seen(**json.loads(done.stdout))
    if seen.errors:
        raise LoadFailed(f"{seen.errors} of {seen.errors + seen.acknowledged}: {seen.first_error}")
    return seen


def with_cpu(families: Mapping[str, int], act: Callable[[], tuple[int, Sample]]) -> Sample:
    """Measure with the processor time per request of process families, named as in Sample.

    `act` tells how many requests it made in all.
    """
    if not can_measure():
        return act()[1]
    before = {name: spent_by(pid) for name, pid in families.items()}
    made, sample = act()
    spent = {
        name: (spent_by(pid) - before[name]) / 1_000 / max(made, 1)
        for name, pid in families.items()
    }
    return Sample(**{**asdict(sample), **spent})


def sample_of(seen: Seen) -> Sample:
    """Give the figures of a job."""
    return Sample(
        done=seen.acknowledged,
        per_second=seen.count / seen.seconds,
        p50_ms=seen.p50_ms,
        p99_ms=seen.p99_ms,
    )
