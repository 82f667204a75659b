"""Issuing an adjustment statement."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Cut, begin_stretch, sum_corrections
from payouts.seals import read_last_block, seal_journals
from payouts.settlement.adjustment import (
    AdjustmentStatement,
    adjustment_id_of,
    corrected_by,
    hash_adjustment,
    sides_of_sums,
    stretch_behind,
)
from payouts.settlement.errors import NothingToAdjust, StatementNotFinal
from payouts.settlement.model import Statement, StatementState
from payouts.settlement.queries import find_last_number, get_statement
from payouts.settlement.tables import adjustment_statement


async def issue_adjustment_statement(
    db: AsyncConnection, *, network_id: int, statement_id: UUID, actor: str, now: datetime
) -> AdjustmentStatement:
    """Number what corrects a final statement and no earlier adjustment of it says; post nothing.

    Of two at once for the same statement one finds what there is, and the other nothing. Raises
    StatementNotFound, StatementNotFinal, NothingToAdjust.
    """
    # Sealing takes turns with all that gives numbers, so that they have no gap.
    position = await seal_journals(db, network_id=network_id, now=now)
    adjusts = await get_statement(db, network_id=network_id, statement_id=statement_id)
    if adjusts.state is not StatementState.FINAL:
        raise StatementNotFinal(state=adjusts.state.value)
    from_seq = await _begin(db, network_id, adjusts)
    to_seq = max(position.last_seq, from_seq)
    sums = await sum_corrections(
        db,
        network_id=network_id,
        corrected=corrected_by(adjusts),
        stretch=stretch_behind(adjusts, from_seq, to_seq),
        unit=adjusts.currency,
    )
    if not sums:
        raise NothingToAdjust
    moved = sides_of_sums(sums, adjusts.currency)
    lines_count = sum(one.lines for one in sums)
    number = await find_last_number(db, network_id=network_id) + 1
    block = await read_last_block(db, network_id=network_id)
    issued = AdjustmentStatement(
        adjustment_id=adjustment_id_of(statement_id, to_seq),
        number=number,
        adjusts=adjusts,
        from_seq=from_seq,
        to_seq=to_seq,
        moved=moved,
        lines_count=lines_count,
        block=block.block if block else None,
        content_hash=hash_adjustment(
            adjusts,
            number=number,
            from_seq=from_seq,
            to_seq=to_seq,
            moved=moved,
            lines_count=lines_count,
            block_digest=block.digest if block else b"",
        ),
        issued_by=actor,
        issued_at=now,
    )
    await db.execute(insert(adjustment_statement).values(**_row(network_id, issued)))
    return issued


async def _begin(db: AsyncConnection, network_id: int, adjusts: Statement) -> int:
    """Tell behind which place nothing was looked at yet."""
    last = await db.execute(
        select(func.max(adjustment_statement.c.to_seq)).where(
            adjustment_statement.c.network_id == network_id,
            adjustment_statement.c.statement_id == adjusts.statement_id,
        )
    )
    seen: int | None = last.scalar_one()
    if seen is not None:
        return seen
    cut = adjusts.stretch.cut
    if cut.at is None:
        return cut.seq
    # What took effect only after the cut may stand before its place already.
    behind = await begin_stretch(db, network_id=network_id, cut=Cut(None, cut.seq), before=cut)
    return behind.from_seq


def _row(network_id: int, one: AdjustmentStatement) -> dict[str, object]:
    return {
        "network_id": network_id,
        "adjustment_id": one.adjustment_id,
        "statement_id": one.adjusts.statement_id,
        "adjusts_number": one.adjusts.number,
        "partner_id": one.partner_id,
        "number": one.number,
        "currency": one.currency,
        "from_seq": one.from_seq,
        "to_seq": one.to_seq,
        "receivable": one.moved.receivable.minor,
        "payable": one.moved.payable.minor,
        "lines_count": one.lines_count,
        "block": one.block,
        "content_hash": one.content_hash,
        "issued_by": one.issued_by,
        "issued_at": one.issued_at,
    }
