"""What is asked of a ledger, in plain Python: accounts, lines, journals."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MOST = 2**63 - 1


@dataclass(frozen=True)
class Nature:
    """Which side is more, whether it may fall below zero, is kept and locked, and has lots."""

    normal: int
    floored: bool = False
    kept: bool = True
    has_lots: bool = False


NATURES = {
    "partner_recv": Nature(1, kept=False),
    "platform_fee": Nature(-1, kept=False),
    "member_recv": Nature(1),
    "settle_payable": Nature(-1, floored=True),
    "member_pending": Nature(-1, floored=True, has_lots=True),
    "member_available": Nature(-1, floored=True, has_lots=True),
}


@dataclass(frozen=True)
class Name:
    """An account by its type, its owner and its unit."""

    type: str
    owner: str
    unit: str = "SAR"

    @property
    def nature(self) -> Nature:
        return NATURES[self.type]


@dataclass(frozen=True)
class Part:
    minor: int
    origin: str
    funder: str
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One line; debit is positive. `unit` is what it claims to be in."""

    account: Name
    minor: int
    unit: str = "SAR"
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Request:
    """A journal that is asked for; what it takes back or restores it names by number."""

    key: str
    cause: str
    entries: tuple[Entry, ...]
    effective_at: datetime
    reverses: int | None = None
    restores: int | None = None

    @property
    def lines(self) -> list[Entry]:
        return [one for one in self.entries if one.minor]

    @property
    def body(self) -> tuple[object, ...]:
        """What makes two requests of one key the same: no times are in it."""
        lines = [
            (one.account, one.unit, one.minor, [(p.minor, p.origin, p.funder) for p in one.parts])
            for one in self.lines
        ]
        return self.cause, self.reverses, self.restores, lines


def debits(lines: Iterable[Entry]) -> Counter[str]:
    """The sum of the debits of each unit."""
    found: Counter[str] = Counter()
    for line in lines:
        found[line.unit] += max(line.minor, 0)
    return found


def sides(one: Request, account: Name) -> tuple[int, int]:
    """What a journal debits and what it credits of an account."""
    own = [line.minor for line in one.lines if line.account == account]
    return sum(m for m in own if m > 0), -sum(m for m in own if m < 0)
