"""State of the doubles of feeds: files, faults and counts, in one SQLite file each."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "mizan-demo-token"  # noqa: S105 - the doubles' own, worth nothing elsewhere
SECONDS = 60.0

_TABLES = """
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, body BLOB NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    seconds REAL NOT NULL,
    place TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is played on the next requests; `place` is an address or an item's number."""

    kind: str
    remaining: int = 1
    seconds: float = SECONDS
    place: str = ""


class FeedStore:
    """A double's memory. Every change is on disk before its answer leaves."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            folder / "feed.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_TABLES)

    def file(self, name: str) -> tuple[bytes, int] | None:
        """Read a file and how often it was changed."""
        query = "SELECT body, version FROM files WHERE name = ?"
        row = self._db.execute(query, (name,)).fetchone()
        return None if row is None else (bytes(row[0]), int(row[1]))

    def put_file(self, name: str, body: bytes) -> None:
        """Replace a file."""
        self._db.execute(
            "INSERT INTO files VALUES (?, ?, 1) ON CONFLICT (name)"
            " DO UPDATE SET body = excluded.body, version = version + 1",
            (name, body),
        )

    def add_fault(self, fault: Fault) -> None:
        """Queue a fault behind those already waiting."""
        self._db.execute(
            "INSERT INTO faults (kind, remaining, seconds, place) VALUES (?, ?, ?, ?)",
            (fault.kind, fault.remaining, fault.seconds, fault.place),
        )

    def faults(self) -> list[Fault]:
        """List the faults that still wait."""
        query = "SELECT kind, remaining, seconds, place FROM faults ORDER BY id"
        return [Fault(*row) for row in self._db.execute(query)]

    def drop_faults(self) -> None:
        """Forget the faults that still wait."""
        self._db.execute("DELETE FROM faults")

    def take_fault(self) -> Fault:
        """Use up one turn of the first fault that waits; of none there is the kind `none`."""
        query = "SELECT id, kind, remaining, seconds, place FROM faults ORDER BY id LIMIT 1"
        row = self._db.execute(query).fetchone()
        if row is None:
            return Fault("none")
        if row[2] > 1:
            change = "UPDATE faults SET remaining = remaining - 1 WHERE id = ?"
        else:
            change = "DELETE FROM faults WHERE id = ?"
        self._db.execute(change, (row[0],))
        return Fault(*row[1:])

    def count(self, name: str) -> None:
        """Count an event."""
        self._db.execute(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
            (name,),
        )

    def counts(self) -> dict[str, int]:
        """Tell how often each event happened."""
        return dict(self._db.execute("SELECT name, value FROM counters").fetchall())


def store_of(request: Request) -> FeedStore:
    """Find the state behind a request."""
    store: FeedStore = request.app.state.store
    return store


def is_authorised(request: Request) -> bool:
    """Tell whether a request bears the double's token."""
    return request.headers.get("authorization") == f"Bearer {TOKEN}"


def control_routes(kinds: frozenset[str]) -> list[Route]:
    """Build the endpoints by which a test plays the outside world with these kinds of faults."""

    async def queue_fault(request: Request) -> Response:
        body = await request.json()
        if body.get("kind") not in kinds:
            return JSONResponse({"error": f"kinds: {', '.join(sorted(kinds))}"}, 400)
        store_of(request).add_fault(
            Fault(
                body["kind"],
                int(body.get("remaining", 1)),
                float(body.get("seconds", SECONDS)),
                str(body.get("place", "")),
            )
        )
        return JSONResponse({"queued": body["kind"]})

    async def list_faults(request: Request) -> Response:
        return JSONResponse([one.kind for one in store_of(request).faults()])

    async def drop_faults(request: Request) -> Response:
        store_of(request).drop_faults()
        return JSONResponse([])

    async def show_counts(request: Request) -> Response:
        return JSONResponse(store_of(request).counts())

    async def put_file(request: Request) -> Response:
        store_of(request).put_file(request.path_params["name"], await request.body())
        return JSONResponse({})

    return [
        Route("/_control/faults", queue_fault, methods=["POST"]),
        Route("/_control/faults", list_faults, methods=["GET"]),
        Route("/_control/faults", drop_faults, methods=["DELETE"]),
        Route("/_control/counts", show_counts, methods=["GET"]),
        Route("/_control/files/{name}", put_file, methods=["PUT"]),
    ]
