"""From captured statements to a pgbench script that runs them as they were.

A statement keeps its text and its parameters. Where an operation makes ids anew each time, two
captures of it differ; there the script draws a new id, the same one wherever the captured id stood.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.capture import Statement
from tests.benchmarks.ground import Ground

_TOKEN = re.compile(
    r"\\x[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
)
_PLACE = re.compile(r"\$(\d+)")

Types = Mapping[str, Sequence[str]]
"""The types of a statement's parameters, by its text."""


class NotRepeatable(Exception):
    """Two captures of one operation issued different statements."""


@dataclass
class Script:
    """A pgbench script and the values of its variables."""

    text: str
    variables: dict[str, str] = field(default_factory=dict)


class _Writer:
    def __init__(self, name: str) -> None:
        self._name = name
        self._fresh: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.lines: list[str] = []

    def head(self) -> list[str]:
        return [rf"\set {one} random(1, 9223372036854775807)" for one in self._fresh.values()]

    def constant(self, value: str) -> str:
        if value == "":
            return "''"  # pgbench has no empty variables
        name = f"{self._name}_{len(self.variables)}"
        self.variables[name] = value
        return f":{name}"

    def fresh(self, token: str) -> str:
        """Write a new id in the spelling of a captured one."""
        bare = token.removeprefix("\\x").replace("-", "")
        name = self._fresh.setdefault(bare, f"{self._name}_r{len(self._fresh)}")
        digits = f"lpad(to_hex(:{name}::bigint), 16, '0')"
        if token.startswith("\\x"):
            return f"('\\x' || lpad({digits}, 64, '0'))"
        plain = f"('{bare[:16]}' || {digits})"
        return plain if "-" not in token else f"({plain}::uuid::text)"

    def value(self, one: str | None, other: str | None, type_: str) -> str:
        if one is None:
            return f"NULL::{type_}"
        pieces, others = _split(one), _split(other or "")
        if one == other or len(pieces) != len(others) or not _has_token(pieces):
            return f"{self.constant(one)}::{type_}"
        written = []
        for piece, twin in zip(pieces, others, strict=True):
            if piece == "":
                continue
            if piece != twin and _TOKEN.fullmatch(piece):
                written.append(self.fresh(piece))
            else:
                written.append(f"{self.constant(piece)}::text")
        return f"({' || '.join(written)})::{type_}"


def _split(value: str) -> list[str]:
    return re.split(f"({_TOKEN.pattern})", value)


def _has_token(pieces: list[str]) -> bool:
    return any(_TOKEN.fullmatch(piece) for piece in pieces)


async def parameter_types(ground: Ground, statements: Iterable[Statement]) -> Types:
    """Ask the server what the parameters of statements are."""
    db = await ground.connect(ground.application_url)
    types: dict[str, list[str]] = {}
    for statement in statements:
        if statement.parameters is None or statement.sql in types:
            continue
        await db.execute(f"PREPARE probe AS {statement.sql}")
        types[statement.sql] = await db.fetchval(
            "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'probe'"
        )
        await db.execute("DEALLOCATE probe")
    await db.close()
    return types


def write_script(
    name: str, captured: Sequence[Statement], again: Sequence[Statement], types: Types
) -> Script:
    """Write the script of one operation from two captures of it.

    Raises NotRepeatable when the captures are not the same statements.
    """
    if [one.sql for one in captured] != [one.sql for one in again]:
        raise NotRepeatable(f"{name}: {[one.sql[:60] for one in captured]}")
    writer = _Writer(name)
    for statement, twin in zip(captured, again, strict=True):
        if statement.parameters is None:
            writer.lines += _simple(statement.sql)
            continue
        given = [
            writer.value(one, other, type_)
            for one, other, type_ in zip(
                statement.parameters, twin.parameters or (), types[statement.sql], strict=True
            )
        ]
        sql = _fill(statement.sql, given)
        writer.lines.append(f"{_one_line(sql)};")
    return Script("\n".join([*writer.head(), *writer.lines, ""]), writer.variables)


def _fill(sql: str, given: Sequence[str]) -> str:
    def write(place: re.Match[str]) -> str:
        return given[int(place[1]) - 1]

    return _PLACE.sub(write, sql)


def _simple(sql: str) -> list[str]:
    parts = [part.strip() for part in sql.split(";") if part.strip()]
    if len(parts) == 1:
        return [f"{_one_line(parts[0])};"]
    # One round trip, as the one simple query was.
    return [r"\startpipeline", *(f"{part};" for part in parts), r"\endpipeline"]


def _one_line(sql: str) -> str:
    return sql.replace("\n", " ")
