"""State of a double of a gift card supplier: orders, tokens, faults, money, in one SQLite file."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from api.doubles.double_memory import DoubleMemory

OPENING_BALANCE = Decimal(1_000_000)
TOKEN_SECONDS = 24 * 3600

_TABLES = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    face TEXT NOT NULL,
    amount TEXT NOT NULL,
    discount TEXT NOT NULL,
    fee TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    reads_left INTEGER NOT NULL,
    hidden_reads INTEGER NOT NULL,
    card_reads INTEGER NOT NULL,
    cards_held INTEGER NOT NULL,
    lies TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_key ON orders (key);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS balances (currency TEXT PRIMARY KEY, amount TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
    sku TEXT NOT NULL, change TEXT NOT NULL, PRIMARY KEY (sku, change)
);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_COLUMNS = (
    "key, sku, quantity, face, amount, discount, fee, currency, status, reads_left, hidden_reads,"
    " card_reads, cards_held, lies, created_at"
)
_ORDER = f"SELECT id, {_COLUMNS} FROM orders"  # noqa: S608 - names of columns, no input


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the double remembers it; amounts are in major units."""

    id: int
    key: str | None
    sku: str
    quantity: int
    face: Decimal
    amount: Decimal
    """Price and fee, before the discount."""
    discount: Decimal
    fee: Decimal
    currency: str
    status: str
    created_at: datetime
    reads_left: int = 0
    """After so many readings a pending order has succeeded."""
    hidden_reads: int = 0
    """So many look-ups do not see the order yet."""
    card_reads: int = 0
    """So many readings of its cards lack the last `cards_held` ones."""
    cards_held: int = 0
    lies: dict[str, str] = field(default_factory=dict)
    """What answers about the order say instead of the truth."""

    @property
    def cost(self) -> Decimal:
        """What was charged."""
        return self.amount - self.discount

    @property
    def cards(self) -> list[tuple[str, str]]:
        """Number and PIN of every card; both begin with zeros, as real ones may."""
        seeds = [
            hashlib.sha256(f"{self.id}:{index}:{self.created_at.isoformat()}".encode()).digest()
            for index in range(self.quantity)
        ]
        return [
            (
                f"00{int.from_bytes(seed[:8]) % 10**14:014d}",
                f"0{int.from_bytes(seed[8:12]) % 10**3:03d}",
            )
            for seed in seeds
        ]


class ShopStore(DoubleMemory):
    """The double's memory. Every change is on disk before its answer leaves.

    `pending` and `succeeded` are what the supplier calls these states of an order.
    """

    def __init__(self, folder: Path, name: str, *, pending: str, succeeded: str) -> None:
        super().__init__(folder / f"{name}.sqlite3", _TABLES)
        self.pending, self.succeeded = pending, succeeded

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

    def note(self, name: str, value: str) -> None:
        """Remember a text under a name."""
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str | None:
        """Tell the text under a name."""
        query = "SELECT value FROM notes WHERE name = ?"
        row = self._db.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])

    def page_size(self, size: int) -> int:
        """Tell how long a page is: as long as was asked for, or as control wants it at most."""
        return min(size, int(self.noted("page_size") or size))

    def change_item(self, sku: str, change: str) -> None:
        """Remember what became of an item of the catalogue."""
        self._db.execute("INSERT OR IGNORE INTO changes VALUES (?, ?)", (sku, change))

    def restore_items(self) -> None:
        """Forget what became of the items."""
        self._db.execute("DELETE FROM changes")

    def changes_of(self, sku: str) -> frozenset[str]:
        """Tell what became of an item."""
        query = "SELECT change FROM changes WHERE sku = ?"
        return frozenset(row[0] for row in self._db.execute(query, (sku,)))

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
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self.set_balance(order.currency, self.balance(order.currency) - order.cost)
            values = _values(order)
            marks = ", ".join("?" * len(values))
            number = self._db.execute(
                f"INSERT INTO orders ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 - marks alone
                values,
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

    def orders(self, key: str | None = None) -> list[Order]:
        """Read the orders, all or those of a key, newest first, as reports have them."""
        if key is None:
            return [_order(row) for row in self._db.execute(_ORDER + " ORDER BY id DESC")]
        query = _ORDER + " WHERE key = ? ORDER BY id DESC"
        return [_order(row) for row in self._db.execute(query, (key,))]

    def set_status(self, number: int, status: str, reads_left: int = 0) -> None:
        """Move an order to another status."""
        change = "UPDATE orders SET status = ?, reads_left = ? WHERE id = ?"
        self._db.execute(change, (status, reads_left, number))

    def note_read(self, order: Order) -> None:
        """Bring a pending order one reading closer to its success."""
        if order.status == self.pending and order.reads_left > 0:
            left = order.reads_left - 1
            self.set_status(order.id, self.pending if left else self.succeeded, left)

    def sees(self, order: Order) -> bool:
        """Tell whether a look-up sees an order already; each that does not brings it closer."""
        if order.hidden_reads > 0:
            change = "UPDATE orders SET hidden_reads = hidden_reads - 1 WHERE id = ?"
            self._db.execute(change, (order.id,))
        return order.hidden_reads == 0

    def take_cards(self, order: Order) -> list[tuple[str, str]]:
        """Hand out the cards of an order, at first perhaps without the last ones."""
        if order.card_reads == 0:
            return order.cards
        change = "UPDATE orders SET card_reads = card_reads - 1 WHERE id = ?"
        self._db.execute(change, (order.id,))
        return order.cards[: max(order.quantity - order.cards_held, 0)]


def _values(order: Order) -> tuple[object, ...]:
    return (
        order.key,
        order.sku,
        order.quantity,
        str(order.face),
        str(order.amount),
        str(order.discount),
        str(order.fee),
        order.currency,
        order.status,
        order.reads_left,
        order.hidden_reads,
        order.card_reads,
        order.cards_held,
        json.dumps(order.lies),
        order.created_at.isoformat(),
    )


def _order(row: tuple[object, ...]) -> Order:
    texts = [str(value) for value in row]
    return Order(
        id=int(texts[0]),
        key=None if row[1] is None else texts[1],
        sku=texts[2],
        quantity=int(texts[3]),
        face=Decimal(texts[4]),
        amount=Decimal(texts[5]),
        discount=Decimal(texts[6]),
        fee=Decimal(texts[7]),
        currency=texts[8],
        status=texts[9],
        reads_left=int(texts[10]),
        hidden_reads=int(texts[11]),
        card_reads=int(texts[12]),
        cards_held=int(texts[13]),
        lies=json.loads(texts[14]),
        created_at=datetime.fromisoformat(texts[15]).astimezone(UTC),
    )
