"""What a check is, and what became of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from api.conformance.bench import Bench
from catalog.suppliers import Capability

Trial = Callable[[Bench], Awaitable[None]]


class Result(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "FAILED"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Check:
    """One claim about an adapter, and how it is tried."""

    group: str
    name: str
    words: str
    trial: Trial
    needs: frozenset[Capability]
    """Capabilities without which the claim has no meaning."""
    plays: tuple[str, str] | None
    """A fault that the double has to play for it: its place and kind."""
    uses: frozenset[str]
    """Controls that the double has to have for it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a check, and why."""

    group: str
    name: str
    words: str
    result: Result
    why: str = ""


class Checks:
    """The checks of one group, in the order in which they are written."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.found: list[Check] = []

    def add(
        self,
        *needs: Capability,
        plays: tuple[str, str] | None = None,
        uses: tuple[str, ...] = (),
    ) -> Callable[[Trial], Trial]:
        """Take a function as a check: its name is the check's, its docstring the claim."""

        def take(trial: Trial) -> Trial:
            name = getattr(trial, "__name__", "")
            words = (trial.__doc__ or "").strip()
            needed, used = frozenset(needs), frozenset(uses)
            self.found.append(Check(self.group, name, words, trial, needed, plays, used))
            return trial

        return take
