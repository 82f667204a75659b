"""Listing the lines of a statement."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Account, Movement, list_movements
from payouts.settlement.model import SCOPE, Statement
from payouts.settlement.tables import statement


async def list_statement_lines(
    db: AsyncConnection,
    *,
    network_id: int,
    of: Statement,
    limit: int,
    after: tuple[int, int] | None = None,
    before: tuple[int, int] | None = None,
    newest_first: bool = False,
    since_version: int | None = None,
    of_line: tuple[UUID, int] | None = None,
) -> list[Movement]:
    """List the postings that a statement is made of, in the sealed order.

    Those of a `since_version` are left out: what it has more than that earlier version of it.
    `of_line` is a journal and the line of it that alone is looked for.
    """
    owner, stretch = str(of.partner_id), of.stretch
    if since_version is not None:
        place = await db.execute(
            select(statement.c.to_seq).where(
                statement.c.network_id == network_id,
                statement.c.number == of.number,
                statement.c.version == since_version,
            )
        )
        seen = place.scalar_one_or_none() or stretch.from_seq
        stretch = replace(stretch, from_seq=max(seen, stretch.from_seq))
    return await list_movements(
        db,
        network_id=network_id,
        accounts=[Account(kind, owner, of.currency) for kind in SCOPE],
        stretch=stretch,
        limit=limit,
        after=after,
        before=before,
        newest_first=newest_first,
        of_line=of_line,
    )
