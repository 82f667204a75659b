"""How far the matching of outside lines is."""

from dataclasses import dataclass
from datetime import datetime

from payouts.money import Money


@dataclass(frozen=True, slots=True)
class MatchingProgress:
    """How the outside lines of a period stand, of one side and in one currency."""

    leg: str
    count: int
    matched_count: int
    resolved_count: int
    proposed_count: int
    open_amount: Money
    open_since: datetime | None

    @property
    def open_count(self) -> int:
        """How many nothing explains yet, and nobody proposed an explanation for."""
        return self.count - self.matched_count - self.resolved_count - self.proposed_count
