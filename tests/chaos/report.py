"""What a crash run tried and found, and its place in the docs."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
HEADING = "## Crash run"


@dataclass
class Report:
    """What a run tried and what it found."""

    seed: int
    server_kills: int
    database_kills: int
    on: date | None = None
    worker_kills: int = 0
    """Among the kills of the server: its worker died as well."""
    acknowledged: int = 0
    """While things died; the operations are also those done when sent again."""
    shares: list[int] = field(default_factory=list)
    """How many were acknowledged from one kill to the next."""
    looks: int = 0
    """How often the books were asked while things died."""
    operations: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    cuts: int = 0
    lost_commits: int = 0
    ambiguous: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[object] = field(default_factory=list)
    seconds: float = 0.0
    load_seconds: float = 0.0
    back_seconds: list[float] = field(default_factory=list)
    unanswered: int = 0

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing doubled, every promise kept."""
        return not (self.lost or self.doubled or self.broken)

    def line(self) -> str:
        kinds = ", ".join(f"{count} {kind}s" for kind, count in sorted(self.operations.items()))
        return (
            f"chaos: seed {self.seed}, {self.operations.total()} operations ({kinds}),"
            f" {self.acknowledged} acknowledged while there were {self.server_kills} kills of the"
            f" server, {self.worker_kills} of them with its worker, and {self.database_kills} of"
            f" PostgreSQL, {min(self.shares, default=0)} or more from kill to kill,"
            f" {self.cuts} cuts, {self.lost_commits} COMMIT answers cut,"
            f" {self.ambiguous} ambiguous commits proven, {self.unanswered} sendings unanswered, {self.refused} refused,"
            f" lost {len(self.lost)}, doubled {len(self.doubled)},"
            f" broken promises {len(self.broken)}, {self.seconds:.0f} s,"
            f" PostgreSQL back within {max(self.back_seconds, default=0):.1f} s"
        )


def write_report(report: Report, page: Path = PAGE) -> None:
    """Put the figures into the table of the section; the rest of the page stays as it is."""
    text = page.read_text()
    before, found, section = text.partition(f"{HEADING}\n")
    assert found, f"{page.name} has no section {HEADING}"
    body, next_heading, after = section.partition("\n## ")
    prose = "\n".join(line for line in body.splitlines() if not line.startswith("|")).rstrip()
    page.write_text(f"{before}{found}{prose}\n\n{table_of(report)}\n{next_heading}{after}")


def table_of(report: Report) -> str:
    back = sorted(report.back_seconds)
    rows = {
        "day": report.on or "not noted",
        "seed": report.seed,
        "kills of the server, of its worker with it, of PostgreSQL": (
            f"{report.server_kills}, {report.worker_kills}, {report.database_kills}"
        ),
        "acknowledged while things died": report.acknowledged,
        "from one kill to the next, least and median": (
            f"{min(report.shares)}, {median(report.shares):.0f}" if report.shares else "none"
        ),
        "operations": ", ".join(f"{n} {kind}s" for kind, n in sorted(report.operations.items())),
        "connections cut, of them at the answer to a COMMIT": f"{report.cuts}, {report.lost_commits}",
        "sendings without an answer": report.unanswered,
        "commits proven that nobody was told of": report.ambiguous,
        "refused": report.refused,
        "times the books were asked while things died": report.looks,
        "acknowledged and lost": len(report.lost),
        "doubled": len(report.doubled),
        "invariants broken": len(report.broken),
        "PostgreSQL back after, median and longest": (
            f"{median(back):.1f} s, {back[-1]:.1f} s" if back else "not killed"
        ),
        "duration, of it while things died": (
            f"{report.seconds:.0f} s, {report.load_seconds:.0f} s"
        ),
    }
    lines = ["| figure | last run written here |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {value} |" for name, value in rows.items()])


def keep_report(report: Report, path: Path) -> None:
    """Write all of it as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**vars(report), "good": report.is_good}, default=str, indent=1))
