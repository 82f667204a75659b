"""Loading the rows of a lived-in database of an earlier schema."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg

SEEDED_0008 = Path(__file__).parents[2] / "fixtures" / "seeded_0008.sql.gz"
COUNTER = re.compile(r"SELECT pg_catalog\.setval\('[\w.]+', \d+, true\);")
COPY = re.compile(r"COPY (\w+)\.(\w+) \(([^)]*)\) FROM stdin;")
END = "\\."


def read_lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().split("\n")


def read_tables(path: Path) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """The tables of a file in the form of COPY: schema, name, columns and lines of rows."""
    lines = iter(read_lines(path))
    for line in lines:
        found = COPY.fullmatch(line)
        if found is None:
            assert not line or line.startswith("--") or COUNTER.fullmatch(line), line
            continue
        rows: list[str] = []
        while (row := next(lines)) != END:
            rows.append(row)
        yield found[1], found[2], [one.strip() for one in found[3].split(",")], rows


async def load_rows(url: str, path: Path) -> dict[str, int]:
    """Put the rows into a database at the file's schema instead of its own; tells how many."""
    counts = {}
    db = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        async with db.transaction():
            # Keys to other tables are not asked for while these come in one after the other.
            await db.execute("SET LOCAL session_replication_role = replica")
            tables = list(read_tables(path))
            for schema, name, _, _ in tables:
                await db.execute(f'DELETE FROM "{schema}"."{name}"')
            for schema, name, columns, rows in tables:
                await db.copy_to_table(
                    name,
                    schema_name=schema,
                    columns=columns,
                    source=_Lines(rows),
                    format="text",
                )
                counts[f"{schema}.{name}"] = len(rows)
            for line in filter(COUNTER.fullmatch, read_lines(path)):
                await db.execute(line)
        await db.execute("ANALYZE")
    finally:
        await db.close()
    return counts


class _Lines:
    """Rows as the driver reads them from a file."""

    def __init__(self, rows: list[str]) -> None:
        self._left = "".join(f"{row}\n" for row in rows).encode()

    def read(self, size: int) -> bytes:
        taken, self._left = self._left[:size], self._left[size:]
        return taken
