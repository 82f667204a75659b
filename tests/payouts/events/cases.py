"""One or more examples of every business event: what goes in, what moves, what is left undone.

Amounts are whole minor units, a debit positive. `given` is what stood before; `undone` is what
still differs from it after the reversal, which is nothing when it is not said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from payouts.events import Share
from payouts.ledger import CHART, Account
from payouts.ledger.model import PLATFORM_OWNER
from payouts.money import POINTS_UNIT, Money, Points

Moves = Mapping[str, int]
OWNERS = {
    "P": "a merchant",
    "Q": "a fellow funder",
    "M": "a member",
    "N": "another member",
    "S": "a supplier",
    "X": "an experience's partner",
    "R": "a merchant that takes cards",
    "B": "a brand",
    "C": "a card",
    "K": "a settlement cycle",
    "G": "a budget",
}
IDS = {letter: UUID(int=ord(letter)) for letter in OWNERS}
P, Q, M, N, S, X, R, B, C, K, G = IDS.values()


@dataclass(frozen=True)
class Case:
    event: str
    values: Mapping[str, Any]
    moves: Moves
    given: Moves = field(default_factory=dict)
    undo: Mapping[str, Any] | None = None
    undone: Moves = field(default_factory=dict)
    title: str = ""


def account(label: str) -> Account:
    """Read a type, an owner's letter or text, a part of its own, and a currency but EUR."""
    type_, *words = label.split()
    unit = words.pop() if words and words[-1] in ("USD", POINTS_UNIT) else "EUR"
    if CHART[type_].owner_kind == "platform":
        return Account(type_, PLATFORM_OWNER, unit, words[0] if words else "")
    owner, *sub = words
    return Account(type_, str(IDS.get(owner, owner)), unit, *sub)


def label(one: Account) -> str:
    letters = {str(key): letter for letter, key in IDS.items()}
    owner = "" if one.owner_id == PLATFORM_OWNER else letters.get(one.owner_id, one.owner_id)
    words = (one.type, owner, one.sub, one.unit.replace("EUR", ""))
    return " ".join(word for word in words if word)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def pts(minor: int) -> Points:
    return Points(minor)


def share(partner_id: UUID | None, minor: int) -> Share:
    return Share(partner_id, eur(minor))
