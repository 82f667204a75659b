"""One starting point for all runs of the story: a database and a folder, copied for each."""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.clock import Clock
from api.database.cluster import Cluster
from api.graphql.nodes import GlobalId
from tests.journeys.books import read_outcome
from tests.journeys.driver import Driver
from tests.journeys.invariants import broken_promises
from tests.journeys.town import OURS, Nursery, Town, copy_folder
from tests.journeys.workload import play, prepare

Story = Callable[[Driver, dict[str, Any]], None]
QUIET = """
SELECT (SELECT count(*) FROM payouts.webhook_inbox WHERE processed_at IS NULL)
     + (SELECT count(*) FROM audit.journal WHERE seq IS NULL)
"""


@dataclass
class Ended:
    """How one run of the story ended."""

    outcome: dict[str, Any]
    deaths: list[tuple[str, int]]
    resent: int
    seconds: float


@dataclass
class Stage:
    """Where runs come from."""

    cluster: Cluster
    nursery: Nursery
    folder: Path
    template: str
    shown: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    base: str = ""

    def set_up(self) -> None:
        """Seed the demo network and prepare what every run starts from."""
        self.base = self._create(self.template)
        urls = self._urls(self.base)
        with Town(self.nursery, self.folder / "base", *urls, opens_at_once=False) as town:
            printed = town.run("seed", "--profile", "demo", "--json", "--url", town.url("server"))
            self.shown = json.loads(printed[printed.index("{") :])
            town.open(OURS)
            driver = Driver(town, self.shown)
            self.notes = prepare(driver)
            state = driver.look_at("stripe", "state")
            payees = {one["metadata"]["payee"]: one["id"] for one in state["accounts"]}
            self.notes["accounts"] = {
                label: payees[_uuid_of(id_)] for label, id_ in self.notes["payees"].items()
            }
            self._wait_until_quiet(driver, self.base)
            driver.http.close()

    def tear_down(self) -> None:
        if self.base:
            self._drop(self.base)

    def run(
        self,
        *,
        crash: tuple[str, str] | None = None,
        fault: tuple[str, dict[str, Any]] | None = None,
        plant: str | None = None,
        story: Story = play,
    ) -> Ended:
        """Play the story from the starting point to its end; the books must hold there."""
        started = time.monotonic()
        database = self._create(self.base)
        folder = self.folder / database
        copy_folder(self.folder / "base", folder)
        try:
            with Town(
                self.nursery, folder, *self._urls(database), crash=crash, plant=plant
            ) as town:
                driver = Driver(town, self.shown)
                if fault is not None:
                    driver.play(fault[0], "faults", **fault[1])
                story(driver, self.notes)
                self._wait_until_quiet(driver, database)
                outcome = read_outcome(driver)
                now = Clock(town.clock_file).now()
                ended = Ended(outcome, town.deaths, driver.resent, time.monotonic() - started)
                driver.http.close()
            broken = asyncio.run(broken_promises(self.cluster, database, now))
            assert broken == [], broken
        finally:
            self._drop(database)
        return ended

    def _wait_until_quiet(self, driver: Driver, database: str) -> None:
        """Wait until all messages were acted on and every movement of the provider is booked."""

        def is_quiet() -> bool:
            state = driver.look_at("stripe", "state")
            delivered = all(one["state"] == "delivered" for one in state["deliveries"])
            moved = sum(not one["_account"] for one in state["balance_transactions"])
            query = "SELECT count(*) FROM payouts.reconciliation_item WHERE leg = 'provider'"
            return (
                delivered
                and self._ask(database, query) == moved
                and self._ask(database, QUIET) == 0
            )

        driver.until("the end of everything under way", is_quiet)

    def _urls(self, database: str) -> tuple[str, str]:
        return (
            self.cluster.url(user="mizan_app", database=database),
            self.cluster.url(user="postgres", database=database),
        )

    def _create(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        self._ask("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _drop(self, name: str) -> None:
        self._ask("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')

    def _ask(self, database: str, statement: str) -> Any:
        return asyncio.run(_ask(self.cluster.url(user="postgres", database=database), statement))


@contextmanager
def open_stage(cluster: Cluster, folder: Path, template: str) -> Iterator[Stage]:
    nursery = Nursery()
    stage = Stage(cluster, nursery, folder, template)
    try:
        stage.set_up()
        yield stage
    finally:
        nursery.end()
        stage.tear_down()


async def _ask(url: str, statement: str) -> Any:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as db:
            result = await db.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        await engine.dispose()


def _uuid_of(global_id: str) -> str:
    found = GlobalId.parse(global_id)
    assert found is not None
    return str(found.id)
