"""pgbench: what PostgreSQL alone can do of an operation."""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from api.database.binaries import find_binaries
from tests.benchmarks.script import Script


@dataclass(frozen=True)
class Pgbench:
    """The program, the database and the scripts of one operation."""

    url: str
    folder: Path
    scripts: Sequence[Script]
    options: str = ""
    """What its sessions are told as they begin."""

    def write(self) -> None:
        """Write the scripts where pgbench finds them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for number, script in enumerate(self.scripts):
            (self.folder / f"{number}.sql").write_text(script.text)

    def run(
        self,
        *,
        clients: int,
        seconds: int,
        transactions: int | None,
        warm_up_seconds: int = 0,
        log_prefix: Path | None = None,
    ) -> "Figures":
        """Run the scripts in equal shares; `transactions` for each client end it if given.

        What is done while it warms up counts as transactions, but not for the throughput. A log
        has a line for each transaction.
        """
        parts = urlsplit(self.url)
        query = parse_qs(parts.query)
        length = ["-T", str(seconds + warm_up_seconds)]
        if transactions is not None:
            length, warm_up_seconds = ["-t", str(transactions)], 0
        if warm_up_seconds:
            length += ["-P", "1"]
        log = [] if log_prefix is None else ["-l", f"--log-prefix={log_prefix}"]
        definitions = [
            f"--define={name}={value}"
            for script in self.scripts
            for name, value in script.variables.items()
        ]
        done = subprocess.run(
            [
                find_binaries().program("pgbench"),
                *("-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2))),
                *("-h", query["host"][0], "-p", query["port"][0], "-U", parts.username or ""),
                *length,
                *log,
                *definitions,
                *(f"--file={self.folder / f'{n}.sql'}" for n in range(len(self.scripts))),
                parts.path.lstrip("/"),
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PGOPTIONS": self.options},
        )
        if done.returncode != 0:
            raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
        figures = read_figures(done.stdout)
        if not warm_up_seconds:
            return figures
        per_second, latency_ms = read_progress(done.stderr, after=warm_up_seconds)
        return Figures(figures.transactions, per_second, latency_ms)


@dataclass(frozen=True)
class Figures:
    """What pgbench printed."""

    transactions: int
    per_second: float
    latency_ms: float


def read_figures(text: str) -> Figures:
    """Read pgbench's report."""

    def find(pattern: str) -> str:
        found = re.search(pattern, text)
        if found is None:
            raise RuntimeError(f"pgbench said: {text}")
        return found[1]

    return Figures(
        transactions=int(find(r"number of transactions actually processed: (\d+)")),
        per_second=float(find(r"tps = ([\d.]+)")),
        latency_ms=float(find(r"latency average = ([\d.]+) ms")),
    )


def read_progress(text: str, *, after: int) -> tuple[float, float]:
    """Read the reports of each second after the first ones: transactions a second, and latency."""
    told = re.findall(r"progress: [\d.]+ s, ([\d.]+) tps, lat ([\d.]+) ms", text)[after:]
    if not told:
        raise RuntimeError(f"pgbench said: {text}")
    done = sum(float(rate) for rate, _ in told)
    waited = sum(float(rate) * float(latency) for rate, latency in told)
    return done / len(told), waited / done
