"""Listing a stretch of the sealed order."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account, Cause, Movement
from payouts.ledger.stretch import Stretch, select_stretch
from payouts.ledger.tables import account, journal, posting, seal
from payouts.money import Money

_PLACE = tuple_(seal.c.seq, posting.c.line)
_COLUMNS = (
    seal.c.seq,
    posting.c.line,
    posting.c.journal_id,
    journal.c.kind,
    journal.c.cause_kind,
    journal.c.cause_id,
    journal.c.effective_at,
    journal.c.recorded_at,
    account.c.type,
    posting.c.amount,
    posting.c.unit,
)


async def list_movements(
    db: AsyncConnection,
    *,
    network_id: int,
    accounts: Sequence[Account],
    stretch: Stretch,
    limit: int,
    after: tuple[int, int] | None = None,
    before: tuple[int, int] | None = None,
    newest_first: bool = False,
    of_line: tuple[UUID, int] | None = None,
) -> list[Movement]:
    """List the postings of some accounts that a stretch of the sealed order holds.

    Changes nothing. `after` and `before` are a (seq, line) already seen; `newest_first` takes the
    last `limit` postings of the stretch, the latest in front. `of_line` is a journal and the line
    of it that alone is looked for.
    """
    query = select_stretch(_COLUMNS, network_id=network_id, stretch=stretch).where(
        posting.c.account_id.in_([one.id_in(network_id) for one in accounts])
    )
    if of_line is not None:
        query = query.where(posting.c.journal_id == of_line[0], posting.c.line == of_line[1])
    # A place is of two tables, so no index finds it: by the seq in it a page begins where the
    # last one ended, and does not read the stretch from its beginning again.
    if after is not None:
        query = query.where(tuple_(*after) < _PLACE, seal.c.seq >= after[0])
    if before is not None:
        query = query.where(tuple_(*before) > _PLACE, seal.c.seq <= before[0])
    order = (
        (seal.c.seq.desc(), posting.c.line.desc()) if newest_first else (seal.c.seq, posting.c.line)
    )
    return [
        Movement(
            row.seq,
            row.line,
            row.journal_id,
            row.kind,
            Cause(row.cause_kind, row.cause_id),
            row.effective_at,
            row.recorded_at,
            row.type,
            Money(row.amount, row.unit),
        )
        for row in await db.execute(query.order_by(*order).limit(limit))
    ]
