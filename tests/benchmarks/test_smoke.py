"""The benchmark runs, refuses to time wrong answers, and reads what it measures rightly."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.books import sizes as sizes_of
from tests.benchmarks.books.figures import found_networks, measure_books, measure_books_present
from tests.benchmarks.books.ingesting import CURVE, measure_growth
from tests.benchmarks.books.invariants import require_sound_books
from tests.benchmarks.books.present import MEMORY_MB_MAX
from tests.benchmarks.books.report import page_of
from tests.benchmarks.books.writing import Writer
from tests.benchmarks.capture import Statement, read_log
from tests.benchmarks.cpu import can_measure, spent_by
from tests.benchmarks.ground import ROOT, empty_folder, empty_ground, prepared_ground
from tests.benchmarks.invariants import InvariantBroken
from tests.benchmarks.measure import Plan, Result, Sample
from tests.benchmarks.operation import ParityFailed
from tests.benchmarks.operations import all_operations
from tests.benchmarks.pgbench import Figures, read_figures, read_progress
from tests.benchmarks.report import write_list, write_page
from tests.benchmarks.run import APP, SQL, STATIC, Bench, Outcome
from tests.benchmarks.script import NotRepeatable, write_script
from tests.benchmarks.world import SMALL, World, plan_world, share

SMOKE = Plan(rounds=1, seconds=0.15, warm_up_seconds=0, connections=(1,), transactions=2)
QUIET = Console(quiet=True)
FOLDER = ROOT / "build" / f"bench-test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@pytest.fixture(scope="module")
def world() -> World:
    return plan_world(SMALL)


@pytest.fixture(scope="module")
def bench(world: World) -> Iterator[Bench]:
    with (
        prepared_ground(FOLDER, world, processes=1) as ground,
        Bench(FOLDER, world, ground, QUIET) as bench,
    ):
        yield bench


def test_one_wrong_answer_stops_the_run_before_anything_is_timed(
    bench: Bench, world: World
) -> None:
    first, *others = [one for one in all_operations(world) if not one.is_write]
    wrong = replace(first.asked[-1], expected={"rewards": {"edges": []}})
    planted = [*others, replace(first, asked=[*first.asked[:-1], wrong])]
    empty_folder(FOLDER / "pgbench")

    with pytest.raises(ParityFailed, match=r"catalogue page: at data\.rewards"):
        bench.measure(planted, SMOKE)

    assert not list((FOLDER / "pgbench").iterdir())


def test_smallest_run_measures_every_operation_and_ends_with_the_invariants(
    bench: Bench, world: World, tmp_path: Path
) -> None:
    outcome = bench.measure(all_operations(world), SMOKE)

    names = [one.name for one in all_operations(world)]
    assert [one.operation for one in outcome.results] == names
    assert all(list(one.samples) == [APP, STATIC, SQL] for one in outcome.results)
    assert all(s.done > 0 for one in outcome.results for [s] in one.samples.values())
    assert all(outcome.statements[name] >= 3 for name in names)
    write_list(outcome, tmp_path / "bench.json")
    write_page(outcome, tmp_path / "benchmarks.md")
    listed = json.loads((tmp_path / "bench.json").read_text())
    assert len(listed) == 5 * len(names)
    assert all(list(one) == ["figure", "ratio", "bound", "direction"] for one in listed)
    assert all(one["bound"] is None and one["ratio"] > 0 for one in listed)
    assert {one["direction"] for one in listed} == {"higher", "lower"}
    page = (tmp_path / "benchmarks.md").read_text()
    assert all(f"| {name} | 1 | {APP} |" in page for name in names)


def test_smallest_run_measures_the_ledger_and_ends_with_its_invariants(tmp_path: Path) -> None:
    sizes = replace(sizes_of.SMALL, large_lines=0, grown=0, present=0)
    books = measure_books(FOLDER, sizes, QUIET)

    assert [(one.bound, one.direction) for one in books.comparisons] == [
        (1.4, "higher"),
        (0.8, "higher"),
        (None, "higher"),
        (0.8, "higher"),
        (4, "higher"),
        (2, "lower"),
        (None, "lower"),
        (0.5, "higher"),
        (None, "higher"),
        (1, "lower"),
        (1.5, "lower"),
        (None, "lower"),
        (1.2, "lower"),
        (1.2, "lower"),
        (1.2, "lower"),
        (0.5, "higher"),
        (2, "lower"),
        (2, "lower"),
        (1.2, "lower"),
        (6, "lower"),
        (1, "lower"),
        (1, "lower"),
    ]
    assert all(one.ratio > 0 for one in books.comparisons)
    assert books.writing is not None
    assert all(s.done > 0 for [s] in books.writing.samples.values())
    page = page_of(books)
    assert all(f"| {one.name} |" in page for one in books.comparisons)
    outcome = Outcome(SMALL, SMOKE, books=books)
    write_list(outcome, tmp_path / "bench.json")
    listed = json.loads((tmp_path / "bench.json").read_text())
    assert [(one["figure"], one["bound"]) for one in listed] == [
        (one.name, one.bound) for one in books.comparisons
    ]


def test_a_growing_catalogue_is_drawn() -> None:
    docs = (ROOT / "docs" / CURVE).read_bytes()
    compared = measure_growth(FOLDER, sizes_of.SMALL)

    assert (compared.name, compared.bound) == ("cost of a reward at 60 rewards / at 30", 1.5)
    assert (FOLDER / CURVE).read_text().count("<circle") == 2
    assert (ROOT / "docs" / CURVE).read_bytes() == docs


def test_books_that_hold_more_or_less_than_was_acknowledged_stop_the_run(tmp_path: Path) -> None:
    sizes = replace(sizes_of.SMALL, networks=1, members=4)
    with empty_ground(FOLDER, "books") as ground:
        networks = asyncio.run(found_networks(ground, sizes))
        writer = Writer(tmp_path, ground, networks, sizes)
        writer.import_file(20)
        place = networks.bulk.network_id
        asyncio.run(require_sound_books(ground, purchases={place: 20}, journals={}))
        with pytest.raises(InvariantBroken, match=r"'purchases'\): \(20, 21\)"):
            asyncio.run(require_sound_books(ground, purchases={place: 21}, journals={}))
        with pytest.raises(InvariantBroken, match=r"'journals'\): \(20, 21\)"):
            asyncio.run(require_sound_books(ground, purchases={place: 20}, journals={place: 1}))


def test_books_with_postings_are_compared_with_empty_ones() -> None:
    [compared] = measure_books_present(FOLDER, sizes_of.SMALL)

    assert (compared.bound, compared.direction) == (0.9, "higher")
    assert compared.ratio > 0


def test_import_takes_no_more_memory_the_more_lines_it_has(tmp_path: Path) -> None:
    sizes = replace(sizes_of.SMALL, networks=1, members=100)
    with empty_ground(FOLDER, "books") as ground:
        networks = asyncio.run(found_networks(ground, sizes))
        writer = Writer(tmp_path, ground, networks, sizes)
        # Some megabytes more or less come of nothing, and stand for much when they are multiplied.
        less, more = (writer.import_file(lines).rss_mb for lines in (30_000, 90_000))

    assert more + (more - less) / 60_000 * 910_000 < MEMORY_MB_MAX


def test_seconds_of_warming_up_do_not_count() -> None:
    report = (
        "progress: 1.0 s, 10.0 tps, lat 90.000 ms stddev 1.000, 0 failed\n"
        "progress: 2.0 s, 100.0 tps, lat 10.000 ms stddev 1.000, 0 failed\n"
        "progress: 3.0 s, 300.0 tps, lat 2.000 ms stddev 1.000, 0 failed\n"
    )

    assert read_progress(report, after=1) == (200.0, 4.0)


def test_log_is_read_by_role_with_parameters_as_they_were() -> None:
    log = (
        "@@7 mizan_app@@ LOG:  statement: BEGIN; SET LOCAL a = '1'\n"
        "@@8 postgres@@ LOG:  statement: SELECT 9\n"
        "@@7 mizan_app@@ LOG:  execute __x_1__: SELECT $1,\n\t$2, $3\n"
        "@@7 mizan_app@@ DETAIL:  Parameters: $1 = 'it''s', $2 = NULL, $3 = ''\n"
        "@@7 mizan_app@@ LOG:  statement: COMMIT\n"
    )

    assert read_log(log, user="mizan_app") == [
        Statement(7, "BEGIN; SET LOCAL a = '1'"),
        Statement(7, "SELECT $1,\n$2, $3", ("it's", None, "")),
        Statement(7, "COMMIT"),
    ]


ONE = "019ce1b2-428f-7ba6-b816-20e448d99461"
OTHER = "019ce1b2-428f-706c-a06c-2375617e7e2e"


def test_script_draws_ids_anew_and_keeps_everything_else() -> None:
    sql = "INSERT INTO t VALUES ($1, $2, $3, $4)"
    types = {sql: ["uuid", "text", "bigint", "text"]}
    first = [
        Statement(1, "BEGIN; SET LOCAL a = '1'"),
        Statement(1, sql, (ONE, f"k:{ONE}", "5", None)),
    ]
    again = [first[0], Statement(1, sql, (OTHER, f"k:{OTHER}", "5", None))]

    script = write_script("s0", first, again, types)

    assert script.variables == {"s0_0": "k:", "s0_1": "5"}
    drawn = "(('019ce1b2428f7ba6' || lpad(to_hex(:s0_r0::bigint), 16, '0'))::uuid::text)"
    assert script.text.splitlines() == [
        r"\set s0_r0 random(1, 9223372036854775807)",
        r"\startpipeline",
        "BEGIN;",
        "SET LOCAL a = '1';",
        r"\endpipeline",
        f"INSERT INTO t VALUES (({drawn})::uuid, (:s0_0::text || {drawn})::text, "
        ":s0_1::bigint, NULL::text);",
    ]


def test_operation_that_does_not_repeat_itself_has_no_script() -> None:
    with pytest.raises(NotRepeatable):
        write_script("s0", [Statement(1, "SELECT 1")], [Statement(1, "SELECT 2")], {})


def test_figures_of_pgbench_are_read() -> None:
    report = (
        "number of transactions actually processed: 1234\n"
        "latency average = 0.512 ms\n"
        "tps = 1953.125 (without initial connection time)\n"
    )

    assert read_figures(report) == Figures(1234, 1953.125, 0.512)


@pytest.mark.skipif(not can_measure(), reason="this kernel keeps no scheduler statistics")
def test_processor_time_of_a_family_counts_its_dead() -> None:
    begun = spent_by(os.getpid())
    child = os.fork()
    if child == 0:
        ends_at = time.process_time() + 0.1
        while time.process_time() < ends_at:
            pass
        os._exit(0)
    os.waitpid(child, 0)

    assert 90_000_000 <= spent_by(os.getpid()) - begun <= 1_000_000_000


@pytest.mark.parametrize(("rates", "is_noisy"), [((90, 100, 110), False), ((80, 100, 110), True)])
def test_restless_control_makes_a_figure_noisy(rates: tuple[int, ...], is_noisy: bool) -> None:
    samples = [Sample(1, rate, 1.0, 1.0) for rate in rates]

    assert Result("x", 1, {STATIC: samples}).is_noisy(STATIC) is is_noisy


@pytest.mark.parametrize(
    ("amount", "basis_points", "expected"),
    [(10_000, 500, 500), (50, 100, 0), (150, 100, 2), (151, 100, 2), (250, 100, 2), (249, 100, 2)],
)
def test_share_is_rounded_half_to_even(amount: int, basis_points: int, expected: int) -> None:
    assert share(amount, basis_points) == expected


def test_same_sizes_make_the_same_world() -> None:
    first, again = plan_world(SMALL), plan_world(SMALL)
    assert first == again
