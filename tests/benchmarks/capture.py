"""The statements that an operation really issues, read from the server's own log."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

_PREFIX = re.compile(r"^@@(\d+) (\S+)@@ (LOG|DETAIL):  (.*)$", re.DOTALL)
_EXECUTED = re.compile(r"^(?:statement|execute [^:]+): (.*)$", re.DOTALL)
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
# What the driver asks once in each connection that meets a type for the first time.
_LEARNING = re.compile(r"typeinfo_tree|current_setting\('jit'\)|set_config\('jit'")
LOG_SETTINGS = {"log_line_prefix": "@@%p %u@@ ", "log_statement": "all"}


@dataclass(frozen=True)
class Statement:
    """One statement as the server received it; `parameters` is None for a simple query."""

    session: int
    sql: str
    parameters: tuple[str | None, ...] | None = None


def read_log(text: str, *, user: str) -> list[Statement]:
    """Read the statements of one role out of a server log written with LOG_SETTINGS.

    They come session by session, in the order in which the sessions first spoke, without what the
    driver asks for itself.
    """
    sessions: dict[int, list[Statement]] = {}
    for entry in re.split(r"\n(?=@@)", text.strip()):
        found = _PREFIX.match(entry)
        if found is None or found[2] != user:
            continue
        said = sessions.setdefault(int(found[1]), [])
        body = found[4].replace("\n\t", "\n")
        if found[3] == "DETAIL":
            if said and body.lower().startswith("parameters:"):
                said[-1] = Statement(said[-1].session, said[-1].sql, _parameters(body))
        elif executed := _EXECUTED.match(body):
            said.append(Statement(int(found[1]), executed[1].strip()))
    every = [statement for said in sessions.values() for statement in said]
    return [statement for statement in every if not _LEARNING.search(statement.sql)]


def _parameters(detail: str) -> tuple[str | None, ...]:
    given = [
        None if value == "NULL" else value[1:-1].replace("''", "'")
        for _, value in _PARAMETER.findall(detail)
    ]
    return tuple(given)


class Recorder:
    """Turns the logging of statements on for one act after another."""

    def __init__(self, superuser: asyncpg.Connection, log: Path) -> None:
        self._superuser = superuser
        self._log = log

    async def __aenter__(self) -> "Recorder":
        for name, value in LOG_SETTINGS.items():
            await self._superuser.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        await self._reload("all")
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in LOG_SETTINGS:
            await self._superuser.execute(f"ALTER SYSTEM RESET {name}")
        await self._reload("none")

    async def _reload(self, expected: str) -> None:
        await self._superuser.execute("SELECT pg_reload_conf()")
        for _ in range(100):
            await asyncio.sleep(0.05)
            if await self._superuser.fetchval("SHOW log_statement") == expected:
                # Idle sessions take the new setting over at once, as this one did.
                await asyncio.sleep(0.2)
                return
        raise RuntimeError("the server does not log statements")

    async def record(self, act: Callable[[], Awaitable[object]]) -> list[Statement]:
        """Give what the application's role did while the act lasted."""
        before = self._log.stat().st_size
        await act()
        await asyncio.sleep(0.05)
        with self._log.open("rb") as log:
            log.seek(before)
            return read_log(log.read().decode(), user="mizan_app")
