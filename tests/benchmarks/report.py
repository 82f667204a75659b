"""Showing the figures: a table on the terminal, a page of the documents, a list for programs."""

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from api.cli.process import POOL_SIZE
from tests.benchmarks.books.report import list_books, page_of, show_books
from tests.benchmarks.measure import NOISY_SPREAD, Result
from tests.benchmarks.run import APP, SCRIPTS_MAX, SQL, STATIC, Outcome

PACKAGES = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "sqlalchemy", "asyncpg")


@dataclass(frozen=True)
class Figure:
    """One ratio and the way in which it is better."""

    name: str
    ratio: float
    direction: str
    result: Result

    @property
    def remark(self) -> str:
        """A warning, or nothing."""
        return "noisy" if self.result.is_noisy(STATIC) else ""


def figures_of(outcome: Outcome) -> Iterator[Figure]:
    """Give every ratio of a run: more of the throughput is better, less of the time is better."""
    for result in outcome.results:
        compared = (
            (f"requests per second / {STATIC}", STATIC, "per_second", "higher"),
            (f"requests per second / {SQL} of its own SQL", SQL, "per_second", "higher"),
            (f"p50 latency / {STATIC}", STATIC, "p50_ms", "lower"),
            (f"server CPU per request / {STATIC}", STATIC, "server_us", "lower"),
            (f"PostgreSQL CPU per request / {SQL} of its own SQL", SQL, "postgres_us", "lower"),
        )
        for what, other, attribute, direction in compared:
            ratio = result.ratio(APP, other, attribute)
            if ratio is not None:
                name = f"{result.operation}, c={result.connections}: {what}"
                yield Figure(name, ratio, direction, result)


def write_list(outcome: Outcome, file: Path) -> None:
    """Write the ratios for programs; a bound is null until one has been promised."""
    listed: list[dict[str, Any]] = [
        {
            "figure": one.name,
            "ratio": float(f"{one.ratio:.4g}"),
            "bound": None,
            "direction": one.direction,
        }
        for one in figures_of(outcome)
    ]
    if outcome.books is not None:
        listed += list_books(outcome.books)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(listed, indent=2) + "\n")


HEADINGS = (
    "operation", "c", "who", "req/s", "min", "max", "p50 ms", "p99 ms", "server µs", "PG µs", "ratio"
)  # fmt: skip


def rows_of(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """Lay out the samples: medians of the rounds, the least and the greatest throughput."""
    for result in outcome.results:
        for who in (APP, STATIC, SQL):
            least, greatest = result.spread(who, "per_second")
            ratio = None if who == APP else result.ratio(APP, who, "per_second")
            mark = " noisy" if who == STATIC and result.is_noisy(STATIC) else ""
            yield (
                result.operation if who == APP else "",
                str(result.connections) if who == APP else "",
                who,
                _number(result.median(who, "per_second")),
                _number(least),
                _number(greatest),
                _number(result.median(who, "p50_ms")),
                _number(result.median(who, "p99_ms")),
                _number(result.median(who, "server_us")),
                _number(result.median(who, "postgres_us")),
                ("" if ratio is None else _number(ratio)) + mark,
            )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def show(outcome: Outcome, console: Console) -> None:
    """Print the table."""
    table = Table(title="Mizan against its bounds; ratio = Mizan / the bound on that line")
    for heading in HEADINGS:
        is_text = heading in ("operation", "who")
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    for row in rows_of(outcome):
        table.add_row(*row)
    console.print(table)
    if outcome.books is not None:
        show_books(outcome.books, console)


def environment_of(outcome: Outcome) -> list[tuple[str, str]]:
    """Say what the figures were measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    sizes, plan = outcome.sizes, outcome.plan
    return [
        ("date", datetime.now(UTC).date().isoformat()),
        ("kernel", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("cores", str(os.cpu_count())),
        ("load average", f"{outcome.load_before:.2f} before, {outcome.load_after:.2f} after"),
        ("Python", platform.python_version()),
        ("PostgreSQL", f"{outcome.postgres}, fsync on, synchronous_commit on, Unix socket"),
        ("packages", packages),
        (
            "world",
            f"{sizes.rewards:,} rewards in 2 languages, {sizes.partners:,} partners, "
            f"{sizes.members:,} members, {sizes.purchases:,} purchases",
        ),
        (
            "rounds",
            f"{plan.rounds} of {plan.seconds:g} s for each contender, after "
            f"{plan.warm_up_seconds:g} s of warming up; {outcome.seconds:.0f} s in all",
        ),
    ]


PAGE = """# Figures

Written by `make bench`; do not edit. `make bench-full` measures at more connections and in larger books too.

Each operation is sent to the real application: one uvicorn process, as the role `mizan_app`, with
row-level security on and a token on every request. It is compared with two bounds in the same run:

- **static bytes**: the same server program with the same settings answers the same bytes without
  looking. No Python server of ours can be faster.
- **pgbench**: the SQL that the operation really issued for up to {scripts} of its variable sets, read
  from the server's log, prepared, with the same transactions and the same role, on `c` connections.
  What PostgreSQL alone can do on this machine. Mizan has a pool of {pool} connections.

Before anything is timed, every answer is compared with what the world says it must be; one wrong
answer and nothing is measured. The three take turns, round by round; a figure is the median of its
rounds, with the least and the greatest beside it. Load comes from one generator process that keeps
`c` connections busy (closed loop, so latencies are those of a full house), on the same cores as
everything else. The generator bounds the static server at high `c`, so the ratio to it flatters;
the CPU columns do not depend on that. CPU is processor time per request of the server's processes
and of all of PostgreSQL's. For pgbench, which keeps no percentiles, p50 is the average. A line is
**noisy** when the static server, which does the same each time, varied by more than
{noisy:.0%} between rounds.

After the last round the books are checked: the postings of every journal, and of all together, sum
to 0, every balance is the sum of its postings, and there are as many purchases as were acknowledged.

**Ratios hold on other machines better than the absolute numbers do; quote the ratios.**

## This run

| | |
|---|---|
{environment}

## Results

Ratio = Mizan's requests per second / those of the bound on the same line; 1 is the bound itself.

{table}

| operation | answer, bytes | statements |
|---|---:|---:|
{operations}
{books}"""


def write_page(outcome: Outcome, file: Path) -> None:
    """Write the page of the documents."""
    head = f"| {' | '.join(HEADINGS)} |\n|{'---|' * 3}{'---:|' * (len(HEADINGS) - 3)}\n"
    table = head + "\n".join(f"| {' | '.join(row)} |" for row in rows_of(outcome))
    text = PAGE.format(
        noisy=NOISY_SPREAD,
        scripts=SCRIPTS_MAX,
        pool=POOL_SIZE,
        environment="\n".join(f"| {name} | {value} |" for name, value in environment_of(outcome)),
        table=table,
        operations="\n".join(
            f"| {name} | {outcome.bytes[name]:,} | {count} |"
            for name, count in outcome.statements.items()
        ),
        books="" if outcome.books is None else page_of(outcome.books),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
