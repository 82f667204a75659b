"""Statements that run often: compiled once, and given to the driver as they are."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]


_ARRAY = re.compile(
    r"\$(\d+)(?P<is_cast> AS |::)"
    r"(?P<kind>text|uuid|bigint|integer|smallint|boolean|timestamptz|timestamp with time zone)\[\]",
    re.IGNORECASE,
)


def _write_ids(ids: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if one is None else f"{one.int:032x}" for one in ids]) + "}"


def _write_numbers(numbers: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if one is None else f"{one:d}" for one in numbers]) + "}"


def _write_booleans(booleans: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if one is None else "tf"[not one] for one in booleans]) + "}"


def _write_instants(instants: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if one is None else one.isoformat() for one in instants]) + "}"


def _write_texts(texts: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if one is None else _quoted(one) for one in texts]) + "}"


def _quoted(one: str) -> str:
    if "\\" in one or '"' in one:
        one = one.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{one}"'


_WRITERS: dict[str, Callable[[Sequence[Any]], str]] = {
    "text": _write_texts,
    "uuid": _write_ids,
    "bigint": _write_numbers,
    "integer": _write_numbers,
    "smallint": _write_numbers,
    "boolean": _write_booleans,
    "timestamptz": _write_instants,
    "timestamp with time zone": _write_instants,
}


@dataclass(frozen=True, slots=True)
class First:
    """What another statement writes before all else: an INSERT of `count` rows that gives the `id`
    of each it made.
    """

    sql: str
    values: dict[str, Any]
    count: int


class FirstIncomplete(Exception):
    """Not all of what comes first could be written: those with these ids are, and nothing else."""

    def __init__(self, ids: Iterable[Any]) -> None:
        self.ids = set(ids)
        super().__init__(f"{len(self.ids)} written")


class Statement:
    """A statement that the driver keeps prepared in each session.

    Binding and reading rows take the larger part of a short statement's time, so values pass as
    the driver takes them: JSON goes in as text. Most arrays do so too, in PostgreSQL's own
    spelling: the driver would ask of each element whether it is an array.
    """

    def __init__(self, query: Executable) -> None:
        compiled: Any = query.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._writers: dict[str, Callable[[Sequence[Any]], str]] = {}
        self._sql = _ARRAY.sub(self._as_text, str(compiled))

    def _as_text(self, found: re.Match[str]) -> str:
        self._writers[self._names[int(found[1]) - 1]] = _WRITERS[found["kind"].lower()]
        return f"${found[1]}::text{found['is_cast']}{found['kind']}[]"

    async def rows(self, db: AsyncConnection, values: Mapping[str, Any]) -> list[Any]:
        """Run it with values by their names; gives the driver's records."""
        driver: Any = _driver_of(db)
        given = {**self._fixed, **values}
        for name, write in self._writers.items():
            given[name] = write(given[name])
        try:
            found: list[Any] = await driver.fetch(self._sql, *[given[one] for one in self._names])
        except asyncpg.PostgresError as error:
            raise DBAPIError(self._sql, None, error) from error
        return found


def _driver_of(db: AsyncConnection) -> Any:
    bound = db.sync_connection
    assert bound is not None, "a transaction is open"
    return bound.connection.driver_connection
