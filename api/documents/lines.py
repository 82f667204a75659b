"""The lines of a statement as they are written, page by page, each page a transaction of its own.

Who reads slowly holds no connection and no snapshot: what a statement covers never changes, so
pages read at different moments fit together.
"""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from payouts.ledger import Movement
from payouts.money import Money
from payouts.settlement import (
    AdjustmentDescription,
    Moved,
    StatementAltered,
    StatementDescription,
    list_adjustment_lines,
    list_statement_lines,
)

LINES_AT_ONCE = 500


async def read_lines(
    database: Database, scope: Scope, described: StatementDescription | AdjustmentDescription
) -> AsyncIterator[Movement]:
    """Read all lines in the sealed order, within a scope.

    Raises StatementAltered at the end when they do not come to what was described: a document
    breaks off then rather than show totals that its lines contradict.
    """
    place: tuple[int, int] | None = None
    zero = Money.zero(described.statement.currency)
    moved = Moved(0, zero, zero)
    while True:
        async with database.reading(described.network_id, scope) as db:
            lines = await _page(db, described, place)
        for line in lines:
            moved = moved.with_line(line)
            yield line
        if len(lines) < LINES_AT_ONCE:
            break
        place = (lines[-1].seq, lines[-1].line)
    if moved != described.lines:
        raise StatementAltered


async def _page(
    db: AsyncConnection,
    described: StatementDescription | AdjustmentDescription,
    after: tuple[int, int] | None,
) -> Sequence[Movement]:
    network_id = described.network_id
    if isinstance(described, AdjustmentDescription):
        return await list_adjustment_lines(
            db, network_id=network_id, of=described.statement, limit=LINES_AT_ONCE, after=after
        )
    return await list_statement_lines(
        db, network_id=network_id, of=described.statement, limit=LINES_AT_ONCE, after=after
    )
