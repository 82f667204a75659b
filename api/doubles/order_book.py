"""What a double of a supplier remembers: orders, money, messages and what is common to all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from api.doubles.double_memory import DoubleMemory

OPENING_BALANCE = Decimal(1_000_000)
TOKEN_SECONDS = 24 * 3600

_TABLES = """
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_key ON orders (key);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, body TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the double remembers it; amounts are in major units, `status` in its words."""

    key: str | None
    sku: str
    face: Decimal
    face_currency: str
    cost: Decimal
    """What was taken from the balance in all."""
    currency: str
    status: str
    created_at: datetime
    number: int = 0
    """Given when it is taken."""
    quantity: int = 1
    fee: Decimal = Decimal(0)
    """Of the cost, what is charged beside the price."""
    discount: Decimal = Decimal(0)
    """What the cost is less than price and fee."""
    cancelled: list[int] = field(default_factory=list)
    """Which of several cards were cancelled."""
    notes: str = ""
    goal: str | None = None
    """The status that it comes to by itself."""
    reads_left: int = 0
    """How often it is read before it comes there."""
    hidden_left: int = 0
    """How many look-ups do not find it yet."""
    short_left: int = 0
    """How many deliveries lack the last card, or a part of the only one."""
    empty_left: int = 0
    """How many deliveries have no card."""
    is_twin: bool = False
    """Whether the supplier sold it by itself, beside or after what was asked for."""
    is_used: bool = False
    lies: dict[str, str] = field(default_factory=dict)
    """What answers about the order say instead of the truth."""

    @property
    def amount(self) -> Decimal:
        """Price and fee, before the discount."""
        return self.cost + self.discount

    @property
    def cards(self) -> list[tuple[str, str]]:
        """Number and PIN of every card; both begin with zeros, as real ones may."""
        made = self.created_at.isoformat()
        seeds = [
            hashlib.sha256(f"{self.number}:{index}:{made}".encode()).digest()
            for index in range(self.quantity)
        ]
        return [
            (
                f"00{int.from_bytes(seed[:8]) % 10**14:014d}",
                f"0{int.from_bytes(seed[8:12]) % 10**3:03d}",
            )
            for seed in seeds
        ]


class OrderBook(DoubleMemory):
    """The double's memory. Every change is on disk before its answer leaves."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "orders.sqlite3", _TABLES)

    def setting(self, name: str, default: Any = None) -> Any:
        """Read what a control endpoint set."""
        row = self._db.execute("SELECT body FROM settings WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a setting across restarts."""
        self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))

    @property
    def changes(self) -> Mapping[str, str]:
        """What became of items of the catalogue, by sku."""
        found: Mapping[str, str] = self.setting("changes", {})
        return found

    def page_size(self, size: int) -> int:
        """Tell how long a page is: as long as was asked for, or as control wants it at most."""
        return min(size, self.setting("page_size") or size)

    def add_token(self, token: str, now: datetime) -> None:
        """Remember a token that was given out."""
        expires_at = now + timedelta(seconds=TOKEN_SECONDS)
        tokens = {**self.setting("tokens", {}), token: expires_at.isoformat()}
        self.set_setting("tokens", tokens)

    def has_token(self, token: str, now: datetime) -> bool:
        """Tell whether a token was given out and is still good."""
        expires_at = self.setting("tokens", {}).get(token)
        return expires_at is not None and datetime.fromisoformat(expires_at) > now

    def balance(self, currency: str) -> Decimal:
        """Tell what is left of the prepaid money in a currency."""
        return Decimal(self.setting(f"balance {currency}", str(OPENING_BALANCE)))

    def set_balance(self, currency: str, amount: Decimal) -> None:
        """Set the prepaid money in a currency."""
        self.set_setting(f"balance {currency}", str(amount))

    def add_order(self, order: Order) -> Order:
        """Take an order and its money in one transaction; its number is given here."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self.set_balance(order.currency, self.balance(order.currency) - order.cost)
            sql = "INSERT INTO orders (key, body) VALUES (?, ?)"
            number = self._db.execute(sql, (order.key, _packed(order))).lastrowid
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return replace(order, number=number or 0)

    def change_order(self, order: Order, **changes: Any) -> Order:
        """Write what became of an order."""
        changed = replace(order, **changes)
        self._db.execute(
            "UPDATE orders SET body = ? WHERE number = ?", (_packed(changed), order.number)
        )
        return changed

    def give_back(self, order: Order, status: str) -> Order:
        """End an order and give its money back, once."""
        if order.status != status:
            self.set_balance(order.currency, self.balance(order.currency) + order.cost)
        return self.change_order(order, status=status, goal=None, reads_left=0)

    def order(self, number: int) -> Order | None:
        """Read one order."""
        sql = "SELECT number, body FROM orders WHERE number = ?"
        row = self._db.execute(sql, (number,)).fetchone()
        return None if row is None else _unpacked(*row)

    def orders(self, key: str | None = None) -> list[Order]:
        """Read the orders, all or those of a key, oldest first."""
        sql = "SELECT number, body FROM orders WHERE ? IS NULL OR key = ? ORDER BY number"
        return [_unpacked(*row) for row in self._db.execute(sql, (key, key))]

    def look_up(self, key: str | None) -> list[Order]:
        """Find orders as whoever asks for them does: one that is late is not there at first."""
        return [order for order in self.orders(key) if self.sees(order)]

    def sees(self, order: Order) -> bool:
        """Tell whether a look-up sees an order already; each that does not brings it closer."""
        if order.hidden_left > 0:
            self.change_order(order, hidden_left=order.hidden_left - 1)
        return order.hidden_left == 0

    def note_delivery(self, order: Order) -> None:
        """Bring an order that lacks cards one delivery closer to having all."""
        if order.short_left or order.empty_left:
            self.change_order(
                order,
                short_left=max(order.short_left - 1, 0),
                empty_left=max(order.empty_left - 1, 0),
            )

    def take_cards(self, order: Order) -> list[tuple[str, str]]:
        """Hand out the cards of an order, at first perhaps without the last one, or without any."""
        self.note_delivery(order)
        if order.empty_left:
            return []
        return order.cards[:-1] if order.short_left else order.cards

    def note_read(self, order: Order) -> Order | None:
        """Bring an order one reading closer to its goal; gives it when it has just come there."""
        if order.goal is None or order.reads_left <= 0:
            return None
        left = order.reads_left - 1
        if left:
            self.change_order(order, reads_left=left)
            return None
        return self.change_order(order, status=order.goal, goal=None, reads_left=0)

    def add_event(self, body: str) -> int:
        """Keep a message; gives its number."""
        sql = "INSERT INTO events (body) VALUES (?)"
        return self._db.execute(sql, (body,)).lastrowid or 0

    def events(self) -> list[str]:
        """Read every message, oldest first."""
        return [row[0] for row in self._db.execute("SELECT body FROM events ORDER BY id")]


def _packed(order: Order) -> str:
    return json.dumps(asdict(order), default=str)


def _unpacked(number: int, body: str) -> Order:
    fields = json.loads(body)
    fields.update(
        number=number,
        **{name: Decimal(fields[name]) for name in ("face", "cost", "fee", "discount")},
        created_at=datetime.fromisoformat(fields["created_at"]),
    )
    return Order(**fields)
