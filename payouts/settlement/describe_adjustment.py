"""Describing an adjustment statement."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import read_zone
from payouts.money import Money
from payouts.seals import find_block_holding
from payouts.settlement.adjustment import AdjustmentReason, AdjustmentStatement
from payouts.settlement.description import AdjustmentDescription, Moved
from payouts.settlement.errors import StatementAltered, StatementNotFound
from payouts.settlement.list_adjustment_lines import list_adjustment_lines
from payouts.settlement.read_adjustment_statements import read_adjustment_statements

LINES_AT_ONCE = 1_000


async def describe_adjustment(
    db: AsyncConnection, *, network_id: int, adjustment_id: UUID, partner_id: UUID | None = None
) -> AdjustmentDescription:
    """Say all that an adjustment statement says but its lines; with `partner_id`, of that partner.

    Changes nothing. The lines are added up anew, as for a statement. Raises StatementNotFound,
    StatementAltered.
    """
    found = await read_adjustment_statements(
        db, network_id=network_id, adjustment_ids=[adjustment_id]
    )
    one = found.get(adjustment_id)
    if one is None or partner_id not in (None, one.partner_id):
        raise StatementNotFound
    described = AdjustmentDescription(
        network_id=network_id,
        statement=one,
        zone=await read_zone(db, network_id=network_id),
        reasons=await _sum_reasons(db, network_id, one),
        block=await find_block_holding(db, network_id=network_id, seq=one.to_seq),
    )
    if (described.lines.sides, described.lines.count) != (one.moved, one.lines_count):
        raise StatementAltered
    return described


async def _sum_reasons(
    db: AsyncConnection, network_id: int, one: AdjustmentStatement
) -> dict[AdjustmentReason, Moved]:
    zero = Money.zero(one.currency)
    reasons: dict[AdjustmentReason, Moved] = {}
    place: tuple[int, int] | None = None
    while True:
        lines = await list_adjustment_lines(
            db, network_id=network_id, of=one, limit=LINES_AT_ONCE, after=place
        )
        for line in lines:
            moved = reasons.get(line.reason, Moved(0, zero, zero))
            reasons[line.reason] = moved.with_line(line)
        if len(lines) < LINES_AT_ONCE:
            return {reason: reasons[reason] for reason in AdjustmentReason if reason in reasons}
        place = (lines[-1].seq, lines[-1].line)
