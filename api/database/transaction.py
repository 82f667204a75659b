"""The one helper that opens a transaction: it binds the network before anything else can run."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

PLATFORM_NETWORK_ID = 0
"""The platform's own place: what belongs to no network is done here."""

LOCK_TIMEOUT_MILLISECONDS = 5_000
STATEMENT_TIMEOUT_MILLISECONDS = 30_000
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_BIGINT_MAX = 2**63 - 1
_EXPORT = text("SELECT pg_catalog.pg_export_snapshot()")
_PINS = "; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a read may see inside a network: all of them, a partner's, or a member's."""

    kind: str = "network"
    owner_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("network", "partner", "member"):
            raise ValueError(f"unknown scope {self.kind!r}")
        if (self.kind == "network") != (self.owner_id is None):
            raise ValueError("a partner's or member's scope names its owner")


WHOLE_NETWORK = Scope()


@dataclass(frozen=True, slots=True)
class Database:
    """The engine and the role that its transactions take."""

    engine: AsyncEngine
    role: str | None = None

    @asynccontextmanager
    async def writing(self, network_id: int) -> AsyncIterator[AsyncConnection]:
        """Run a block in one transaction of one network; commit at its end, roll back on error."""
        async with self._transaction("BEGIN", network_id, WHOLE_NETWORK) as db:
            yield db

    @asynccontextmanager
    async def batching(self, network_id: int) -> AsyncIterator["Batch"]:
        """Run a block in one transaction that begins in one network and may go on in others.

        Statements keep plans that are made for any size of table, since a batch may be what makes
        a table large.
        """
        async with self._transaction("BEGIN", network_id, WHOLE_NETWORK, _PINS) as db:
            yield Batch(db, network_id, (await db.get_raw_connection()).driver_connection)

    @asynccontextmanager
    async def loading(self, network_id: int) -> AsyncIterator[AsyncConnection]:
        """Run a block like `writing`, on a connection that is given up afterwards.

        A load makes tables large faster than their statistics are made: in a new session every
        plan, of functions and foreign keys too, is made for tables as large as they are by then.
        """
        async with self._transaction("BEGIN", network_id, WHOLE_NETWORK) as db:
            try:
                yield db
            finally:
                (await db.get_raw_connection()).detach()

    @property
    def pool_size(self) -> int:
        """How many connections this process has at most."""
        size: int = getattr(self.engine.pool, "size", lambda: 1)()
        return size

    @property
    def is_near(self) -> bool:
        """Whether the database runs on this machine, as far as its address tells."""
        url = self.engine.url
        host = url.host or url.query.get("host") or "/"
        return isinstance(host, str) and (host.startswith("/") or host in _THIS_MACHINE)

    @asynccontextmanager
    async def reading(
        self, network_id: int, scope: Scope = WHOLE_NETWORK
    ) -> AsyncIterator[AsyncConnection]:
        """Run a block on one consistent snapshot of one network, narrowed to a scope."""
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        async with self._transaction(begin, network_id, scope) as db:
            yield db

    @asynccontextmanager
    async def reading_beside(
        self, db: AsyncConnection, network_id: int
    ) -> AsyncIterator[AsyncConnection]:
        """Run a block on another connection that sees what a `reading` sees, and nothing later."""
        exported = (await db.execute(_EXPORT)).scalar_one()
        if re.fullmatch("[0-9A-F-]+", exported) is None:
            raise ValueError("that is not the name of a snapshot")
        begin = (
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
            f" SET TRANSACTION SNAPSHOT '{exported}'"
        )
        async with self._transaction(begin, network_id, WHOLE_NETWORK) as beside:
            yield beside

    @asynccontextmanager
    async def _transaction(
        self, begin: str, network_id: int, scope: Scope, pins: str = ""
    ) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as db:
            driver: Any = (await db.get_raw_connection()).driver_connection
            if driver.is_closed():  # the server went away while the connection was not in use
                await db.invalidate()
                driver = (await db.get_raw_connection()).driver_connection
            try:
                # One simple query: the network is bound in the same round trip that opens the
                # transaction, it is never prepared, and it ends with the transaction.
                await driver.execute(opening(begin, network_id, scope, self.role) + pins)
                yield db
                await driver.execute("COMMIT")
            except asyncio.CancelledError:
                # The driver is still cancelling its statement, so it takes no ROLLBACK: the
                # connection is given up, and the server rolls back what it had begun.
                await db.invalidate()
                raise
            except BaseException:
                if driver.is_closed():
                    await db.invalidate()
                elif driver.is_in_transaction():
                    await driver.execute("ROLLBACK")
                raise


@dataclass(slots=True)
class Batch:
    """A transaction that goes from one network to the next; it is in one of them at any time."""

    _db: AsyncConnection
    _network_id: int
    _driver: Any

    async def enter(self, network_id: int) -> AsyncConnection:
        """Bind the transaction to a network, to no other, until the next is entered."""
        if network_id != self._network_id:
            await self._driver.execute(binding(network_id))
            self._network_id = network_id
        return self._db


def binding(network_id: int) -> str:
    """Write the statement that binds a transaction to a network; the number in it is checked."""
    if type(network_id) is not int or not 0 <= network_id <= _BIGINT_MAX:
        raise ValueError("a network id is an integer that is not negative")
    return f"SET LOCAL app.network_id = '{network_id:d}'"


def opening(begin: str, network_id: int, scope: Scope, role: str | None) -> str:
    """Write the statement that opens a transaction; every value in it is checked, none is text."""
    bound = binding(network_id)
    parts = [begin]
    if role is not None:
        parts.append(f"SET LOCAL ROLE {role}")
    parts.append(bound)
    if scope.owner_id is not None:
        parts.append(f"SET LOCAL app.scope = '{scope.kind}'")
        parts.append(f"SET LOCAL app.scope_id = '{UUID(int=scope.owner_id.int)}'")
    parts.append(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MILLISECONDS}")
    parts.append(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MILLISECONDS}")
    return "; ".join(parts)
