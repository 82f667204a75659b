"""Statements that run often: compiled once, and given to the driver as they are."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Executable,
    Select,
    TableValuedAlias,
    bindparam,
    case,
    column,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]


_ARRAY = re.compile(
    r"\$(\d+)(?P<is_cast> AS |::)"
    r"(?P<kind>text|uuid|bigint|integer|smallint|boolean|timestamptz|timestamp with time zone)\[\]",
    re.IGNORECASE,
)

_NUMBER = re.compile(r"\$(\d+)")
_ROWS = re.compile(
    r"unnest\((?P<arrays>(?:(?:CAST\(\$\d+ AS [\w ]+\[\]\)|\$\d+::[\w ]+\[\])(?:,\s*)?)+)\)"
    r"(?P<ordinality>\s+WITH ORDINALITY)?\s+AS\b"
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


_IF_WHOLE = "(SELECT is_whole FROM %s)"

Query = str | Select[Any]


def given_rows(
    types: Mapping[str, TypeEngine[Any]],
    *,
    name: str = "given",
    prefix: str = "",
    with_ordinality: str | None = None,
) -> TableValuedAlias:
    """Stand for rows that are given as arrays, one for each column, by its name and a prefix."""
    arrays = [bindparam(prefix + one, type_=ARRAY(type_)) for one, type_ in types.items()]
    columns: list[Any] = [column(one, type_) for one, type_ in types.items()]
    rows = func.unnest(*arrays).table_valued(*columns, with_ordinality=with_ordinality)
    return rows.render_derived(name=name)


@dataclass(frozen=True, slots=True)
class First:
    """What a statement does before all else: it gives an `id` for each of `count` rows.

    It is a select, or the text of an INSERT whose `%(where)s` says when it writes.
    """

    query: Query
    values: Mapping[str, Any]
    count: int


class FirstIncomplete(Exception):
    """Not all of what comes first was there, or could be written: those with these ids, and nothing
    of what comes after them. `number` tells which of several it was, from 0.
    """

    def __init__(self, number: int, ids: Iterable[Any]) -> None:
        self.number = number
        self.ids = list(ids)
        super().__init__(f"{len(self.ids)} of first {number}")


class Firsts:
    """What comes first in a statement, one after the other, each only if the one before is whole.

    The statement takes its `ctes` in their order, goes on where `begun` says `is_whole`, and gives
    what is `told`.
    """

    def __init__(self, queries: Sequence[Query]) -> None:
        self.ctes: list[CTE] = []
        self.told: list[ColumnElement[Any]] = []
        names = [f"whole_{number}" for number in range(len(queries) - 1)] + ["begun"]
        before: CTE | None = None
        for number, (query, name) in enumerate(zip(queries, names, strict=True)):
            before = self._add(number, query, name, before)
        assert before is not None, "something comes first"
        self.begun = before

    def _add(self, number: int, query: Query, name: str, before: CTE | None) -> CTE:
        if isinstance(query, str):
            where = "true" if before is None else _IF_WHOLE % before.name
            done = text(query % {"where": where}).columns(column("id")).cte(f"first_{number}")
        else:
            done = query.cte(f"first_{number}")
        is_whole = func.count() == bindparam(f"expected_{number}", type_=BigInteger)
        if before is not None:
            is_whole &= select(before.c.is_whole).scalar_subquery()
        whole = select(is_whole.label("is_whole")).select_from(done).cte(name)
        ids = func.array(select(done.c.id).scalar_subquery())
        is_missing = ~select(whole.c.is_whole).scalar_subquery()
        self.ctes += [done, whole]
        self.told.append(case((is_missing, ids)).label(f"ids_{number}"))
        return whole


def values_of(firsts: Sequence[First]) -> dict[str, Any]:
    """Give what a statement with these first takes for them."""
    values: dict[str, Any] = {}
    for number, first in enumerate(firsts):
        values |= first.values
        values[f"expected_{number}"] = first.count
    return values


def check_whole(row: Any, firsts: Sequence[First]) -> None:
    """Let through what a statement told of its `Firsts`; raises FirstIncomplete."""
    for number in range(len(firsts)):
        ids = row[f"ids_{number}"]
        if ids is not None:
            raise FirstIncomplete(number, ids)


class Statement:
    """A statement that the driver keeps prepared in each session.

    Binding and reading rows take the larger part of a short statement's time, so values pass as
    the driver takes them: JSON goes in as text. Most arrays do so too, in PostgreSQL's own
    spelling: the driver would ask of each element whether it is an array.

    Where arrays that stand for rows, `unnest(...) AS ...`, have one element each, the row is
    written with VALUES instead: an array of one costs PostgreSQL several times what its value does.
    """

    def __init__(self, query: Executable) -> None:
        compiled: Any = query.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._compiled = str(compiled)
        self._rows = [
            tuple(self._names[int(number) - 1] for number in _NUMBER.findall(found["arrays"]))
            for found in _ROWS.finditer(self._compiled)
        ]
        self._forms: dict[tuple[bool, ...], _Form] = {}

    async def rows(self, db: AsyncConnection, values: Mapping[str, Any]) -> list[Any]:
        """Run it with values by their names; gives the driver's records."""
        given = {**self._fixed, **values}
        are_single = tuple([len(given[names[0]]) == 1 for names in self._rows])
        form = self._forms.get(are_single)
        if form is None:
            form = self._forms[are_single] = self._form(are_single)
        try:
            found: list[Any] = await _driver_of(db).fetch(form.sql, *form.arguments(given))
        except asyncpg.PostgresError as error:
            raise DBAPIError(form.sql, None, error) from error
        return found

    def _form(self, are_single: Sequence[bool]) -> "_Form":
        single = iter(are_single)
        sql = _ROWS.sub(lambda found: _one_row(found) if next(single) else found[0], self._compiled)
        passed: dict[str, Callable[[Any], Any]] = {
            name: _only
            for names, is_single in zip(self._rows, are_single, strict=True)
            if is_single
            for name in names
        }

        def as_text(found: re.Match[str]) -> str:
            passed[self._names[int(found[1]) - 1]] = _WRITERS[found["kind"].lower()]
            return f"${found[1]}::text{found['is_cast']}{found['kind']}[]"

        sql = _ARRAY.sub(as_text, sql)
        return _Form(sql, tuple((name, passed.get(name)) for name in self._names))


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as it is sent, and how each of its values passes; None is as it is."""

    sql: str
    passed: Sequence[tuple[str, Callable[[Any], Any] | None]]

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        return [given[name] if how is None else how(given[name]) for name, how in self.passed]


def _one_row(found: re.Match[str]) -> str:
    values = found["arrays"].replace("[]", "")
    if found["ordinality"]:
        values += ", CAST(1 AS bigint)"
    return f"(VALUES ({values})) AS"


def _only(values: Sequence[Any]) -> Any:
    [one] = values
    return one


def _driver_of(db: AsyncConnection) -> Any:
    bound = db.sync_connection
    assert bound is not None, "a transaction is open"
    return bound.connection.driver_connection
