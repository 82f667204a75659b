"""What a run stands on: a durable database with the world in it, and servers over it."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from api.database.cluster import Cluster
from api.database.migrate import migrate
from tests.benchmarks.seeding import seed
from tests.benchmarks.world import World

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 30.0


def plain(url: str) -> str:
    """Give the driver's own spelling of an address."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


@dataclass(frozen=True)
class Ground:
    """A database that is made for one run and dropped at its end."""

    cluster: Cluster
    name: str

    @property
    def application_url(self) -> str:
        """The address of the application's role, for whom row-level security holds."""
        return self.cluster.url(user="mizan_app", database=self.name)

    @property
    def superuser_url(self) -> str:
        """The address of the one who sees everything."""
        return self.cluster.url(user="postgres", database=self.name)

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.cluster.folder / "server.log"

    @property
    def postmaster(self) -> int:
        """The process from which all of PostgreSQL's descend."""
        return int((self.cluster.folder / "data" / "postmaster.pid").read_text().split("\n")[0])

    async def connect(self, url: str) -> asyncpg.Connection:
        """Open one connection of the driver."""
        return await asyncpg.connect(plain(url))


@contextmanager
def prepared_ground(folder: Path, world: World, *, processes: int) -> Iterator[Ground]:
    """Start PostgreSQL with fsync on, make a database, put the world into it; drop it afterwards."""
    with empty_ground(folder) as ground:
        seed(ground.application_url, world, processes=processes)
        asyncio.run(settle(ground))
        yield ground


@contextmanager
def empty_ground(folder: Path, name: str = "bench") -> Iterator[Ground]:
    """Start PostgreSQL with fsync on and make a migrated database; drop it afterwards."""
    with Cluster(folder / "postgres", durable=True) as cluster:
        ground = Ground(cluster, name)
        asyncio.run(_recreate(ground))
        asyncio.run(migrate(ground.superuser_url, login=True))
        yield ground
        asyncio.run(_drop(ground))


async def _recreate(ground: Ground) -> None:
    await _drop(ground)
    db = await asyncpg.connect(plain(ground.cluster.url(user="postgres", database="postgres")))
    # A run that was stopped while it filled a book left the server without fsync.
    await db.execute("ALTER SYSTEM RESET ALL")
    await db.execute("SELECT pg_reload_conf()")
    await db.execute(f'CREATE DATABASE "{ground.name}"')
    await db.close()


async def _drop(ground: Ground) -> None:
    db = await asyncpg.connect(plain(ground.cluster.url(user="postgres", database="postgres")))
    await db.execute(f'DROP DATABASE IF EXISTS "{ground.name}" WITH (FORCE)')
    await db.close()


async def settle(ground: Ground) -> None:
    """See that it is durable, and let nothing that came before be done while it is measured."""
    db = await ground.connect(ground.superuser_url)
    assert await db.fetchval("SHOW fsync") == "on"
    assert await db.fetchval("SHOW synchronous_commit") == "on"
    await db.execute("VACUUM (ANALYZE)")
    await db.execute("CHECKPOINT")
    await db.close()


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    port: int


@contextmanager
def running_server(folder: Path, kind: str, config: Mapping[str, Any]) -> Iterator[Server]:
    """Run a server in a process of its own until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    config_file, port_file = folder / f"{kind}.json", folder / f"{kind}.port"
    port_file.unlink(missing_ok=True)
    config_file.write_text(json.dumps({**config, "kind": kind, "port_file": str(port_file)}))
    with (folder / f"{kind}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.server", str(config_file)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not port_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                said = (folder / f"{kind}.log").read_text()[-2000:]
                raise RuntimeError(f"the {kind} server did not start: {said}")
            time.sleep(0.02)
        yield Server(process.pid, int(port_file.read_text()))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def empty_folder(folder: Path) -> Path:
    """Make a folder that has nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
