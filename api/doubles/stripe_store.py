"""What the Stripe double remembers: one SQLite file, one transaction per request."""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.doubles.stripe_contract import Json, StripeError, missing

PLATFORM = ""
"""The account of whoever calls without naming a connected one."""

KEY_LIFE_SECONDS = 24 * 3600

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  account TEXT NOT NULL, created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, account, seq);
CREATE INDEX IF NOT EXISTS object_group
  ON object (json_extract(body, '$.transfer_group')) WHERE kind = 'transfer';
CREATE TABLE IF NOT EXISTS movement (
  account TEXT NOT NULL, currency TEXT NOT NULL, net INTEGER NOT NULL,
  available_on INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS movement_account ON movement (account, currency);
CREATE TABLE IF NOT EXISTS delivery (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due);
CREATE TABLE IF NOT EXISTS answer (
  account TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL,
  body TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (account, key));
CREATE INDEX IF NOT EXISTS answer_created ON answer (created);
CREATE TABLE IF NOT EXISTS progress (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, object TEXT NOT NULL,
  due REAL NOT NULL, not_before INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS fault (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, operation TEXT NOT NULL, body TEXT NOT NULL,
  times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, body TEXT NOT NULL);
"""


def make_id(prefix: str) -> str:
    """Make an id such as tr_5f..., unique across restarts."""
    return f"{prefix}_{secrets.token_hex(10)}"


class Store:
    """The state of the double; every write is inside `transaction()`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            folder / "stripe.sqlite3", isolation_level=None, check_same_thread=False
        )
        # WAL with NORMAL loses nothing acknowledged when the process is killed.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything written inside, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what is written inside when Stripe refuses without keeping it."""
        self._db.execute("SAVEPOINT attempt")
        try:
            yield
        except StripeError as refusal:
            if not refusal.keeps:
                self._db.execute("ROLLBACK TO attempt")
            self._db.execute("RELEASE attempt")
            raise
        self._db.execute("RELEASE attempt")

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Read rows."""
        return self._db.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """Write, and tell how many rows it touched."""
        return self._db.execute(sql, values).rowcount

    # Objects

    def put(self, body: Json, account: str = PLATFORM) -> Json:
        """Keep a new object, or the new state of a known one."""
        text = json.dumps(body)
        if not self.write("UPDATE object SET body = ? WHERE id = ?", text, body["id"]):
            self.write(
                "INSERT INTO object (id, kind, account, created, body) VALUES (?, ?, ?, ?, ?)",
                body["id"],
                body["object"],
                account,
                body["created"],
                text,
            )
        return body

    def get(self, kind: str, object_id: str, account: str = PLATFORM) -> Json:
        """Read an object of an account, or refuse as Stripe does."""
        rows = self.rows(
            "SELECT body FROM object WHERE id = ? AND kind = ? AND account = ?",
            object_id,
            kind,
            account,
        )
        if not rows:
            raise missing(kind, object_id)
        body: Json = json.loads(rows[0][0])
        return body

    def find(self, object_id: str) -> tuple[Json, str]:
        """Read any object and whose it is, for the double's own use."""
        rows = self.rows("SELECT body, account FROM object WHERE id = ?", object_id)
        if not rows:
            raise StripeError(f"No such object: '{object_id}'", status=404, code="resource_missing")
        return json.loads(rows[0][0]), rows[0][1]

    def all(self, kind: str) -> list[Json]:
        """Read all objects of a kind, oldest first, each with its account as `_account`."""
        found = self.rows("SELECT body, account FROM object WHERE kind = ? ORDER BY seq", kind)
        return [{**json.loads(body), "_account": account} for body, account in found]

    def page(
        self,
        kind: str,
        account: str,
        where: Sequence[tuple[str, Any]],
        *,
        limit: int,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> tuple[list[Json], bool]:
        """Read one page, newest first; `where` holds SQL conditions and their values."""
        conditions = ["kind = ?", "account = ?", *(condition for condition, _ in where)]
        values: list[Any] = [kind, account]
        for _, value in where:
            values += value if isinstance(value, tuple) else (value,)
        order = "DESC"
        for cursor, comparison in ((starting_after, "<"), (ending_before, ">")):
            if cursor is not None:
                rows = self.rows("SELECT seq FROM object WHERE id = ? AND kind = ?", cursor, kind)
                if not rows:
                    raise StripeError(f"No such {kind}: '{cursor}'", code="resource_missing")
                conditions.append(f"seq {comparison} ?")
                values.append(rows[0][0])
                order = "DESC" if comparison == "<" else "ASC"
        sql = f"SELECT body FROM object WHERE {' AND '.join(conditions)} ORDER BY seq {order}"  # noqa: S608 - values are bound
        rows = self.rows(sql + " LIMIT ?", *values, limit + 1)
        bodies = [json.loads(row[0]) for row in rows[:limit]]
        return (bodies if order == "DESC" else bodies[::-1]), len(rows) > limit

    # Money

    def available(self, account: str, currency: str, now: int) -> int:
        """Sum what an account may spend in a currency at an instant."""
        rows = self.rows(
            "SELECT coalesce(sum(net), 0) FROM movement"
            " WHERE account = ? AND currency = ? AND available_on <= ?",
            account,
            currency,
            now,
        )
        return int(rows[0][0])

    def balances(self, account: str, now: int) -> dict[str, tuple[int, int]]:
        """Sum available and pending money per currency."""
        rows = self.rows(
            "SELECT currency, sum(iif(available_on <= ?, net, 0)),"
            " sum(iif(available_on > ?, net, 0)) FROM movement WHERE account = ?"
            " GROUP BY currency ORDER BY currency",
            now,
            now,
            account,
        )
        return {currency: (int(ready), int(waiting)) for currency, ready, waiting in rows}

    # Settings, faults, progress

    def setting(self, name: str, default: Any) -> Any:
        """Read a setting of the control endpoints."""
        rows = self.rows("SELECT body FROM setting WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else default

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a setting across restarts."""
        self.write("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))

    def take_fault(self, operation: str) -> Json | None:
        """Use up one occurrence of the oldest fault queued for an operation."""
        rows = self.rows(
            "SELECT seq, body FROM fault WHERE operation IN (?, '*') ORDER BY seq LIMIT 1",
            operation,
        )
        if not rows:
            return None
        seq, body = rows[0]
        self.write("UPDATE fault SET times = times - 1 WHERE seq = ?", seq)
        self.write("DELETE FROM fault WHERE times <= 0")
        fault: Json = json.loads(body)
        return fault

    def plan(self, kind: str, object_id: str, *, not_before: int = 0) -> None:
        """Let an object progress by itself in a moment, at the earliest at a business time."""
        seconds = self.setting("progress_seconds", 0.15)
        self.write(
            "INSERT INTO progress (kind, object, due, not_before) VALUES (?, ?, ?, ?)",
            kind,
            object_id,
            time.time() + seconds,
            not_before,
        )
