"""Saving what suppliers say of their items."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability.model import NEVER, Availability, Said, SaidBy, newest_of
from catalog.availability.tables import reward_availability
from payouts.statement import Statement
from payouts.write_rows import Known, write_rows

Before = dict[UUID, Availability]
"""What was said before of items of which something else is said now."""

_GIVEN = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("levels", type_=ARRAY(Text)),
        bindparam("instants", type_=ARRAY(DateTime(timezone=True))),
        bindparam("sequences", type_=ARRAY(BigInteger)),
    )
    .table_valued(
        column("reward_id", Uuid),
        column("availability", Text),
        column("observed_at", DateTime(timezone=True)),
        column("sequence", BigInteger),
    )
    .render_derived(name="given")
)
_SAVE = Statement(
    update(reward_availability)
    .where(
        reward_availability.c.network_id == bindparam("network", type_=BigInteger),
        reward_availability.c.reward_id == _GIVEN.c.reward_id,
    )
    .values(
        availability=_GIVEN.c.availability,
        observed_at=_GIVEN.c.observed_at,
        sequence=_GIVEN.c.sequence,
        said_by=bindparam("by", type_=Text),
        said_at=bindparam("at", type_=DateTime(timezone=True)),
    )
)


async def save_availability(
    db: AsyncConnection,
    *,
    network_id: int,
    said: Sequence[Said],
    said_by: SaidBy,
    now: datetime,
) -> Before:
    """Let the newest word of each item count, and tell what those said before that changed.

    A word that is older than the one that counts, or as old, changes nothing, in whatever order
    and how often ever they come; whoever comes second waits for the first. Three statements,
    however many items there are.
    """
    newest = newest_of(said, now=now)
    if not newest:
        return {}
    known = await _lock(db, network_id, sorted(newest), said_by, now)
    newer = [one for key, one in sorted(newest.items()) if one.order > known[key].order]
    if newer:
        await _SAVE.rows(
            db,
            {
                "network": network_id,
                "ids": [one.reward_id for one in newer],
                "levels": [one.availability.value for one in newer],
                "instants": [one.observed_at for one in newer],
                "sequences": [one.sequence for one in newer],
                "by": said_by.value,
                "at": now,
            },
        )
    before = {one.reward_id: known[one.reward_id].availability for one in newer}
    return {
        one.reward_id: before[one.reward_id]
        for one in newer
        if one.availability is not before[one.reward_id]
    }


async def _lock(
    db: AsyncConnection, network_id: int, reward_ids: list[UUID], said_by: SaidBy, now: datetime
) -> dict[UUID, Said]:
    """Keep others from saying anything of these items meanwhile, also of those that have no row."""
    await write_rows(
        db,
        reward_availability,
        network_id=network_id,
        known=Known.KEPT,
        rows=[
            {
                "network_id": network_id,
                "reward_id": reward_id,
                "availability": Availability.UNKNOWN.value,
                "observed_at": NEVER,
                "sequence": 0,
                "said_by": said_by.value,
                "said_at": now,
            }
            for reward_id in reward_ids
        ],
    )
    said = reward_availability.c
    rows = await db.execute(
        select(said.reward_id, said.availability, said.observed_at, said.sequence)
        .where(
            said.network_id == network_id,
            said.reward_id == any_(cast(reward_ids, ARRAY(Uuid))),
        )
        .order_by(said.reward_id)
        .with_for_update(key_share=True)
    )
    return {
        row.reward_id: Said(
            row.reward_id, Availability(row.availability), row.observed_at, row.sequence
        )
        for row in rows
    }
