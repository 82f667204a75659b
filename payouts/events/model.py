"""What a business event is to the books: a named template of lines, and what takes it back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, TypeVar
from uuid import UUID

from payouts.fx import FxRate
from payouts.ledger import Account, AnyLine, Line, credit, debit, own_account
from payouts.money import Money

Lines = tuple[Line, ...]
PointsLines = tuple[AnyLine, ...]
"""Lines in points, and in money beside them; each unit balances by itself."""
_Template = TypeVar("_Template", bound=Callable[..., PointsLines])
_Line = TypeVar("_Line", bound=Line[Any])


@dataclass(frozen=True, slots=True)
class Share:
    """A part of an amount that one partner pays or gets; None is the network itself."""

    partner_id: UUID | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Event:
    """A business event: the template that writes its lines, and the name of what takes it back.

    `numbers` are its places in the list of events; `kind` is what its journals are called in the
    books, with a star where the provider's own word stands.
    """

    name: str
    numbers: tuple[int, ...]
    kind: str
    source: str
    named_reversal: str | None
    build: Callable[..., PointsLines]

    @property
    def reversal(self) -> str:
        """The name of the event that takes it back: one of its own, or its exact inverse."""
        return self.named_reversal or f"{self.name}.reversed"

    @property
    def is_inverted(self) -> bool:
        """Whether it is taken back by the same lines with their signs turned."""
        return self.named_reversal is None


EVENTS: dict[str, Event] = {}
"""Every business event by its name."""

WITHOUT_JOURNAL: Mapping[int, str] = {
    14: "A card is authorised, voided, or its authorisation expires: a hold is placed on the card"
    " or ends. Nothing is posted; what is taken is a capture.",
}
"""Events of the list that move no value between accounts."""


def business_event(
    name: str,
    *numbers: int,
    source: str,
    reversal: str | None = None,
    kind: str | None = None,
) -> Callable[[_Template], _Template]:
    """Register a template of lines as a business event."""

    def register(build: _Template) -> _Template:
        if name in EVENTS:
            raise ValueError(f"{name} is registered twice")
        EVENTS[name] = Event(name, numbers, kind or name, source, reversal, build)
        return build

    return register


def events_of(kind: str) -> Iterator[Event]:
    """Find the events whose journals, or whose exact inverses, are of a kind."""
    for one in EVENTS.values():
        if fnmatchcase(kind, one.kind) or (one.is_inverted and kind == one.reversal):
            yield one


def reversed_lines(lines: Sequence[_Line]) -> tuple[_Line, ...]:
    """Turn the sign of every line: posted together with the lines, nothing has moved."""
    return tuple(replace(line, amount=-line.amount, parts=()) for line in lines)


def exchange_lines(*, given: Money, got: Money) -> Lines:
    """Take one currency out of the network's position and put another in.

    Each currency balances by itself; what the position shows is what is open at the market.
    """
    return (
        credit(own_account("fx_position", given.currency), given),
        debit(own_account("fx_position", got.currency), got),
    )


def rate_note(rate: FxRate) -> dict[str, str]:
    """Write down the quoted rate and who quoted it, for a journal in two currencies."""
    return {
        "fx_rate_id": str(rate.fx_rate_id),
        "fx_rate": rate.text,
        "fx_base": rate.base,
        "fx_quote": rate.quote,
        "fx_source": rate.source,
        "fx_observed_at": rate.observed_at.isoformat(),
    }


def owned(type_: str, owner_id: UUID | str, unit: str) -> Account:
    """Name an account by whose it is."""
    return Account(type_, str(owner_id), unit)


def sum_of(shares: Sequence[Share], unit: str) -> Money:
    """Add shares up; of none it is zero."""
    return sum((share.amount for share in shares), Money.zero(unit))
