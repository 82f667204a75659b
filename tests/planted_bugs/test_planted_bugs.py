"""The suite is tried on mistakes that somebody could make: each must be seen by its tests."""

import hashlib
import random
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from tests.conftest import ROOT, schema_digest
from tests.planted_bugs.bug import Bug
from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.copies import Verdict, copy_project, ends_rightly, plant, run_tests

pytestmark = pytest.mark.proof

SAMPLE = 4
AT_ONCE = 2
WAIT_SECONDS_MAX = 900


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bug" in metafunc.fixturenames:
        chosen = BUGS if metafunc.config.getoption("--full-counts") else _sample()
        metafunc.parametrize("bug", chosen, ids=[bug.name for bug in chosen])


def _sample() -> list[Bug]:
    """Draw by the state of the code that the bugs are in: each change of it draws anew."""
    digest = hashlib.sha256()
    for file in sorted({edit.file for bug in BUGS for edit in bug.edits}):
        digest.update((ROOT / file).read_bytes())
    drawn = random.Random(digest.digest()).sample(BUGS, SAMPLE)
    return sorted(drawn, key=BUGS.index)


class Trial:
    """The chosen bugs, each tried in its own copy, a few at a time; first the tests without any."""

    def __init__(self, bugs: list[Bug], folder: Path, pool: ThreadPoolExecutor) -> None:
        self.bugs = bugs
        self.folder = folder
        self.caught: set[str] = set()
        plain = copy_project(folder / "plain")
        tests = sorted({test for bug in bugs for test in bug.tests})
        self.sound: Future[list[Verdict]] = pool.submit(run_tests, plain, tests)
        self.runs: dict[str, Future[list[Verdict]]] = {
            bug.name: pool.submit(self._try, bug, plain) for bug in bugs
        }

    def copy_of(self, bug: Bug) -> Path:
        return self.folder / bug.name

    def _try(self, bug: Bug, plain: Path) -> list[Verdict]:
        return run_tests(plant(bug, plain, self.copy_of(bug)), bug.tests)


@pytest.fixture(scope="module")
async def trial(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Trial]:
    chosen: list[Any] = [
        item.callspec.params["bug"]
        for item in request.session.items
        if item.path == request.path and isinstance(item, pytest.Function)
        if hasattr(item, "callspec")
    ]
    pool = ThreadPoolExecutor(AT_ONCE)
    made = Trial(chosen, tmp_path_factory.mktemp("planted"), pool)
    yield made
    pool.shutdown(cancel_futures=True)
    await _drop_templates(made, cluster)
    shutil.rmtree(made.folder)


def test_a_planted_bug_is_caught(trial: Trial, bug: Bug) -> None:
    sound = trial.sound.result(WAIT_SECONDS_MAX)
    without = [one for one in sound if one.test in bug.test_names]
    assert {one.test for one in without} == bug.test_names
    assert [one for one in without if one.says] == []

    verdicts = trial.runs[bug.name].result(WAIT_SECONDS_MAX)
    seen = [one for one in verdicts if one.says]
    assert {one.test for one in seen} == bug.test_names, f"survived: {bug.breaks}"
    wrong = [one.says for one in seen if not ends_rightly(one, bug)]
    assert wrong == [], "the test broke instead of seeing the bug"
    trial.caught.add(bug.name)


def test_no_planted_bug_survives(trial: Trial, tell_proof: Callable[[str], None]) -> None:
    planted, caught = len(trial.bugs), len(trial.caught)
    tell_proof(f"planted bugs: {planted} planted, {caught} caught, {planted - caught} survived")
    assert caught == planted


async def _drop_templates(trial: Trial, cluster: Cluster) -> None:
    """Leave no template database of a schema that has a bug in it."""
    copies = [trial.copy_of(bug) for bug in trial.bugs]
    digests = {schema_digest(copy) for copy in copies if copy.exists()} - {schema_digest(ROOT)}
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with admin.connect() as db:
        for digest in sorted(digests):
            name = f"template_{digest}"
            found = await db.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
            )
            if found.scalar() is not None:
                await db.execute(text(f'ALTER DATABASE "{name}" IS_TEMPLATE false'))
                await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await admin.dispose()
