"""What every double of a supplier remembers, whatever it sells: faults that wait, and counts."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    seconds REAL NOT NULL,
    reads INTEGER NOT NULL,
    place TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is played on the next requests of its place: orders, unless it says another."""

    kind: str
    remaining: int = 1
    seconds: float = 60.0
    reads: int = 1
    place: str = "order"


NO_FAULT = Fault("none")


class DoubleMemory:
    """A double's memory in one SQLite file. Every change is on disk before its answer leaves."""

    def __init__(self, file: Path, tables: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_TABLES + tables)

    def count(self, name: str) -> None:
        """Count an event."""
        self._db.execute(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
            (name,),
        )

    def counts(self) -> dict[str, int]:
        """Tell how often each event happened."""
        return dict(self._db.execute("SELECT name, value FROM counters").fetchall())

    def add_fault(self, fault: Fault) -> None:
        """Queue a fault behind those already waiting."""
        self._db.execute(
            "INSERT INTO faults (kind, remaining, seconds, reads, place) VALUES (?, ?, ?, ?, ?)",
            (fault.kind, fault.remaining, fault.seconds, fault.reads, fault.place),
        )

    def faults(self) -> list[Fault]:
        """List the faults that still wait."""
        query = "SELECT kind, remaining, seconds, reads, place FROM faults ORDER BY id"
        return [Fault(*row) for row in self._db.execute(query)]

    def drop_faults(self) -> None:
        """Forget the faults that still wait."""
        self._db.execute("DELETE FROM faults")

    def take_fault(self, place: str = "order") -> Fault:
        """Use up one turn of the first fault that waits for a place; of none there is NO_FAULT."""
        query = (
            "SELECT id, kind, remaining, seconds, reads, place FROM faults WHERE place = ?"
            " ORDER BY id LIMIT 1"
        )
        row = self._db.execute(query, (place,)).fetchone()
        if row is None:
            return NO_FAULT
        if row[2] > 1:
            change = "UPDATE faults SET remaining = remaining - 1 WHERE id = ?"
        else:
            change = "DELETE FROM faults WHERE id = ?"
        self._db.execute(change, (row[0],))
        return Fault(*row[1:])
