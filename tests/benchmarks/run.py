"""One run: ground, parity, the statements behind each operation, the rounds, the invariants."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from joserfc.jwk import ECKey
from rich.console import Console

from api.auth import open_signing_keys
from api.cli.process import POOL_SIZE
from tests.benchmarks.books.figures import Books, measure_books
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.capture import Recorder, Statement
from tests.benchmarks.ground import Ground, Server, empty_folder, prepared_ground, running_server
from tests.benchmarks.invariants import require_invariants
from tests.benchmarks.measure import (
    Contender,
    Plan,
    Result,
    Sample,
    alternate,
    load,
    sample_of,
    with_cpu,
)
from tests.benchmarks.operation import Asker, Operation
from tests.benchmarks.pgbench import Pgbench
from tests.benchmarks.register import Issuer
from tests.benchmarks.script import Script, parameter_types, write_script
from tests.benchmarks.server import RunningClock
from tests.benchmarks.world import NOW, Sizes, World, plan_world

ISSUER = "http://mizan.bench"
APP, STATIC, SQL = "mizan", "static bytes", "pgbench"
SCRIPTS_MAX = 8
WARM_UP_TIMES = 6

Operations = Callable[[World], Sequence[Operation]]


@dataclass
class Outcome:
    """What a run found."""

    sizes: Sizes
    plan: Plan
    results: list[Result] = field(default_factory=list)
    statements: dict[str, int] = field(default_factory=dict)
    """How many statements each operation issues."""
    bytes: dict[str, int] = field(default_factory=dict)
    """How large each operation's answer is."""
    postgres: str = ""
    load_before: float = 0.0
    load_after: float = 0.0
    seconds: float = 0.0
    books: Books | None = None


def run(
    folder: Path,
    sizes: Sizes,
    plan: Plan,
    operations: Operations,
    console: Console,
    *,
    book_sizes: BookSizes | None = None,
) -> Outcome:
    """Measure the operations in a new world under `folder`; raises at the first wrong answer.

    Then the ledger, in books of `book_sizes`.
    """
    begun = time.monotonic()
    load_before = os.getloadavg()[0]
    world = plan_world(sizes)
    console.print(f"world: {sizes}")
    with (
        prepared_ground(folder, world, processes=os.cpu_count() or 1) as ground,
        Bench(folder, world, ground, console) as bench,
    ):
        outcome = bench.measure(operations(world), plan)
    if book_sizes is not None:
        outcome.books = measure_books(folder, book_sizes, console)
    outcome.load_before, outcome.load_after = load_before, os.getloadavg()[0]
    outcome.seconds = time.monotonic() - begun
    return outcome


class Bench:
    """The application running over a world that nobody else changes."""

    def __init__(self, folder: Path, world: World, ground: Ground, console: Console) -> None:
        self._folder = folder
        self._world = world
        self._ground = ground
        self._console = console
        self._stack = ExitStack()
        self._written = 0
        self._clock = RunningClock(None, NOW.isoformat(), time.monotonic())
        brand_key = ECKey.generate_key("P-256", auto_kid=True)
        self._keys = empty_folder(folder / "keys")
        self._brand_jwk = brand_key.as_dict(private=False)
        self._issuer = Issuer(
            open_signing_keys(self._keys),
            brand_key,
            issuer=ISSUER,
            network_id=world.network_id,
            clock=self._clock,
        )

    def __enter__(self) -> Self:
        config: dict[str, Any] = {
            "origin": self._clock.origin,
            "origin_monotonic": self._clock.origin_monotonic,
            "issuer": ISSUER,
            "keys": str(self._keys),
            "network_id": self._world.network_id,
            "brand_jwk": self._brand_jwk,
            "database_url": self._ground.application_url,
            "pool_size": POOL_SIZE,
        }
        self._app = self._stack.enter_context(running_server(self._folder, "app", config))
        self._asker = Asker(self._app.port, self._issuer)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def measure(self, operations: Sequence[Operation], plan: Plan) -> Outcome:
        """Check every answer, then capture and measure, then check the books.

        Raises ParityFailed before anything is timed, and InvariantBroken.
        """
        outcome = Outcome(self._world.sizes, plan)
        answers = empty_folder(self._folder / "answers")
        for operation in operations:
            # Counted first: an answer that is not the right one has been written all the same.
            self._count(operation, len(operation.asked))
            said = self._asker.require_parity(operation)
            (answers / operation.slug).write_bytes(said)
            outcome.bytes[operation.name] = len(said)
        self._console.print("parity: every answer is what the world says")
        with running_server(self._folder, "static", {"answers": str(answers)}) as static:
            for operation in operations:
                scripts = asyncio.run(self._capture(operation, outcome))
                self._console.print(f"measuring: {operation.name}")
                contenders = self._contenders(operation, plan, static, scripts)
                outcome.results += alternate(operation.name, contenders, plan)
        asyncio.run(require_invariants(self._ground, self._world, written=self._written))
        self._console.print("invariants: the books balance, and hold what was acknowledged")
        return outcome

    def _count(self, operation: Operation, times: int) -> None:
        if operation.is_write:
            self._written += times

    async def _capture(self, operation: Operation, outcome: Outcome) -> list[Script]:
        superuser = await self._ground.connect(self._ground.superuser_url)
        outcome.postgres = await superuser.fetchval("SHOW server_version")
        chosen = operation.asked[:SCRIPTS_MAX]
        for asked in chosen * WARM_UP_TIMES:  # until the service knows what it can know of each
            self._asker.ask(operation, asked)
        self._count(operation, len(chosen) * WARM_UP_TIMES)
        captured: list[tuple[list[Statement], list[Statement]]] = []
        async with Recorder(superuser, self._ground.log) as recorder:
            for asked in chosen:

                async def act(asked: Any = asked) -> None:
                    self._asker.ask(operation, asked)

                captured.append((await recorder.record(act), await recorder.record(act)))
        self._count(operation, 2 * len(chosen))
        await superuser.close()
        outcome.statements[operation.name] = len(captured[0][0])
        types = await parameter_types(self._ground, [one for pair in captured for one in pair[0]])
        return [write_script(f"s{number}", *pair, types) for number, pair in enumerate(captured)]

    def _contenders(
        self, operation: Operation, plan: Plan, static: Server, scripts: Sequence[Script]
    ) -> dict[str, Contender]:
        app, postmaster = self._app, self._ground.postmaster
        pgbench = Pgbench(
            self._ground.application_url, self._folder / "pgbench" / operation.slug, scripts
        )
        pgbench.write()

        def ask_app(connections: int) -> Sample:
            def act() -> tuple[int, Sample]:
                seen = load(
                    port=app.port,
                    requests=operation.requests(self._issuer),
                    must_contain=operation.must_contain,
                    connections=connections,
                    plan=plan,
                )
                self._count(operation, seen.acknowledged)
                return seen.acknowledged, sample_of(seen)

            return with_cpu({"server_us": app.pid, "postgres_us": postmaster}, act)

        def ask_static(connections: int) -> Sample:
            def act() -> tuple[int, Sample]:
                seen = load(
                    port=static.port,
                    requests=operation.requests(self._issuer, path=f"/{operation.slug}"),
                    must_contain=operation.must_contain,
                    connections=connections,
                    plan=plan,
                )
                return seen.acknowledged, sample_of(seen)

            return with_cpu({"server_us": static.pid}, act)

        def ask_postgres(connections: int) -> Sample:
            def act() -> tuple[int, Sample]:
                figures = pgbench.run(
                    clients=connections,
                    seconds=max(1, round(plan.seconds)),
                    transactions=plan.transactions,
                )
                self._count(operation, figures.transactions)
                sample = Sample(figures.transactions, figures.per_second, figures.latency_ms, None)
                return figures.transactions, sample

            return with_cpu({"postgres_us": postmaster}, act)

        return {APP: ask_app, STATIC: ask_static, SQL: ask_postgres}
