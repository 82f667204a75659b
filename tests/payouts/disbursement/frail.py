"""A bank whose worker can die anywhere, and whose provider does nothing unless it is told to.

It dies at a named point, or when a transaction is about to be committed: then all that it wrote is
rolled back, though the provider may have acted already. What is dead reaches nothing any more.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import httpx2
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette

from api.clock import Clock
from api.database.transaction import Database, Scope
from api.doubles.stripe_app import create_app
from api.doubles.stripe_delivery import Deliverer
from api.doubles.stripe_progress import do_due
from api.doubles.stripe_store import Store
from api.http.stripe_webhook import stripe_webhook_route
from api.worker.jobs import claimed, sweeping
from tests.conftest import NOW
from tests.payouts.disbursement.world import Bank, Crash
from tests.payouts.rails.stripe_double import SECRET, StripeDouble, serving


@dataclass
class Fate:
    """When a worker dies: at a point or at a commit, counted from now."""

    points_left: int = 0
    commits_left: int = 0
    died_at: str = ""

    def pass_point(self, name: str) -> None:
        self.live()
        if self.points_left:
            self.points_left -= 1
            if not self.points_left:
                self._die(name)

    def commit(self) -> None:
        self.live()
        if self.commits_left:
            self.commits_left -= 1
            if not self.commits_left:
                self._die("commit")

    def live(self) -> None:
        if self.died_at:
            raise Crash(self.died_at)

    def _die(self, where: str) -> None:
        self.died_at = where
        raise Crash(where)

    def begin_anew(self) -> None:
        """Another worker takes over; it knows of nothing and is to live."""
        self.points_left = self.commits_left = 0
        self.died_at = ""


@dataclass(frozen=True, slots=True)
class FrailDatabase(Database):
    """The database as a worker sees it that may die."""

    fate: Fate = field(default_factory=Fate)

    @asynccontextmanager
    async def _transaction(
        self, begin: str, network_id: int, scope: Scope, pins: str = ""
    ) -> AsyncIterator[AsyncConnection]:
        self.fate.live()
        async with Database._transaction(self, begin, network_id, scope, pins) as db:
            yield db
            if begin == "BEGIN":
                self.fate.commit()


@dataclass
class FrailBank(Bank):
    """The bank of other tests, with the provider's clockwork in the test's hand."""

    fate: Fate = field(default_factory=Fate)
    store: Store = field(kw_only=True)
    deliverer: Deliverer = field(kw_only=True)
    caller: httpx2.AsyncClient = field(kw_only=True)

    def _crash(self, point: str) -> None:
        self.fate.pass_point(point)

    def let_banks_act(self) -> int:
        """One step of all that is under way at banks."""
        return do_due(self.store, int(self.now().timestamp()))

    async def deliver(self) -> bool:
        """Send what the provider has to tell, as far as a batch goes."""
        return await self.deliverer._deliver_batch(self.caller)


@asynccontextmanager
async def frail_bank(database: Database, folder: Path) -> AsyncIterator[FrailBank]:
    """Serve the inbox and the double, and let one piece of work be done after the other."""
    clock_file = folder / "clock"
    clock_file.write_text(NOW.isoformat())
    clock, fate = Clock(clock_file), Fate()
    route = stripe_webhook_route(database=database, secrets=[SECRET], clock=clock)
    app = create_app(folder / "stripe", webhook_url=None, webhook_secret=SECRET, clock=clock)
    app.router.lifespan_context = _nothing_by_itself
    store = Store(folder / "stripe")
    async with (
        serving(Starlette(routes=[route])) as inbox,
        serving(app) as url,
        httpx2.AsyncClient(trust_env=False) as caller,
    ):
        double = StripeDouble(url)
        await double.control(
            "settings", webhook_url=f"{inbox}/webhooks/stripe", progress_seconds=0.0
        )
        bank = FrailBank(
            FrailDatabase(database.engine, database.role, fate),
            double,
            clock,
            fate=fate,
            store=store,
            deliverer=Deliverer(store, clock, SECRET, asyncio.Event()),
            caller=caller,
        )
        # One at a time, so that a seed is the same story again.
        with patch.object(claimed, "AT_ONCE", 1), patch.object(sweeping, "ACCOUNTS_AT_ONCE", 1):
            try:
                yield bank
            finally:
                await double.aclose()
                store.close()


@asynccontextmanager
async def _nothing_by_itself(_: Starlette) -> AsyncIterator[None]:
    yield
