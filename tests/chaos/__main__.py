"""`python -m tests.chaos`: one crash run, its report in build/chaos.json; `--write` puts it into the docs.

The seed it prints, given again, makes the same callers, cuts and order of kills; what meets what
is up to the machine.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos.load import Told
from tests.chaos.report import keep_report, table_of, write_report
from tests.chaos.run import run_chaos

SERVER_KILLS, DATABASE_KILLS = 14, 6
KEPT = Path(__file__).resolve().parents[2] / "build" / "chaos.json"
SAID_EVERY = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--server-kills", type=int, default=SERVER_KILLS)
    parser.add_argument("--database-kills", type=int, default=DATABASE_KILLS)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--write", action="store_true", help="write the report into the docs")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="mizan-chaos-"))
    is_good = False
    try:
        with telling() as told:
            report = run_chaos(
                folder,
                seed=given.seed,
                server_kills=given.server_kills,
                database_kills=given.database_kills,
                told=told,
            )
        is_good = report.is_good
    finally:
        if is_good:
            shutil.rmtree(folder)
        else:
            print(f"what was there is kept in {folder}", flush=True)
    print(report.line())
    for fault in (*report.lost, *report.doubled, *report.broken):
        print(f"  {fault}")
    keep_report(report, KEPT)
    print(table_of(report))
    if given.write:
        write_report(report)
    return 0 if is_good else 1


@contextmanager
def telling() -> Iterator[Told]:
    """Show how far it is: a bar on a terminal, else a line now and then."""
    console = Console()
    if not console.is_terminal:
        yield _say
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("beginning", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )


def _say(what: str, done: int, total: int) -> None:
    if done % SAID_EVERY == 0:
        print(f"{what}: {done} of {total}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
