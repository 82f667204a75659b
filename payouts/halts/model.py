"""What a halt is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

ALL_NETWORKS = 0
"""A halt of this network holds for every network: the breach belongs to none in particular."""

HALT_WAIT = timedelta(seconds=60)
"""How long after a refused act its object is due again."""

REASON_LENGTH_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Halt:
    """Payouts and code delivery of a network stopped, because an invariant was found broken."""

    halt_id: UUID
    network_id: int
    invariant: str
    breaches: int
    opened_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    reason: str | None

    @property
    def is_open(self) -> bool:
        """Whether it still stops anything."""
        return self.lifted_at is None
