"""What an invariant is, and how it came out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "sql"
_HEAD = re.compile(r"-- (?P<says>.+)\n-- examines: (?P<schema>\w+)\.(?P<relation>\w+)\n")


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must hold, the relation it speaks of, and a query for its breaches."""

    name: str
    says: str
    schema: str
    relation: str
    query: str


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


@cache
def invariants() -> tuple[Invariant, ...]:
    """Read all invariants; each is a file of its own, named after what holds."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.sql")))


def _read(path: Path) -> Invariant:
    text = path.read_text("utf-8")
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"{path.name} does not say what it examines")
    return Invariant(path.stem, head["says"], head["schema"], head["relation"], text)
