"""Adjustment statements: what corrects a final statement, told in a document of its own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid5

from payouts.ledger import Account, Corrected, Correction, Cut, Movement, MovementSum, Stretch
from payouts.money import Money
from payouts.settlement.model import OWN_KINDS, SCOPE, Sides, Statement

DECISIONS = {"statement.contest": ("statement.contest_accepted", "statement.contest_rejected")}
"""Journals that decide what was contested, by the kind that set it aside; a dispute causes both."""


class AdjustmentReason(StrEnum):
    """Why a posting corrects a statement."""

    REVERSAL = "reversal"
    DISPUTE = "dispute"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class AdjustmentStatement:
    """What corrects a final statement and was sealed after another place and up to `to_seq`.

    It is a document: nothing is settled by it. Each of its lines is settled by the statement of
    the cycle that it falls into, so no amount of it is ever paid on its account.
    """

    adjustment_id: UUID
    number: int
    adjusts: Statement
    from_seq: int
    to_seq: int
    moved: Sides
    lines_count: int
    block: int | None
    content_hash: str
    issued_by: str
    issued_at: datetime

    @property
    def partner_id(self) -> UUID:
        """Whose it is."""
        return self.adjusts.partner_id

    @property
    def currency(self) -> str:
        """What all its amounts are in."""
        return self.adjusts.currency

    @property
    def stretch(self) -> Stretch:
        """Where its lines stand: behind the statement's cut, and what the one before had seen."""
        return stretch_behind(self.adjusts, self.from_seq, self.to_seq)


@dataclass(frozen=True, slots=True)
class AdjustmentLine(Movement):
    """A posting that corrects a statement, why, and where it is settled.

    `corrects` is the journal on the statement that it takes back or decides; what came late has
    none. `settled_in` is the statement that it is a line of; None until there is one.
    """

    reason: AdjustmentReason
    corrects: UUID | None
    is_late: bool
    settled_in: Statement | None


def corrected_by(one: Statement) -> Corrected:
    """Say what of the ledger an adjustment statement looks for corrections of."""
    accounts = [Account(kind, str(one.partner_id), one.currency) for kind in SCOPE]
    return Corrected(accounts, one.stretch, DECISIONS)


def stretch_behind(one: Statement, from_seq: int, to_seq: int) -> Stretch:
    """Make the stretch of what stands behind a statement's cut, between two places.

    What settles is no correction.
    """
    cut = one.stretch.cut
    before = None if cut.at is None else cut
    return Stretch(Cut(None, to_seq), before, from_seq, without_kinds=OWN_KINDS)


def adjustment_id_of(statement_id: UUID, to_seq: int) -> UUID:
    """Derive an id: no two adjustments of a statement end at the same place."""
    return uuid5(statement_id, f"adjustment:{to_seq}")


def sides_of_sums(sums: Sequence[MovementSum], currency: str) -> Sides:
    """Read both sides out of the sums of their accounts."""
    found = {one.type: one.amount for one in sums}
    nothing = Money.zero(currency)
    return Sides(found.get(SCOPE[0], nothing), -found.get(SCOPE[1], nothing))


def line_of(one: Correction, over: Sequence[Statement]) -> AdjustmentLine:
    """Say why a posting corrects, and which of some statements settles it."""
    moved = one.movement
    if one.decides is not None:
        reason = AdjustmentReason.DISPUTE
    elif one.reverses is not None:
        reason = AdjustmentReason.REVERSAL
    else:
        reason = AdjustmentReason.LATE
    settled_in = next(
        (it for it in over if it.stretch.holds(moved.seq, moved.effective_at, moved.kind)), None
    )
    return AdjustmentLine(
        moved.seq,
        moved.line,
        moved.journal_id,
        moved.kind,
        moved.cause,
        moved.effective_at,
        moved.recorded_at,
        moved.type,
        moved.amount,
        reason=reason,
        corrects=one.decides or one.reverses,
        is_late=one.is_late,
        settled_in=settled_in,
    )


def hash_adjustment(
    adjusts: Statement,
    *,
    number: int,
    from_seq: int,
    to_seq: int,
    moved: Sides,
    lines_count: int,
    block_digest: bytes,
) -> str:
    """Hash all that an adjustment statement says, in the writing of hash_position.

    Its lines are those of the sealed order that correct the statement, whose hash is in it.
    """
    content = {
        "adjusts": [adjusts.number, adjusts.version, adjusts.content_hash],
        "block": block_digest.hex(),
        "currency": adjusts.currency,
        "from": from_seq,
        "lines": lines_count,
        "moved": [moved.receivable.minor, moved.payable.minor],
        "number": number,
        "partner": str(adjusts.partner_id),
        "to": to_seq,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
