"""Whoever is killed with -9, wherever: the story resumes and ends in the same books.

`PROOF_SEED=n` chooses other points and passings.
"""

import asyncio
import faulthandler
import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.database.cluster import Cluster
from tests.journeys.books import differences
from tests.journeys.points import POINTS, Kill, Point
from tests.journeys.stage import Ended, Stage, open_stage
from tests.journeys.workload import play_one_order

SEED = 20_260_315
CHOICES_MAX = 2
RUNS_AT_ONCE = 4
ORDERS = "supplier orders"
DEATH = -9


def choose_points(rng: random.Random, *, full: bool) -> list[Point]:
    """All of them, or one of the server's and one of the worker's or a double's."""
    if full:
        return list(POINTS)
    ours = [one for one in POINTS if one.process == "server"]
    others = [one for one in POINTS if one.process != "server"]
    return [rng.choice(ours), rng.choice(others)]


def run_with(stage: Stage, point: Point, rng: random.Random) -> tuple[Kill, Ended]:
    """Play the story with one kill; a run in which it did not land is void and repeated."""
    for choice in range(CHOICES_MAX):
        kill = point.choose(rng, is_first=choice == 0)
        ended = stage.run(**kill.order())
        if ended.deaths == [(point.process, DEATH)]:
            return kill, ended
        assert ended.deaths == [], f"{kill}: others died: {ended.deaths}"
        print(f"void: {kill} did not land")
    raise AssertionError(f"{point.name} is not passed in the story")


def try_points(
    cluster: Cluster, folder: Path, template: str, points: list[Point], seed: int
) -> list[str]:
    """Play the story undisturbed, then with one kill at each point; tells what differs."""
    with (
        open_stage(cluster, folder, template) as stage,
        ThreadPoolExecutor(RUNS_AT_ONCE) as runs,
    ):
        planted = runs.submit(
            stage.run,
            plant="tests.journeys.planted",
            crash=("worker", "redemption.ordered"),
            story=play_one_order,
        )
        undisturbed = runs.submit(stage.run)
        tried = [
            runs.submit(run_with, stage, point, random.Random(f"{seed} {point.name}"))
            for point in points
        ]
        reference = undisturbed.result()
        assert reference.deaths == []
        wrong = []
        for kill, ended in (one.result() for one in tried):
            print(f"killed {kill}: {ended.resent} sent again, {ended.seconds:.1f} s")
            wrong += [
                f"killed {kill}: {one}" for one in differences(reference.outcome, ended.outcome)
            ]
        assert planted.result().deaths == [("worker", DEATH)]
        doubled = differences(
            {ORDERS: reference.outcome[ORDERS]}, {ORDERS: planted.result().outcome[ORDERS]}
        )
        assert len(doubled) == 1, f"a card that was ordered twice was not noticed: {doubled}"
    return wrong


@pytest.mark.proof
async def test_a_killed_process_resumes_and_ends_in_the_same_books(
    cluster: Cluster,
    template: str,
    tmp_path: Path,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    if full_counts:
        faulthandler.cancel_dump_traceback_later()  # all points take longer than a test that hangs
    seed = int(os.environ.get("PROOF_SEED", SEED))
    points = choose_points(random.Random(seed), full=full_counts)
    wrong = await asyncio.to_thread(try_points, cluster, tmp_path, template, points, seed)
    assert wrong == [], f"seed {seed}"
    tell_proof(
        f"kill: seed {seed}, {len(points)} of {len(POINTS)} points killed at, every one ended in"
        " the books of the undisturbed run; a planted double order was seen"
    )
