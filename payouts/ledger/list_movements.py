"""Listing a stretch of the sealed order."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account, Movement
from payouts.ledger.movements import MOVEMENT_COLUMNS, PLACE, movement_of
from payouts.ledger.stretch import Stretch, select_stretch
from payouts.ledger.tables import posting, seal


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
    query = select_stretch(MOVEMENT_COLUMNS, network_id=network_id, stretch=stretch).where(
        posting.c.account_id.in_([one.id_in(network_id) for one in accounts])
    )
    if of_line is not None:
        query = query.where(posting.c.journal_id == of_line[0], posting.c.line == of_line[1])
    # A place is of two tables, so no index finds it: by the seq in it a page begins where the
    # last one ended, and does not read the stretch from its beginning again.
    if after is not None:
        query = query.where(tuple_(*after) < PLACE, seal.c.seq >= after[0])
    if before is not None:
        query = query.where(tuple_(*before) > PLACE, seal.c.seq <= before[0])
    order = (
        (seal.c.seq.desc(), posting.c.line.desc()) if newest_first else (seal.c.seq, posting.c.line)
    )
    return [movement_of(row) for row in await db.execute(query.order_by(*order).limit(limit))]
