"""Seeds of a whole world in one process: whatever happens when, it ends in sound books.

`PROOF_SEED=n` lives that one seed.
"""

import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from api.database.cluster import Cluster
from tests.conftest import _run
from tests.journeys.invariants import broken_promises
from tests.journeys.simulated_life import Life
from tests.journeys.simulation import simulation_of
from tests.journeys.simulator_seeds import KEPT

SEEDS, SEEDS_FULL = range(1, 2), range(1, 301)
TURNS = 50

Lived = tuple[Life, list[str]]
Live = Callable[..., Awaitable[Lived]]


@pytest.fixture
async def live(cluster: Cluster, template: str, tmp_path: Path) -> Live:
    admin = cluster.url(user="postgres", database="postgres")

    async def one(seed: int, turns: int = TURNS, *, ends: bool = True) -> Lived:
        name = f"test_{secrets.token_hex(6)}"
        await _run(admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        urls = tuple(cluster.url(user=who, database=name) for who in ("mizan_app", "postgres"))
        life = None
        try:
            async with simulation_of(tmp_path / name, urls) as simulation:  # type: ignore[arg-type]
                life = Life(simulation, seed)
                await life.prepare()
                await life.live(turns)
                if not ends:
                    return life, []
                await life.calm_down()
                wrong = await life.wrong()
                now = simulation.clock.now()
            broken = await broken_promises(cluster, name, now)
        except Exception as error:
            error.add_note("\n".join(life.told if life else []))
            error.add_note(f"again: PROOF_SEED={seed} pytest tests/journeys/test_simulator.py")
            raise
        finally:
            await _run(admin, f'DROP DATABASE "{name}" WITH (FORCE)')
        return life, wrong + [str(row) for row in broken]

    return one


@pytest.mark.proof
async def test_whatever_happens_when_the_books_are_sound_and_everything_is_done_once(
    live: Live,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    given = os.environ.get("PROOF_SEED")
    seeds = [int(given)] if given else [*KEPT, *(SEEDS_FULL if full_counts else SEEDS)]
    acts = crashes = 0
    for seed in dict.fromkeys(seeds):
        life, wrong = await live(seed)
        again = f"again: PROOF_SEED={seed} pytest tests/journeys/test_simulator.py"
        assert wrong == [], "\n".join([*life.told, *wrong, again])
        acts += sum(one.is_done for one in life.acts)
        crashes += life.simulation.crashes
    tell_proof(
        f"simulator: {len(set(seeds))} seeds of {TURNS} turns, {acts} acts done once each,"
        f" {crashes} crashes, provider and books agree, 0 open"
    )


async def test_the_same_seed_is_the_same_life(live: Live) -> None:
    lives = [(await live(7, turns=12, ends=False))[0].told for _ in range(2)]
    assert lives[0] == lives[1]
