"""`python -m tests.chaos`: one crash run; `--write` puts its report into docs/reliability.md.

The seed it prints, given again, makes the same callers, cuts and order of kills; what meets what
is up to the machine.
"""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.chaos.report import write_report
from tests.chaos.run import run_chaos

SERVER_KILLS, DATABASE_KILLS = 14, 6


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--server-kills", type=int, default=SERVER_KILLS)
    parser.add_argument("--database-kills", type=int, default=DATABASE_KILLS)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--write", action="store_true", help="write the report into the docs")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="mizan-chaos-") as folder:
        report = run_chaos(
            Path(folder),
            seed=given.seed,
            server_kills=given.server_kills,
            database_kills=given.database_kills,
        )
    print(report.line())
    for fault in (*report.lost, *report.doubled, *report.broken):
        print(f"  {fault}")
    if given.write:
        write_report(report)
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
