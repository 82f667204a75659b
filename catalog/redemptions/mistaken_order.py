"""Orders that a supplier took and that nobody had anything of, and how they end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from payouts.money import Money

REFERENCE_LENGTH_MAX = 200
ORDER_REMARK_LENGTH_MAX = 500
LOST_CODE = "ORDER_LOST"
"""Why a redemption failed whose order was given up by people."""


class MistakenOrderKind(StrEnum):
    """How an order became mistaken."""

    LOST = "lost"
    """The supplier took it and does not tell it as ours, or for an hour nothing at all of it."""
    SURPLUS = "surplus"
    """It came to light although it had been refused, or beside the one that was delivered."""


class MistakenOrderState(StrEnum):
    """How a mistaken order stands. What two persons agreed on may still turn into the other."""

    OPEN = "open"
    SETTLED = "settled"
    """The supplier put it right by itself: it was delivered, refused, or never there."""
    CANCELLED = "cancelled"
    WRITTEN_OFF = "written_off"


class OrderOutcome(StrEnum):
    """What becomes of a mistaken order in the end."""

    CANCELLED = "cancelled"
    """The supplier cancelled it: it charges nothing, or gave back what it had charged."""
    WRITTEN_OFF = "written_off"
    """The supplier charges for it, and the network bears that."""


@dataclass(frozen=True, slots=True)
class OrderResolution:
    """What one person proposed of a mistaken order and, when it is approved, another agreed to."""

    resolution_id: UUID
    number: int
    outcome: OrderOutcome
    reference: str
    charged: Money | None
    remark: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    lapsed_at: datetime | None = None
    """When the supplier put the order right before anybody had agreed."""
    journal_id: UUID | None = None

    @property
    def is_approved(self) -> bool:
        """Whether a second person agreed."""
        return self.approved_at is not None

    @property
    def is_waiting(self) -> bool:
        """Whether a second person may still agree, if nothing takes its place."""
        return self.approved_at is None and self.lapsed_at is None

    @classmethod
    def from_row(cls, row: Any) -> Self:
        """Read it back."""
        return cls(
            resolution_id=row.resolution_id,
            number=row.number,
            outcome=OrderOutcome(row.outcome),
            reference=row.reference,
            charged=None if row.charged is None else Money(row.charged, row.currency),
            remark=row.remark,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
            lapsed_at=row.lapsed_at,
            journal_id=row.journal_id,
        )


@dataclass(frozen=True, slots=True)
class MistakenOrder:
    """An order that exists at a supplier and that nobody had anything of.

    `reference` is what the supplier calls it, as soon as somebody knows; `expected_cost` what it
    was to charge. `resolutions` are in the order in which they were proposed.
    """

    mistaken_order_id: UUID
    redemption_id: UUID
    attempt_id: UUID
    supplier_id: UUID
    supplier_key: str
    kind: MistakenOrderKind
    reference: str | None
    state: MistakenOrderState
    expected_cost: Money | None
    told: str | None
    """What was written down of the order last."""
    reported_by: str | None
    noticed_at: datetime
    ended_at: datetime | None
    resolutions: tuple[OrderResolution, ...] = ()

    @property
    def proposed(self) -> OrderResolution | None:
        """What waits for a second person."""
        last = self.resolutions[-1] if self.resolutions else None
        return last if last is not None and last.is_waiting else None

    @property
    def in_force(self) -> OrderResolution | None:
        """What was agreed last."""
        agreed = [one for one in self.resolutions if one.is_approved]
        return agreed[-1] if agreed else None

    @property
    def may_end_otherwise(self) -> bool:
        """Whether people may still decide: not over what the supplier put right."""
        return self.state is not MistakenOrderState.SETTLED

    def may_become(self, outcome: OrderOutcome) -> bool:
        """Whether an outcome is not the one that it has."""
        return self.may_end_otherwise and self.state.value != outcome.value

    @classmethod
    def from_row(cls, row: Any, resolutions: Sequence[OrderResolution]) -> Self:
        """Read it back, with the facts of its attempt."""
        return cls(
            mistaken_order_id=row.mistaken_order_id,
            redemption_id=row.redemption_id,
            attempt_id=row.attempt_id,
            supplier_id=row.supplier_id,
            supplier_key=row.supplier_key,
            kind=MistakenOrderKind(row.kind),
            reference=row.reference or (row.supplier_reference if row.kind == "lost" else None),
            state=MistakenOrderState(row.state),
            expected_cost=None if row.cost is None else Money(row.cost, row.cost_currency),
            told=row.remark,
            reported_by=row.reported_by,
            noticed_at=row.noticed_at,
            ended_at=row.ended_at,
            resolutions=tuple(resolutions),
        )
