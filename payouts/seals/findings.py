"""What a verification has found so far."""

from dataclasses import dataclass, field
from uuid import UUID

from payouts.seals.model import Fault, FaultKind

FAULTS_MAX = 100


@dataclass(slots=True)
class Findings:
    """Faults in the order in which they were found, up to a bound, and what was looked at."""

    faults: list[Fault] = field(default_factory=list)
    journals: int = 0
    blocks: int = 0

    @property
    def is_full(self) -> bool:
        """Whether no more are taken, so that there is no use in looking on."""
        return len(self.faults) >= FAULTS_MAX

    def note(self, fault: Fault | None) -> None:
        """Take one more."""
        if fault is not None and not self.is_full:
            self.faults.append(fault)

    def names(self, kind: FaultKind, book_id: int) -> bool:
        """Tell whether a book has such a fault already."""
        return any((one.kind, one.book_id) == (kind, book_id) for one in self.faults)

    def name_journal(self, journal_id: UUID) -> bool:
        """Tell whether a journal is named already."""
        return any(one.journal_id == journal_id for one in self.faults)
