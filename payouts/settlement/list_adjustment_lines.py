"""Listing the lines of an adjustment statement."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Correction, list_corrections
from payouts.settlement.adjustment import (
    AdjustmentLine,
    AdjustmentStatement,
    corrected_by,
    line_of,
)
from payouts.settlement.model import STANDING, Statement
from payouts.settlement.queries import STATEMENTS_MAX, statement_of
from payouts.settlement.tables import statement


async def list_adjustment_lines(
    db: AsyncConnection,
    *,
    network_id: int,
    of: AdjustmentStatement,
    limit: int,
    after: tuple[int, int] | None = None,
    before: tuple[int, int] | None = None,
    newest_first: bool = False,
) -> list[AdjustmentLine]:
    """List the postings that an adjustment statement is made of, in the sealed order.

    Changes nothing. Which statement settles a line is looked up anew: it is known once the cycle
    that it falls into is closed.
    """
    found = await list_corrections(
        db,
        network_id=network_id,
        corrected=corrected_by(of.adjusts),
        stretch=of.stretch,
        limit=limit,
        after=after,
        before=before,
        newest_first=newest_first,
    )
    if not found:
        return []
    over = await _statements_over(db, network_id, of, found)
    return [line_of(one, over) for one in found]


async def _statements_over(
    db: AsyncConnection, network_id: int, of: AdjustmentStatement, found: list[Correction]
) -> list[Statement]:
    places = [one.movement.seq for one in found]
    rows = await db.execute(
        select(statement)
        .where(
            statement.c.network_id == network_id,
            statement.c.partner_id == of.partner_id,
            statement.c.currency == of.currency,
            statement.c.from_seq < max(places),
            statement.c.to_seq >= min(places),
            statement.c.state.in_(STANDING),
        )
        .order_by(statement.c.number)
        .limit(STATEMENTS_MAX)
    )
    return [statement_of(row) for row in rows]
