"""State of the Reloadly double: orders, tokens, faults and money, in one SQLite file."""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

OPENING_BALANCE = Decimal(1_000_000)
TOKEN_SECONDS = 24 * 3600

_TABLES = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT,
    product_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price TEXT NOT NULL,
    amount TEXT NOT NULL,
    discount TEXT NOT NULL,
    fee TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    reads_left INTEGER NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    seconds REAL NOT NULL,
    reads INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS balances (currency TEXT PRIMARY KEY, amount TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_ORDER = (
    "SELECT id, key, product_id, quantity, unit_price, amount, discount, fee, currency, status,"
    " reads_left, created_at FROM orders"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is played on the next orders."""

    kind: str
    remaining: int = 1
    seconds: float = 60.0
    reads: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the double remembers it."""

    id: int
    key: str | None
    product_id: int
    quantity: int
    unit_price: Decimal
    amount: Decimal
    discount: Decimal
    fee: Decimal
    currency: str
    status: str
    reads_left: int
    created_at: datetime

    @property
    def cards(self) -> list[dict[str, str]]:
        """Every card of the order; numbers begin with zeros, as real ones may."""
        seeds = [
            hashlib.sha256(f"{self.id}:{index}:{self.created_at.isoformat()}".encode()).digest()
            for index in range(self.quantity)
        ]
        return [
            {
                "cardNumber": f"00{int.from_bytes(seed[:8]) % 10**14:014d}",
                "pinCode": f"0{int.from_bytes(seed[8:12]) % 10**3:03d}",
            }
            for seed in seeds
        ]


class Store:
    """The double's memory. Every change is on disk before its answer leaves."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            folder / "reloadly.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add_token(self, token: str, now: datetime) -> None:
        """Remember a token that was given out."""
        expires_at = now + timedelta(seconds=TOKEN_SECONDS)
        self._db.execute("INSERT INTO tokens VALUES (?, ?)", (token, expires_at.isoformat()))

    def has_token(self, token: str, now: datetime) -> bool:
        """Tell whether a token was given out and is still good."""
        query = "SELECT expires_at FROM tokens WHERE token = ?"
        row = self._db.execute(query, (token,)).fetchone()
        return row is not None and datetime.fromisoformat(row[0]) > now

    def drop_tokens(self) -> None:
        """Make every token given out so far invalid."""
        self._db.execute("DELETE FROM tokens")

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
            "INSERT INTO faults (kind, remaining, seconds, reads) VALUES (?, ?, ?, ?)",
            (fault.kind, fault.remaining, fault.seconds, fault.reads),
        )

    def faults(self) -> list[Fault]:
        """List the faults that still wait."""
        query = "SELECT kind, remaining, seconds, reads FROM faults ORDER BY id"
        return [Fault(*row) for row in self._db.execute(query)]

    def drop_faults(self) -> None:
        """Forget the faults that still wait."""
        self._db.execute("DELETE FROM faults")

    def take_fault(self) -> Fault | None:
        """Use up one turn of the first fault that waits."""
        query = "SELECT id, kind, remaining, seconds, reads FROM faults ORDER BY id LIMIT 1"
        row = self._db.execute(query).fetchone()
        if row is None:
            return None
        if row[2] > 1:
            change = "UPDATE faults SET remaining = remaining - 1 WHERE id = ?"
        else:
            change = "DELETE FROM faults WHERE id = ?"
        self._db.execute(change, (row[0],))
        return Fault(*row[1:])

    def balance(self, currency: str) -> Decimal:
        """Tell what is left of the prepaid money in a currency."""
        query = "SELECT amount FROM balances WHERE currency = ?"
        row = self._db.execute(query, (currency,)).fetchone()
        return Decimal(row[0]) if row else OPENING_BALANCE

    def set_balance(self, currency: str, amount: Decimal) -> None:
        """Set the prepaid money in a currency."""
        self._db.execute(
            "INSERT INTO balances VALUES (?, ?)"
            " ON CONFLICT (currency) DO UPDATE SET amount = excluded.amount",
            (currency, str(amount)),
        )

    def add_order(self, order: Order) -> Order:
        """Take an order and its money in one transaction; its number is given here."""
        cost = order.amount - order.discount
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self.set_balance(order.currency, self.balance(order.currency) - cost)
            number = self._db.execute(
                "INSERT INTO orders (key, product_id, quantity, unit_price, amount, discount, fee,"
                " currency, status, reads_left, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    order.key,
                    order.product_id,
                    order.quantity,
                    str(order.unit_price),
                    str(order.amount),
                    str(order.discount),
                    str(order.fee),
                    order.currency,
                    order.status,
                    order.reads_left,
                    order.created_at.isoformat(),
                ),
            ).lastrowid
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        found = self.order(number or 0)
        if found is None:
            raise RuntimeError("an order just written cannot be read")
        return found

    def order(self, number: int) -> Order | None:
        """Read one order."""
        row = self._db.execute(_ORDER + " WHERE id = ?", (number,)).fetchone()
        return None if row is None else _order(row)

    def orders(self) -> list[Order]:
        """Read every order, newest first, as the real report has them."""
        return [_order(row) for row in self._db.execute(_ORDER + " ORDER BY id DESC")]

    def set_status(self, number: int, status: str, reads_left: int = 0) -> None:
        """Move an order to another status."""
        change = "UPDATE orders SET status = ?, reads_left = ? WHERE id = ?"
        self._db.execute(change, (status, reads_left, number))

    def note_read(self, order: Order) -> None:
        """Bring a pending order one reading closer to its success."""
        if order.status == "PENDING" and order.reads_left > 0:
            left = order.reads_left - 1
            self.set_status(order.id, "PENDING" if left else "SUCCESSFUL", left)


def _order(row: tuple[object, ...]) -> Order:
    texts = [str(value) for value in row]
    return Order(
        id=int(texts[0]),
        key=None if row[1] is None else texts[1],
        product_id=int(texts[2]),
        quantity=int(texts[3]),
        unit_price=Decimal(texts[4]),
        amount=Decimal(texts[5]),
        discount=Decimal(texts[6]),
        fee=Decimal(texts[7]),
        currency=texts[8],
        status=texts[9],
        reads_left=int(texts[10]),
        created_at=datetime.fromisoformat(texts[11]).astimezone(UTC),
    )
