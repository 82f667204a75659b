"""Where the crash run takes place: a durable database, a server and a worker, and who kills them."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from tests.chaos.proxy import Proxies
from tests.journeys.driver import Driver
from tests.journeys.town import Nursery, Town

SERVER, DATABASE = "server", "database"
CLIENT_CUTS, DATABASE_CUTS, LOST_COMMITS = 0.01, 0.0005, 0.01
BACK_SECONDS_MAX = 60.0


@dataclass
class SiegedTown(Town):
    """A town whose people are started again as often as they die, of whatever."""

    def supervise(self) -> None:
        for name, pid in list(self.pids.items()):
            code = self.nursery.poll(pid)
            if code is not None:
                self.deaths.append((name, code))
                self.start(name)


class Battlefield:
    """One database, one town, and the proxies between them and their callers."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.clusters: list[Cluster] = []
        self.back_seconds: list[float] = []
        self.driver: Driver | None = None
        self.server_kills = self.worker_kills = 0

    def open(self) -> None:
        self._start_database()
        self.nursery = Nursery()
        self.proxies = Proxies()
        host = self.clusters[0].url(user="postgres").split("host=")[1].split("&")[0]
        database_port = self.proxies.open(
            str(Path(host) / ".s.PGSQL.5432"),
            f"{self.seed} database",
            DATABASE_CUTS,
            LOST_COMMITS,
        )
        application = f"postgresql://mizan_app@127.0.0.1:{database_port}/mizan?sslmode=disable"
        self.town = SiegedTown(
            self.nursery,
            self.folder / "town",
            application,
            self.clusters[0].url(user="postgres"),
            opens_at_once=False,
        )
        server_port = self.proxies.open(
            self.town.ports["server"], f"{self.seed} server", CLIENT_CUTS
        )
        self.url = f"http://127.0.0.1:{server_port}"

    def close(self) -> None:
        if self.driver is not None:
            self.driver.http.close()
        with suppress(AttributeError):
            self.town.stop()
            self.nursery.end()
            self.proxies.end()
        for cluster in self.clusters:
            cluster.stop()

    def kill(self, victim: str) -> None:
        """Kill with -9 and start again; PostgreSQL's return is waited for, the server's is not."""
        begun = time.monotonic()
        if victim == SERVER:
            # Every fourth time, also the first, the worker dies with it.
            takes_worker = self.server_kills % 4 == 0
            self.server_kills += 1
            self.worker_kills += takes_worker
            for name in ("server", "worker")[: 1 + takes_worker]:
                self._kill_process(name)
            return
        trace = self.folder / "postgres" / "data" / "postmaster.pid"
        os.kill(int(trace.read_text().split()[0]), signal.SIGKILL)
        self._start_database()
        self.back_seconds.append(time.monotonic() - begun)

    def _kill_process(self, name: str) -> None:
        before = len(self.town.deaths)
        os.kill(self.town.pids[name], signal.SIGKILL)
        while (name, -signal.SIGKILL) not in self.town.deaths[before:]:
            self.town.supervise()
            time.sleep(0.01)

    def ask(self, statement: str, **values: Any) -> list[Any]:
        """Ask the database itself, past all walls."""
        url = self.clusters[0].url(user="postgres")
        return asyncio.run(_ask(url, statement, values))

    def _start_database(self) -> None:
        cluster = Cluster(self.folder / "postgres", durable=True)
        cluster.start()
        self.clusters.append(cluster)


async def _ask(url: str, statement: str, values: dict[str, Any]) -> list[Any]:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as db:
            return list(await db.execute(text(statement), values))
    finally:
        await engine.dispose()
