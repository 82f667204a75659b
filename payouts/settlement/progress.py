"""How far the statements of a settlement cycle are."""

from dataclasses import dataclass
from uuid import UUID

from payouts.money import Money
from payouts.settlement.model import CycleState, Outcome


@dataclass(frozen=True, slots=True)
class StatementCount:
    """The statements of a cycle that stand with one outcome, in one currency; their nets added."""

    outcome: Outcome
    count: int
    net: Money


@dataclass(frozen=True, slots=True)
class IssuedStatements:
    """Where a cycle stands, and what its statements come to."""

    cycle_id: UUID
    state: CycleState
    version: int
    counts: tuple[StatementCount, ...]

    @property
    def count(self) -> int:
        """How many statements stand."""
        return sum(one.count for one in self.counts)
