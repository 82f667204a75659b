"""Writing many rows with one statement, whatever their number."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Numeric,
    String,
    Table,
    Text,
    bindparam,
    cast,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from payouts.statement import Statement, given_rows

_NETWORK = "network_id"
_SPELLED = (ARRAY, Numeric, JSONB, TSVECTOR)
"""These pass as text and are cast: unnest would make one list of lists in lists."""


class Known(Enum):
    """What becomes of a row whose primary key is there already."""

    REFUSED = "refused"
    KEPT = "kept"
    REPLACED = "replaced"


async def write_rows(
    db: AsyncConnection,
    table: Table,
    *,
    network_id: int,
    rows: Sequence[Mapping[str, Any]],
    known: Known = Known.REFUSED,
) -> None:
    """Insert rows of a network; all name the same columns, and others get their defaults.

    Each column passes as one array and the network as one value. The driver would bind row by
    row, which takes more of a short insert's time than the insert.
    """
    if not rows:
        return
    assert all(row[_NETWORK] == network_id for row in rows), "the rows are of one network"
    await _writer(table, tuple(rows[0]), known).write(db, network_id, rows)


class _Writer:
    """The statement for some columns of a table."""

    def __init__(self, table: Table, names: Sequence[str], known: Known) -> None:
        self._columns: list[Any] = [table.c[name] for name in names if name != _NETWORK]
        given = given_rows({one.name: _passed(one) for one in self._columns})
        taken = [_taken(one, given.c[one.name]) for one in self._columns]
        written = insert(table).from_select(
            [_NETWORK, *(one.name for one in self._columns)],
            select(bindparam(_NETWORK, type_=BigInteger), *taken),
        )
        if known is Known.KEPT:
            written = written.on_conflict_do_nothing()
        elif known is Known.REPLACED:
            key = list(table.primary_key)
            rest = [one.name for one in self._columns if one not in key]
            written = written.on_conflict_do_update(
                index_elements=key, set_={name: written.excluded[name] for name in rest}
            )
        self._statement = Statement(written)

    async def write(
        self, db: AsyncConnection, network_id: int, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        values: dict[str, Any] = {
            one.name: _spelled(one, [row[one.name] for row in rows]) for one in self._columns
        }
        values[_NETWORK] = network_id
        await self._statement.rows(db, values)


@lru_cache(maxsize=64)
def _writer(table: Table, names: tuple[str, ...], known: Known) -> _Writer:
    return _Writer(table, names, known)


def _passed(one: Column[Any]) -> TypeEngine[Any]:
    return Text() if isinstance(one.type, (*_SPELLED, String)) else one.type


def _taken(one: Column[Any], given: Any) -> Any:
    return cast(given, one.type) if isinstance(one.type, _SPELLED) else given


def _spelled(one: Column[Any], values: list[Any]) -> list[Any]:
    spell: Any = None
    if isinstance(one.type, ARRAY):
        spell = _list
    elif isinstance(one.type, Numeric):
        spell = "{:f}".format
    elif isinstance(one.type, JSONB):
        spell = json.dumps
    if spell is None:
        return values
    return [None if value is None else spell(value) for value in values]


def _list(texts: Sequence[str]) -> str:
    quoted = [one.replace("\\", "\\\\").replace('"', '\\"') for one in texts]
    return "{" + ",".join([f'"{one}"' for one in quoted]) + "}"
