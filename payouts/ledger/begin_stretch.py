"""Beginning a stretch of the sealed order."""

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.stretch import Cut, Stretch
from payouts.ledger.tables import journal, seal

_PLACED = journal.join(
    seal, and_(seal.c.book_id == journal.c.book_id, seal.c.journal_id == journal.c.journal_id)
)


async def begin_stretch(
    db: AsyncConnection, *, network_id: int, cut: Cut, before: Cut | None
) -> Stretch:
    """Make the stretch of what a cut holds and the one before it does not.

    Changes nothing. What stood at the earlier place already and took effect only afterwards is
    found by its instants, so that the whole book is not looked through for it.
    """
    if before is None:
        return Stretch(cut, None, 0)
    standing = (
        select(func.min(seal.c.seq))
        .select_from(_PLACED)
        .where(
            journal.c.book_id == network_id,
            seal.c.book_id == network_id,
            journal.c.effective_at >= before.at,
            seal.c.seq <= before.seq,
        )
    )
    first = (await db.execute(standing)).scalar_one()
    return Stretch(cut, before, before.seq if first is None else first - 1)
