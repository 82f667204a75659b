"""What an invariant is, and how it came out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

_FOLDER = Path(__file__).parent / "sql"
_HEAD = re.compile(
    r"-- (?P<says>.+)\n-- examines: (?P<schema>\w+)\.(?P<relation>\w+)\n"
    r"(?:-- guards: (?P<guards>money)(?P<whole>, as a whole)?\n)?"
)

_FROM_THE_BEGINNING = UUID(int=0)
_RANDOM_BITS = 80


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must hold, the relation it speaks of, and a query for its breaches.

    One that guards money stops payouts and code delivery when it is broken. Its query may take
    `:since_id`, before which it need not look; one that can only be asked of everything says so.
    """

    name: str
    says: str
    schema: str
    relation: str
    query: str
    guards_money: bool = False
    is_whole: bool = False

    def values(self, *, since: datetime | None, now: datetime) -> dict[str, Any]:
        """Tell the values that the query takes; without `since` it looks at everything.

        Ids sort by time: those made since an instant are not below the first that it allows.
        """
        since_id = _FROM_THE_BEGINNING if since is None else _first_id_of(since)
        known = {"now": now, "since_id": since_id}
        return {name: value for name, value in known.items() if f":{name}" in self.query}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one invariant came out: the rows it speaks of, and those that break it."""

    name: str
    says: str
    examined: int
    breaches: tuple[Mapping[str, Any], ...]

    @property
    def ok(self) -> bool:
        """Whether it holds."""
        return not self.breaches


@dataclass(frozen=True, slots=True)
class Breach:
    """An invariant that does not hold in a network; 0 when no network can be told."""

    network_id: int
    invariant: str
    rows: int


def _first_id_of(instant: datetime) -> UUID:
    return UUID(int=int(instant.timestamp() * 1000) << _RANDOM_BITS)


@cache
def invariants() -> tuple[Invariant, ...]:
    """Read all invariants; each is a file of its own, named after what holds."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.sql")))


def _read(path: Path) -> Invariant:
    text = path.read_text("utf-8")
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"{path.name} does not say what it examines")
    return Invariant(
        name=path.stem,
        says=head["says"],
        schema=head["schema"],
        relation=head["relation"],
        query=text,
        guards_money=head["guards"] is not None,
        is_whole=head["whole"] is not None,
    )
