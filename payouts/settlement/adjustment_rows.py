"""How adjustment statements are read out of their rows."""

from typing import Any

from payouts.money import Money
from payouts.settlement.adjustment import AdjustmentStatement
from payouts.settlement.model import Sides, Statement


def adjustment_of(row: Any, adjusts: Statement) -> AdjustmentStatement:
    """Read an adjustment statement out of its row and the statement that it adjusts."""
    return AdjustmentStatement(
        adjustment_id=row.adjustment_id,
        number=row.number,
        adjusts=adjusts,
        from_seq=row.from_seq,
        to_seq=row.to_seq,
        moved=Sides(Money(row.receivable, row.currency), Money(row.payable, row.currency)),
        lines_count=row.lines_count,
        block=row.block,
        content_hash=row.content_hash,
        issued_by=row.issued_by,
        issued_at=row.issued_at,
    )
