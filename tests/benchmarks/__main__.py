"""`make bench`: measures, prints the table, writes docs/benchmarks.md and build/bench.json."""

import argparse
import shutil
import sys

from rich.console import Console

from tests.benchmarks import measure, world
from tests.benchmarks.books import sizes as sizes_of
from tests.benchmarks.books.figures import measure_books, measure_large_books
from tests.benchmarks.books.ingesting import CURVE
from tests.benchmarks.books.report import show_books
from tests.benchmarks.ground import ROOT
from tests.benchmarks.operations import all_operations
from tests.benchmarks.report import show, write_list, write_page
from tests.benchmarks.run import run

WIDTH_MIN = 140  # of the table; where nobody looks, rich would take 80


def main() -> int:
    """Run the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="more connections, larger books")
    size.add_argument("--small", action="store_true", help="a smoke run; its figures mean nothing")
    parser.add_argument("--books", action="store_true", help="the ledger alone; writes no page")
    parser.add_argument("--large", action="store_true", help="large books alone; writes no page")
    asked = parser.parse_args()
    plan = measure.SMALL if asked.small else measure.FULL if asked.full else measure.STANDARD
    sizes = world.SMALL if asked.small else world.STANDARD
    books = sizes_of.SMALL if asked.small else sizes_of.FULL if asked.full else sizes_of.STANDARD
    build = ROOT / "build"
    console = Console(width=max(WIDTH_MIN, Console().width))
    if asked.large:
        large = measure_large_books(build / "bench", books, console)
        show_books(large, console)
        return 0
    if asked.books:
        show_books(measure_books(build / "bench", books, console), console)
        return 0
    outcome = run(build / "bench", sizes, plan, all_operations, console, book_sizes=books)
    show(outcome, console)
    # What a smoke run finds is not worth a page.
    page = build / "bench" / "benchmarks.md" if asked.small else ROOT / "docs" / "benchmarks.md"
    listed = build / "bench" / "bench.json" if asked.small else build / "bench.json"
    write_page(outcome, page)
    if books.grown and not asked.small:  # the picture and the page are of one run
        shutil.copyfile(build / "bench" / CURVE, ROOT / "docs" / CURVE)
    write_list(outcome, listed)
    console.print(f"written: {page.relative_to(ROOT)}, {listed.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
