"""Whoever is killed with -9, wherever: the story resumes and ends in the same books."""

import asyncio
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from api.database.cluster import Cluster
from tests.journeys.points import POINTS, Kill, Point
from tests.journeys.stage import Ended, Stage, compare, open_stage

SEED = 20_260_315
CHOICES_MAX = 2
DEATH = -9


def choose_points(rng: random.Random, *, full: bool) -> list[Point]:
    """All of them, or one of the server's, or of the worker's and the doubles'."""
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
) -> str:
    rng = random.Random(seed)
    with open_stage(cluster, folder, template) as stage:
        reference = stage.run()
        assert reference.deaths == []
        for point in points:
            kill, ended = run_with(stage, point, rng)
            found = compare(reference, ended)
            print(f"killed {kill}: {ended.resent} sent again, {ended.seconds:.1f} s")
            assert found == [], f"seed {seed}, killed {kill}:\n" + "\n".join(found)
        planted = stage.run(plant="tests.journeys.planted", crash=("worker", "redemption.ordered"))
        assert planted.deaths == [("worker", DEATH)]
        doubled = compare(reference, planted)
        assert [line.split(" {")[0] for line in doubled] == ["supplier orders: has instead"]
    return (
        f"kill: seed {seed}, {len(points)} of {len(POINTS)} points killed at, every one ended in"
        " the books of the undisturbed run; a planted double order was seen"
    )


@pytest.mark.proof
async def test_a_killed_process_resumes_and_ends_in_the_same_books(
    cluster: Cluster,
    template: str,
    tmp_path: Path,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    seed = int(os.environ.get("PROOF_SEED", SEED))
    points = choose_points(random.Random(seed), full=full_counts)
    tell_proof(await asyncio.to_thread(try_points, cluster, tmp_path, template, points, seed))
