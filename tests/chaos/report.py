"""The report of a crash run in the docs: the section is written whole, and nothing else."""

from pathlib import Path
from statistics import median

from tests.chaos.run import Report

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
HEADING = "## Crash run"


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
        "seed": report.seed,
        "kills of the server, of PostgreSQL": f"{report.server_kills}, {report.database_kills}",
        "operations": ", ".join(f"{n} {kind}s" for kind, n in sorted(report.operations.items())),
        "connections cut, of them at the answer to a COMMIT": f"{report.cuts}, {report.lost_commits}",
        "sendings without an answer": report.unanswered,
        "commits proven that nobody was told of": report.ambiguous,
        "acknowledged and lost": len(report.lost),
        "doubled": len(report.doubled),
        "invariants broken": len(report.broken),
        "PostgreSQL back after, median and longest": (
            f"{median(back):.1f} s, {back[-1]:.1f} s" if back else "not killed"
        ),
        "duration": f"{report.seconds:.0f} s",
    }
    lines = ["| figure | last run written here |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {value} |" for name, value in rows.items()])
