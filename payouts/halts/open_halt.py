"""Opening halts."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.halts.model import Halt
from payouts.halts.queries import halt_of
from payouts.halts.tables import halt
from payouts.money import new_id


async def open_halt(
    db: AsyncConnection, *, network_id: int, invariant: str, breaches: int, now: datetime
) -> Halt | None:
    """Stop payouts and code delivery of a network, or of all, because an invariant is broken.

    There is one open halt for each invariant: found broken again, it takes the larger number of
    breaches, and None is returned.
    """
    made = await db.execute(
        insert(halt)
        .values(
            network_id=network_id,
            halt_id=new_id(now),
            invariant=invariant,
            breaches=breaches,
            opened_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=[halt.c.network_id, halt.c.invariant],
            index_where=halt.c.lifted_at.is_(None),
        )
        .returning(halt)
    )
    row = made.one_or_none()
    if row is not None:
        return halt_of(row)
    await db.execute(
        update(halt)
        .where(
            halt.c.network_id == network_id,
            halt.c.invariant == invariant,
            halt.c.lifted_at.is_(None),
            halt.c.breaches < breaches,
        )
        .values(breaches=breaches)
    )
    return None
