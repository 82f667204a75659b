"""Statements that run often: compiled once, and given to the driver as they are."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]


class Statement:
    """A statement that the driver keeps prepared in each session.

    Binding and reading rows take the larger part of a short statement's time, so values pass as
    the driver takes them: JSON goes in as text.
    """

    def __init__(self, query: Executable) -> None:
        compiled: Any = query.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        self._sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    async def rows(self, db: AsyncConnection, values: Mapping[str, Any]) -> list[Any]:
        """Run it with values by their names; gives the driver's records."""
        driver: Any = _driver_of(db)
        given = {**self._fixed, **values}
        try:
            found: list[Any] = await driver.fetch(self._sql, *[given[one] for one in self._names])
        except asyncpg.PostgresError as error:
            raise DBAPIError(self._sql, None, error) from error
        return found


def _driver_of(db: AsyncConnection) -> Any:
    bound = db.sync_connection
    assert bound is not None, "a transaction is open"
    return bound.connection.driver_connection
