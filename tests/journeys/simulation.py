"""Server, worker and both doubles in one process, over a clock that stands until it is moved.

Nobody acts unless told to, and one at a time: what happens is the scheduler's choice alone. A
crash is raised at a named point instead of killing: the transaction is rolled back by the server,
what was kept in memory is dropped, and the part is opened anew.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx2
from joserfc.jwk import ECKey

from api import crash
from api.app import create_app
from api.auth import sign_member_token
from api.cli.process import _open_world
from api.cli.runtime import Runtime, open_runtime
from api.clock import Clock
from api.directories import DatabaseDirectories
from api.doubles import (
    reloadly_app,
    stripe_app,
    stripe_control,
    stripe_delivery,
    stripe_progress,
    stripe_store,
)
from api.settings import Settings, SupplierSettings
from api.worker.books import BooksWatch
from api.worker.heartbeat import heartbeat_of
from api.worker.loop import Worker
from api.worker.partitions import PartitionsAhead
from api.worker.registry import DUE, make_schedule
from api.worker.schedule import Round, Schedule
from api.worker.unsealed import UnsealedAges
from api.worker.world import World
from tests.conftest import NOW
from tests.graphql_client import serving

URL = "http://mizan.test"
WEBHOOK_SECRET = "whsec_simulation"
ROUNDS = tuple(
    one.name for one in make_schedule(UnsealedAges(), BooksWatch(), PartitionsAhead()).rounds
)
WATCHES = ("unsealed", "books")
"""Rounds that only look."""
TASKS = (*DUE, *(one for one in ROUNDS if one not in WATCHES))


class Crashed(BaseException):
    """The process would be dead by now."""


class _Whichever(str):
    """The name of whichever point is passed next."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


class _Fallen(Exception):
    """A double died in the middle of a request."""


class Line(httpx2.AsyncBaseTransport):
    """The way to the server: it may lose a question or an answer, and ends when the server dies."""

    def __init__(self, simulation: "Simulation") -> None:
        self.simulation = simulation
        self.cut: str = ""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        cut, self.cut = self.cut, ""
        if cut == "question":
            raise httpx2.ConnectError("cut")
        inner = httpx2.ASGITransport(app=self.simulation.app)
        asked = asyncio.ensure_future(inner.handle_async_request(request))
        died = asyncio.ensure_future(self.simulation.died.wait())
        await asyncio.wait([asked, died], return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        if self.simulation.died.is_set():
            asked.cancel()
            with suppress(BaseException):
                await asked
            await self.simulation.open_server()
            raise httpx2.ReadError("the server died")
        if cut == "answer":
            with suppress(Exception):
                asked.result()
            raise httpx2.ReadError("cut")
        return asked.result()


@dataclass
class Simulation:
    """Everything that runs."""

    folder: Path
    runtime: Runtime
    world: World
    settings: Settings
    stripe_url: str
    reloadly_url: str
    app: Any = None
    died: asyncio.Event = field(default_factory=asyncio.Event)
    crashes: int = 0
    passings_left: int = 0
    died_at: str = ""
    http: httpx2.AsyncClient = field(default_factory=lambda: httpx2.AsyncClient(trust_env=False))

    def __post_init__(self) -> None:
        self.line = Line(self)
        self.caller = httpx2.AsyncClient(transport=self.line, base_url=URL)
        self.store = stripe_store.Store(self.folder / "stripe")
        self.deliverer = stripe_delivery.Deliverer(
            self.store, self.clock, WEBHOOK_SECRET, asyncio.Event()
        )

    @property
    def clock(self) -> Clock:
        return self.runtime.clock

    async def open_server(self) -> None:
        """Start a server that remembers nothing."""
        self.died.clear()
        crash._Armed.name = None
        self.app = create_app(
            database=self.runtime.database,
            settings=self.settings,
            clock=self.clock,
            keys=self.runtime.keys,
            directories=DatabaseDirectories(self.runtime.database, self.clock),
            vault=self.world.vault,
        )

    def arm_server(self, passing: int) -> None:
        """Let the server die at a point that it passes in what it is asked next."""
        crash._Armed.name, crash._Armed.passings_left = _Whichever(), passing

    def pass_point(self, name: str) -> None:
        """A worker's point: it dies at the one that it was told to count down to."""
        if self.passings_left:
            self.passings_left -= 1
            if not self.passings_left:
                self.died_at = name
                self.crashes += 1
                raise Crashed

    def die(self, *_: object) -> None:
        self.crashes += 1
        self.died.set()
        raise Crashed

    async def work(self, task: str) -> int:
        """Let a worker that remembers nothing do one kind of due work, or one round."""
        if task in DUE:
            schedule = Schedule(due={task: DUE[task]})
        else:
            known = make_schedule(UnsealedAges(), BooksWatch(), PartitionsAhead()).rounds
            (found,) = [one for one in known if one.name == task]
            schedule = Schedule(
                rounds=(Round(task, found.job, 0.0, is_platform_wide=found.is_platform_wide),)
            )
        worker = Worker(self.world, schedule, heartbeat_of(self.folder), _unknown=set(DUE))
        return await worker.once()

    def bank(self) -> int:
        """Let the banks do what is due."""
        return stripe_progress.do_due(self.store, int(self.clock.now().timestamp()))

    async def deliver(self) -> bool:
        """Let the provider send what it has to tell."""
        return await self.deliverer._deliver_batch(self.caller)

    def move_clock(self, by: timedelta) -> None:
        at = self.clock.now() + by
        assert self.clock.file is not None
        self.clock.file.write_text(at.isoformat())

    async def play(self, name: str, act: str, **fields: Any) -> Any:
        """Have something happen at a double."""
        url = self.stripe_url if name == "stripe" else self.reloadly_url
        answer = await self.http.post(f"{url}/_control/{act}", json=fields)
        return answer.raise_for_status().json()

    async def look_at(self, name: str, what: str) -> Any:
        url = self.stripe_url if name == "stripe" else self.reloadly_url
        return (await self.http.get(f"{url}/_control/{what}")).json()

    async def close(self) -> None:
        await self.http.aclose()
        await self.caller.aclose()
        self.store.close()


def settings_of(folder: Path, urls: tuple[str, str], doubles: tuple[str, str]) -> Settings:
    return Settings(
        data_dir=folder,
        database_url=urls[0],
        migrator_url=urls[1],
        clock_file=folder / "clock",
        issuer=URL,
        stripe_api_key="sk_test_double",
        stripe_api_base=doubles[0],
        stripe_webhook_secrets=(WEBHOOK_SECRET,),
        suppliers={
            "reloadly": SupplierSettings(
                reloadly_app.CLIENT_ID, reloadly_app.CLIENT_SECRET, doubles[1], doubles[1]
            )
        },
    )


@asynccontextmanager
async def simulation_of(folder: Path, urls: tuple[str, str]) -> AsyncIterator[Simulation]:
    """Open everything on a folder and a database that are there, or begin them."""
    folder.mkdir(parents=True, exist_ok=True)
    clock_file = folder / "clock"
    if not clock_file.exists():
        clock_file.write_text(NOW.isoformat())
    clock = Clock(clock_file)
    async with AsyncExitStack() as stack:
        stack.enter_context(_standing(clock))
        stripe = stripe_app.create_app(
            folder / "stripe",
            webhook_url=f"{URL}/webhooks/stripe",
            webhook_secret=WEBHOOK_SECRET,
            clock=clock,
        )
        reloadly = reloadly_app.create_app(folder / "reloadly", clock)
        doubles = (
            await stack.enter_async_context(serving(_still(stripe))),
            await stack.enter_async_context(serving(_still(reloadly))),
        )
        settings = settings_of(folder, urls, doubles)
        runtime = await stack.enter_async_context(open_runtime(settings, pool_size=4))
        world = await stack.enter_async_context(_open_world(runtime, settings))
        world.rail._retries_max = 0  # type: ignore[attr-defined]
        one = Simulation(folder, runtime, world, settings, *doubles)
        one.world = replace(world, crash=one.pass_point)
        stack.enter_context(patch.object(crash, "os", SimpleNamespace(kill=one.die, getpid=int)))
        await one.open_server()
        try:
            yield one
        finally:
            await one.close()


def _still(app: Any) -> Any:
    """The application without what it would begin by itself."""

    async def still(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise _Fallen
        await app(scope, receive, send)

    return still


@contextmanager
def _standing(clock: Clock) -> Iterator[None]:
    """The doubles' own pauses go by the simulation's clock, and they die without a trace."""
    time = SimpleNamespace(time=lambda: clock.now().timestamp())

    def fall() -> None:
        raise _Fallen

    with ExitStack() as stack:
        for module in (stripe_store, stripe_control, stripe_progress, stripe_delivery):
            stack.enter_context(patch.object(module, "time", time))
        for module in (stripe_app, reloadly_app):
            stack.enter_context(patch.object(module, "_die", fall))
        yield


@dataclass
class Caller:
    """Somebody who asks the server under a token."""

    simulation: Simulation
    name: str
    record: dict[str, Any]
    kind: str
    token: str = ""
    until: datetime = NOW - timedelta(days=9999)

    async def post(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Ask once; raises TransportError when there is no answer."""
        if self.simulation.clock.now() >= self.until:
            await self._enter()
        answer = await self._ask(document, variables)
        if answer.status_code == 401:  # the clock went back: the token is of the future
            await self._enter()
            answer = await self._ask(document, variables)
        body: dict[str, Any] = answer.json()
        assert answer.status_code == 200, answer.text
        assert not body.get("errors"), body
        return body["data"]

    async def _ask(self, document: str, variables: dict[str, Any]) -> httpx2.Response:
        return await self.simulation.caller.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"authorization": f"Bearer {self.token}"},
        )

    async def _enter(self) -> None:
        now = self.simulation.clock.now()
        if self.kind == "member":
            key = self.record["brand_key"]
            self.token = sign_member_token(
                ECKey.import_key(key),
                kid=key["kid"],
                issuer=URL,
                external_id=self.record["external_id"],
                now=now,
            )
        else:
            answer = await self.simulation.caller.post(
                "/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(self.record["client_id"], self.record["client_secret"]),
            )
            self.token = answer.json()["access_token"]
        self.until = now + timedelta(minutes=4)
