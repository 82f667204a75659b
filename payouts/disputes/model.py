"""Disputes of single statement lines by their partner."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from payouts.events import statement_contest, statement_contest_accepted, statement_contest_rejected
from payouts.ledger import Cause, Draft
from payouts.money import Money

REASON_MAX = 500


class DisputeState(StrEnum):
    """How a dispute stands; only an open one is ever decided or withdrawn."""

    OPEN = "open"
    ACCEPTED = "accepted"
    PARTIALLY_ACCEPTED = "partially_accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A partner says that it does not owe an amount of a line of its statement.

    `account_type` is where the line stands: what the partner owes, or what it is owed. `accepted`
    is what the partner need not bear in the end.
    """

    dispute_id: UUID
    statement_id: UUID
    partner_id: UUID
    journal_id: UUID
    line: int
    account_type: str
    amount: Money
    reason: str
    state: DisputeState
    opened_by: str
    opened_at: datetime
    accepted: Money | None
    remark: str | None
    decided_by: str | None
    decided_at: datetime | None

    @property
    def is_payable(self) -> bool:
        """Whether the line lessened what the partner is owed, rather than add to what it owes."""
        return self.account_type == "partner_payable"


def contest_journal(one: Dispute, *, effective_at: datetime) -> Draft:
    """Take what is contested out of what is settled; it took effect right before the cut."""
    return Draft(
        kind="statement.contest",
        key=f"dispute:{one.dispute_id}:contest",
        cause=Cause("dispute", str(one.dispute_id)),
        lines=statement_contest(
            partner_id=one.partner_id, is_payable=one.is_payable, amount=one.amount
        ),
        actor=one.opened_by,
        effective_at=effective_at,
        note={"journal": str(one.journal_id), "line": one.line},
    )


def decision_journals(one: Dispute, *, accepted: Money, actor: str, now: datetime) -> list[Draft]:
    """Give what was contested to whom it belongs: the network bears what is accepted."""
    rejected = one.amount - accepted
    drafts = [
        Draft(
            kind="statement.contest_accepted",
            key=f"dispute:{one.dispute_id}:accepted",
            cause=Cause("dispute", str(one.dispute_id)),
            lines=statement_contest_accepted(partner_id=one.partner_id, amount=accepted),
            actor=actor,
            effective_at=now,
            note={"journal": str(one.journal_id), "line": one.line},
        ),
        Draft(
            kind="statement.contest_rejected",
            key=f"dispute:{one.dispute_id}:rejected",
            cause=Cause("dispute", str(one.dispute_id)),
            lines=statement_contest_rejected(
                partner_id=one.partner_id, is_payable=one.is_payable, amount=rejected
            ),
            actor=actor,
            effective_at=now,
            note={"journal": str(one.journal_id), "line": one.line},
        ),
    ]
    return [draft for draft in drafts if draft.without_zeros()]


def state_after(amount: Money, accepted: Money) -> DisputeState:
    """Name a decision by how much of the amount it accepts."""
    if accepted == amount:
        return DisputeState.ACCEPTED
    return DisputeState.PARTIALLY_ACCEPTED if accepted else DisputeState.REJECTED
