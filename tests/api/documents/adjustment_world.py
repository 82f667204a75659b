"""An adjustment that no database made, with a line of every sort, for tests of its documents."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from uuid import UUID

from api.documents.heading import Heading
from api.graphql.languages import Spoken
from payouts.ledger import Cause, Movement
from payouts.settlement import (
    AdjustmentDescription,
    AdjustmentLine,
    AdjustmentReason,
    AdjustmentStatement,
    Moved,
    Sides,
    Statement,
)
from tests.api.documents.world import (
    NETWORK,
    NETWORK_ID,
    PARTNER,
    describe,
    journal_id,
    money,
    movement,
)
from tests.conftest import NOW

ADJUSTED = replace(describe().statement, number=11)
SETTLING = describe().statement
DISPUTE = Cause("dispute", "018f0000-0000-7000-8000-00000000005d")


def line(
    moved: Movement,
    reason: AdjustmentReason,
    corrects: int | None = None,
    *,
    settled_in: Statement | None = None,
) -> AdjustmentLine:
    return AdjustmentLine(
        *(getattr(moved, one.name) for one in fields(Movement)),
        reason=reason,
        corrects=None if corrects is None else journal_id(corrects),
        is_late=reason is AdjustmentReason.LATE,
        settled_in=settled_in,
    )


LINES = (
    line(
        movement(21, "accrual.return_available", -6_000, at=NOW + timedelta(hours=2)),
        AdjustmentReason.REVERSAL,
        11,
        settled_in=SETTLING,
    ),
    line(
        movement(22, "card.capture", payable=2_450, at=NOW - timedelta(hours=3)),
        AdjustmentReason.LATE,
        settled_in=SETTLING,
    ),
    line(
        movement(40, "statement.contest_rejected", 150, at=NOW + timedelta(days=3), cause=DISPUTE),
        AdjustmentReason.DISPUTE,
        19,
    ),
)
"""60.00 less is owed, then 1.50 more again, and 24.50 more is due: -83.00 net."""


def describe_adjustment(lines: Sequence[AdjustmentLine] = LINES) -> AdjustmentDescription:
    """Describe an adjustment made of some lines; it adjusts statement 11."""
    nothing = Moved(0, money(0), money(0))
    reasons: dict[AdjustmentReason, Moved] = {}
    for one in lines:
        reasons[one.reason] = reasons.get(one.reason, nothing).with_line(one)
    adjustment = AdjustmentStatement(
        adjustment_id=UUID("018f0000-0000-7000-8000-00000000005e"),
        number=13,
        adjusts=ADJUSTED,
        from_seq=20,
        to_seq=44,
        moved=sum((one.sides for one in reasons.values()), start=Sides.zero("SAR")),
        lines_count=len(lines),
        block=4,
        content_hash="cd" * 32,
        issued_by="staff:mona",
        issued_at=NOW + timedelta(days=4),
    )
    return AdjustmentDescription(
        network_id=NETWORK_ID,
        statement=adjustment,
        zone="Asia/Riyadh",
        reasons={one: reasons[one] for one in AdjustmentReason if one in reasons},
        block=describe().block,
    )


def adjustment_heading(
    locale: Spoken = Spoken.EN, lines: Sequence[AdjustmentLine] = LINES
) -> Heading:
    return Heading(describe_adjustment(lines), NETWORK, PARTNER, locale)


async def each(lines: Sequence[AdjustmentLine] = LINES) -> AsyncIterator[AdjustmentLine]:
    for one in lines:
        yield one
