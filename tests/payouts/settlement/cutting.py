"""Copies of one book, and sessions that end after the n-th statement they run."""

import itertools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from api.database.cluster import Cluster
from api.database.engine import open_engine
from api.database.transaction import Database
from tests.conftest import _run

ENDINGS = ("rolled back", "terminated")


class CutOff(Exception):
    """What runs ends here, and its transaction is rolled back."""


GONE = (CutOff, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What who was cut off hears, if anything."""


class Copies:
    """Makes databases that are equal to one another, ids and all."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._admin = cluster.url(user="postgres", database="postgres")

    @asynccontextmanager
    async def of(self, template: str) -> AsyncIterator["Copy"]:
        """A copy; nobody may be connected to what it is of."""
        name = f"test_{secrets.token_hex(6)}"
        await _run(self._admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        copy = Copy(self._cluster, name)
        try:
            async with copy:
                yield copy
        finally:
            await _run(self._admin, f'DROP DATABASE "{name}" WITH (FORCE)')


class Copy:
    """A database of its own: as the application sees it, as one that sees all, and as the doomed."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.name = name
        application = cluster.url(user="mizan_app", database=name)
        self._superuser = create_async_engine(
            cluster.url(user="postgres", database=name),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        self.database = Database(open_engine(application, pool_size=2))
        self._doomed = open_engine(application, pool_size=1)
        self.ran = 0

    async def __aenter__(self) -> "Copy":
        self.superuser: AsyncConnection = await self._superuser.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Close what is connected; what is used again connects again."""
        await self.superuser.close()
        await self.database.engine.dispose()
        await self._doomed.dispose()
        await self._superuser.dispose()

    async def cut_off(
        self, act: Callable[[Database], Awaitable[Any]], after: int, ending: str
    ) -> bool:
        """Do something that ends after a number of statements; tells whether it came so far."""
        engine = self._doomed.sync_engine
        numbers = itertools.count(1)
        was_cut = False

        def count(connection: Any, *_: object) -> None:
            nonlocal was_cut
            self.ran = next(numbers)
            if self.ran == after:
                was_cut = True
                self._end(connection, ending)

        event.listen(engine, "after_cursor_execute", count)
        try:
            await act(Database(self._doomed))
        except GONE:
            assert was_cut
        finally:
            event.remove(engine, "after_cursor_execute", count)
        return was_cut

    def _end(self, connection: Any, ending: str) -> None:
        if ending == "rolled back":
            raise CutOff
        driver = connection.connection.driver_connection
        await_only(self._terminate(driver.get_server_pid()))

    async def _terminate(self, pid: int) -> None:
        async with self._superuser.connect() as db:
            ended = await db.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            assert ended.scalar_one()


async def rows_of(
    superuser: AsyncConnection, table: str, without: tuple[str, ...] = ()
) -> list[str]:
    """All rows of a table as text, in an order of their own, without some columns."""
    rows = await superuser.execute(
        text(f"SELECT (to_jsonb(t) - CAST(:without AS text[]))::text FROM {table} t ORDER BY 1"),
        {"without": list(without)},
    )
    return list(rows.scalars())
