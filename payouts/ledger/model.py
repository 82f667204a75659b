"""Accounts, journals and holds, as values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic
from uuid import UUID, uuid5

from typing_extensions import TypeVar

from payouts.ledger.chart import CHART
from payouts.money import POINTS_UNIT, Money, Points, kind_of

V = TypeVar("V", Money, Points, default=Money)
"""What amounts are of: money where nothing else is said, or points. They never mix."""

_ACCOUNTS = UUID("8f0cf5b2-6f0d-5a43-9d2b-0f6f2b1f9a10")
_FUNDER = re.compile(r"network|partner:[0-9a-f-]{36}")
PLATFORM_OWNER = "-"
"""Owner id of the accounts that belong to the network itself."""


@lru_cache(maxsize=65_536)
def _account_id(name: str) -> UUID:
    return uuid5(_ACCOUNTS, name)


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a book, named by what it is for and whose it is."""

    type: str
    owner_id: str
    unit: str
    sub: str = ""

    def __post_init__(self) -> None:
        if self.type not in CHART:
            raise ValueError(f"{self.type} is not in the chart of accounts")
        if kind_of(self.unit) not in CHART[self.type].unit_kinds:
            raise ValueError(f"{self.type} takes no {self.unit}")

    @property
    def owner_kind(self) -> str:
        """The kind of owner that accounts of this type have."""
        return CHART[self.type].owner_kind

    @property
    def is_in_points(self) -> bool:
        """Whether what stands on it is points, not money."""
        return self.unit == POINTS_UNIT

    def id_in(self, book_id: int) -> UUID:
        """The account's id: the same name in the same book is always the same id."""
        return _account_id("/".join((str(book_id), self.type, self.unit, self.owner_id, self.sub)))


def own_account(type_: str, unit: str) -> Account:
    """Name an account of the network itself."""
    return Account(type_, PLATFORM_OWNER, unit)


@dataclass(frozen=True, slots=True)
class Cause:
    """The business event behind a journal, a hold or a lot."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class LotPart(Generic[V]):
    """A part of a line by where the value came from.

    Of an increase it becomes a lot of these terms; of a decrease it is taken from the lots of this
    origin and funder, and the times are not looked at. `funder` is "network" or "partner:<id>";
    `lapses_to` says who gets what nobody spent, "network" or "funder".
    """

    amount: V
    origin: Cause
    funder: str = "network"
    earned_at: datetime | None = None
    expires_at: datetime | None = None
    lapses_to: str = "network"

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("a part is of a positive amount")
        if not _FUNDER.fullmatch(self.funder):
            raise ValueError(f"{self.funder!r} is nobody who funds")
        if self.lapses_to not in ("network", "funder"):
            raise ValueError(f"value cannot lapse to {self.lapses_to!r}")


@dataclass(frozen=True, slots=True)
class Line(Generic[V]):
    """One posting to be: debit is positive, credit is negative.

    `parts` name lots, on accounts that have them; what they leave of the amount follows the rules.
    """

    account: Account
    amount: V
    parts: tuple[LotPart[V], ...] = ()

    def __post_init__(self) -> None:
        if self.account.unit != self.amount.unit:
            raise ValueError("a line's amount is in its account's unit")
        if self.parts:
            self._check_parts()

    def of_lots(self, parts: tuple[LotPart[V], ...]) -> "Line[V]":
        """Name the lots of it."""
        return Line(self.account, self.amount, parts)

    def _check_parts(self) -> None:
        if not CHART[self.account.type].has_lots:
            raise ValueError(f"{self.account.type} has no lots")
        if {part.amount.unit for part in self.parts} != {self.account.unit}:
            raise ValueError("a part's amount is in its line's unit")
        if sum(part.amount.minor for part in self.parts) > abs(self.amount.minor):
            raise ValueError("parts are together not above their line")


AnyLine = Line[Money] | Line[Points]


def debit(account: Account, amount: V, parts: Sequence[LotPart[V]] = ()) -> Line[V]:
    """Write an amount on the debit side."""
    return Line(account, amount, tuple(parts))


def credit(account: Account, amount: V, parts: Sequence[LotPart[V]] = ()) -> Line[V]:
    """Write an amount on the credit side."""
    return Line(account, -amount, tuple(parts))


@dataclass(frozen=True, slots=True)
class Draft:
    """A journal before it is posted. `key` makes it happen once; it derives from business ids.

    `reverses` is the journal it takes back, in whole or in part; `restores` the one whose use of
    lots it gives back.
    """

    kind: str
    key: str
    cause: Cause
    lines: tuple[AnyLine, ...]
    actor: str
    effective_at: datetime
    reverses: UUID | None = None
    note: dict[str, Any] = field(default_factory=dict)
    restores: UUID | None = None

    def without_zeros(self) -> tuple[AnyLine, ...]:
        """The lines that move something; a share of nothing is not a posting."""
        return tuple(line for line in self.lines if line.amount.minor)


@dataclass(frozen=True, slots=True)
class Posted:
    """A journal that stands in the book; `replayed` when it stood there already."""

    journal_id: UUID
    replayed: bool


@dataclass(frozen=True, slots=True)
class Balance(Generic[V]):
    """What an account has: posted on its normal side, held, and available (posted less held)."""

    posted: V
    held: V

    @property
    def available(self) -> V:
        """What can still be used."""
        return self.posted - self.held


@dataclass(frozen=True, slots=True)
class FloorLimit:
    """How far an account may fall below zero, as it was agreed: who agreed to it, and when."""

    account: Account
    number: int
    amount: Money
    agreed_by: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class PlacedHold:
    """A hold that stands; `replayed` when it stood already."""

    hold_id: UUID
    replayed: bool


@dataclass(frozen=True, slots=True)
class Hold(Generic[V]):
    """Value set aside on an account."""

    hold_id: UUID
    account_id: UUID
    amount: V
    captured: V
    released: V
    cause: Cause
    expires_at: datetime | None

    @property
    def remaining(self) -> V:
        """What is neither captured nor released."""
        return self.amount - self.captured - self.released


@dataclass(frozen=True, slots=True)
class Lot(Generic[V]):
    """A parcel of member value: what is left of it, where it came from, and when it lapses.

    A lot that was carried over from another account keeps its terms and names where from; one of
    before lots were kept has no journal.
    """

    lot_id: UUID
    account: Account
    amount: V
    remaining: V
    origin: Cause
    funder: str
    earned_at: datetime
    expires_at: datetime | None
    lapses_to: str
    journal_id: UUID | None
    from_lot_id: UUID | None


@dataclass(frozen=True, slots=True)
class LotUse(Generic[V]):
    """What a journal took from a lot (negative) or gave back to it (positive).

    `restores` is the journal whose use is given back.
    """

    lot_id: UUID
    journal_id: UUID
    amount: V
    restores: UUID | None = None


@dataclass(frozen=True, slots=True)
class LotUses:
    """How often a lot was used or given back to, and whether anything was ever given back."""

    uses: int
    given_back: bool


@dataclass(frozen=True, slots=True)
class Posting(Generic[V]):
    """One line of a journal as it stands, by its number in the journal."""

    account: Account
    amount: V
    line: int


@dataclass(frozen=True, slots=True)
class Journal:
    """One balanced, immutable event."""

    journal_id: UUID
    kind: str
    cause: Cause
    effective_at: datetime
    recorded_at: datetime
    period: str
    origin_period: str | None
    reverses: UUID | None
    actor: str
    seq: int | None
    postings: tuple[Posting[Any], ...]
    note: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrialRow(Generic[V]):
    """One row of the trial balance: an account type in a unit."""

    gl_code: str
    type: str
    debit: V
    credit: V

    @property
    def is_in_points(self) -> bool:
        """Whether it sums points, not money."""
        return self.debit.unit == POINTS_UNIT


@dataclass(frozen=True, slots=True)
class MovementSum:
    """What moved one owner's account of one type within a stretch of the sealed order.

    `apart` is what journals of the kinds moved that were to be told apart; it is in `amount` too.
    """

    type: str
    owner_id: str
    amount: Money
    apart: Money
    lines: int


@dataclass(frozen=True, slots=True)
class KindSum:
    """What journals of one kind moved on accounts of one type within a stretch."""

    kind: str
    type: str
    amount: Money
    lines: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting at its place in the sealed order, with the journal it belongs to."""

    seq: int
    line: int
    journal_id: UUID
    kind: str
    cause: Cause
    effective_at: datetime
    recorded_at: datetime
    type: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Standing:
    """An account that is not at zero: debits less credits, and since when it has moved."""

    account: Account
    amount: Money
    since: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """The place up to which snapshots hold everything, and how many journals were folded now."""

    folded_seq: int
    folded: int


@dataclass(frozen=True, slots=True)
class Period:
    """An accounting month: open, proposed to be closed ("soft"), or closed."""

    month: date
    status: str
    proposed_by: str | None
    proposed_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None


def month_after(month: date) -> date:
    """Tell the first day of the month after one that is given by its first day."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def total_trial_balance(rows: Sequence[TrialRow[Any]]) -> list[TrialRow[Any]]:
    """Sum the two columns of each unit; in a sound book they are equal."""
    sums: dict[str, TrialRow[Any]] = {}
    for row in rows:
        sofar = sums.get(row.debit.unit)
        debits = row.debit if sofar is None else sofar.debit + row.debit
        credits_ = row.credit if sofar is None else sofar.credit + row.credit
        sums[row.debit.unit] = TrialRow("", "", debits, credits_)
    return [sums[unit] for unit in sorted(sums)]
