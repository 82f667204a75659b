"""Whatever is asked of the ledger in any order, it answers and keeps what a small model says.

`PROOF_SEED=n` tries other lives; a failure prints its steps, to be kept in `machine_cases`.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from api.database.engine import open_engine
from api.database.transaction import Database
from tests.conftest import NOW
from tests.journeys.invariants import broken_promises
from tests.payouts.ledger import ledger_steps as steps
from tests.payouts.ledger.ledger_life import Life
from tests.payouts.ledger.machine_cases import CASES

SEED = 1
LIVES, LIVES_FULL = 15, 1_000
STEPS, STEPS_FULL = 30, 60
TRIES = 60

_MINORS = st.one_of(
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from([0, -7, 2**31, 2**62, 2**63 - 1, -(2**63) + 1, 2**63, 2**64, -(2**63)]),
)
_PARTS = st.lists(
    st.tuples(
        st.integers(1, 40), st.integers(0, 3), st.integers(0, 2), st.sampled_from([0, 1, 3, 40])
    ),
    max_size=3,
).map(tuple)
_PLACES = st.integers(0, 30)
_ITEMS = st.builds(
    steps.Item,
    shape=st.sampled_from(["earn", "pend", "confirm", "mirror", *steps.SHAPES]),
    minor=_MINORS,
    parts=_PARTS,
    days=st.sampled_from([0, 0, 0, -1, -20, -45, -80, 20]),
    back=st.none() | _PLACES,
    link=st.sampled_from(["reverses", "restores", "both"]),
    flaw=st.sampled_from(["", "", "", "", "", "", "", "", *steps.FLAWS]),
    again=st.none() | st.none() | st.none() | _PLACES,
    other=st.booleans(),
)
_AGAIN = st.none() | st.none() | _PLACES
_ACTORS = st.integers(0, 1)


class Room:
    """One database and one loop, for all lives of a test."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster, self.name = cluster, name
        # A loop of its own: the rules of a machine cannot wait.
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.database = Database(
            open_engine(cluster.url(user="mizan_app", database=name), pool_size=1)
        )
        self._engine = create_async_engine(
            cluster.url(user="postgres", database=name),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        self.superuser: AsyncConnection = self.runner.run(self._connect())
        self.seen: set[str] = set()
        self.lives = self.steps = 0
        self.failed: list[steps.Step] = []

    async def _connect(self) -> AsyncConnection:
        return await self._engine.connect()

    def begin(self) -> Life:
        self.lives += 1
        life = Life(self.database, self.superuser, seen=self.seen)
        self.runner.run(life.open())
        return life

    def do(self, life: Life, step: steps.Step) -> None:
        self.steps += 1
        self.runner.run(life.do(step))

    def end(self, life: Life) -> None:
        """All sealed and folded it still says the same."""
        for last in (steps.Seal(), steps.FoldSome(10_000), steps.LookBack(100, 1)):
            self.do(life, last)

    def fails(self, life: list[steps.Step]) -> bool:
        one = self.begin()
        try:
            for step in life:
                self.do(one, step)
        except Exception:  # noqa: BLE001 -- whatever it is, the life is one to keep
            return True
        return False

    def shortened(self) -> list[steps.Step]:
        """The steps that failed, without those that need not be, as far as few tries tell."""
        left, tries = self.failed, 0
        size = max(1, len(left) // 2)
        while size and tries < TRIES:
            at = 0
            while at < len(left) and tries < TRIES:
                tries += 1
                fewer = left[:at] + left[at + size :]
                left, at = (fewer, at) if self.fails(fewer) else (left, at + size)
            size //= 2
        return left

    def broken(self) -> list[object]:
        return self.runner.run(broken_promises(self.cluster, self.name, NOW))

    def close(self) -> None:
        self.runner.run(self.superuser.close())
        self.runner.run(self._engine.dispose())
        self.runner.run(self.database.engine.dispose())
        self.runner.close()


@pytest.fixture
def room(cluster: Cluster, database_name: str) -> Iterator[Room]:
    one = Room(cluster, database_name)
    yield one
    one.close()


class Machine(RuleBasedStateMachine):
    room: ClassVar[Room]

    def __init__(self) -> None:
        super().__init__()
        self.life = self.room.begin()
        self.done: list[steps.Step] = []

    def _do(self, step: steps.Step) -> None:
        self.done.append(step)
        try:
            self.room.do(self.life, step)
        except Exception:
            self.room.failed = list(self.done)
            raise

    @rule(item=_ITEMS)
    def post_one(self, item: steps.Item) -> None:
        self._do(steps.Post((item,)))

    @rule(minor=st.integers(5, 60), parts=_PARTS, shape=st.sampled_from(["earn", "pend"]))
    def earn(self, minor: int, parts: tuple, shape: str) -> None:
        self._do(steps.Post((steps.Item(shape, minor, parts),)))

    @rule(items=st.lists(_ITEMS, min_size=1, max_size=7).map(tuple))
    def post_many(self, items: tuple[steps.Item, ...]) -> None:
        self._do(steps.Post(items))

    @rule(back=_PLACES, minor=st.sampled_from([0, 0, 1, 5, 30]), days=st.sampled_from([0, -20]))
    def take_back(self, back: int, minor: int, days: int) -> None:
        item = steps.Item("mirror", minor, (), days, back, "both")
        self._do(steps.Post((item,)))

    @rule(account=st.sampled_from([2, 3, 4, 5, 5, 5, 6, 0]), minor=_MINORS, again=_AGAIN)
    def place(self, account: int, minor: int, again: int | None) -> None:
        self._do(steps.Place(account, minor, again))

    @rule(
        hold=_PLACES,
        kind=st.sampled_from(["captured", "voided", "expired"]),
        minor=st.none() | _MINORS,
        again=_AGAIN,
    )
    def resolve(self, hold: int, kind: str, minor: int | None, again: int | None) -> None:
        self._do(steps.Resolve(hold, kind, minor, again))

    @rule(hours=st.sampled_from([1, 30, 80, 800]))
    def wait(self, hours: int) -> None:
        self._do(steps.Wait(hours))
        self._do(steps.Expire())

    @rule(ago=st.integers(0, 2), status=st.sampled_from(["soft", "closed"]), actor=_ACTORS)
    def close(self, ago: int, status: str, actor: int) -> None:
        self._do(steps.Close(ago, status, actor))

    @rule(account=st.integers(0, 8), is_frozen=st.booleans())
    def freeze(self, account: int, is_frozen: bool) -> None:
        self._do(steps.Freeze(account, is_frozen))

    @rule(limit=st.sampled_from([1, 3, 100]))
    def seal_and_fold(self, limit: int) -> None:
        self._do(steps.Seal())
        self._do(steps.FoldSome(limit))

    @rule(effective=st.integers(-60, 10), recorded=st.integers(-40, 1))
    def look_back(self, effective: int, recorded: int) -> None:
        self._do(steps.LookBack(effective, recorded))

    def teardown(self) -> None:
        self.room.end(self.life)


@pytest.mark.proof
def test_the_ledger_does_what_the_model_does(
    room: Room, full_counts: bool, tell_proof: Callable[[str], None]
) -> None:
    number = int(os.environ.get("PROOF_SEED", SEED))
    counts = settings(
        max_examples=LIVES_FULL if full_counts else LIVES,
        stateful_step_count=STEPS_FULL if full_counts else STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # each try costs a book: `shortened` does with few
        report_multiple_bugs=False,
        print_blob=False,
    )
    machine = seed(number)(type("Machine", (Machine,), {"room": room}))
    try:
        run_state_machine_as_test(machine, settings=counts)
    except Exception as error:
        error.add_note(f"to be kept in machine_cases: {room.shortened()!r}")
        error.add_note(f"again: PROOF_SEED={number} pytest {__file__} -k does_what_the_model_does")
        raise
    assert room.broken() == []
    tell_proof(
        f"ledger and model: seed {number}, {room.lives} lives of {room.steps} steps,"
        f" {len(room.seen)} kinds of answers, 0 differences"
    )


@pytest.mark.parametrize("name", CASES)
def test_a_life_that_once_differed(room: Room, name: str) -> None:
    life = room.begin()
    for step in CASES[name]:
        room.do(life, step)
    room.end(life)
    assert room.broken() == []
