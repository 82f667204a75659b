"""Announcing much due work at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due.tables import due

_GIVEN = (
    func.unnest(
        bindparam("due_ids", type_=ARRAY(Uuid)),
        bindparam("due_at", type_=ARRAY(DateTime(timezone=True))),
    )
    .table_valued(column("due_id", Uuid), column("due_at", DateTime(timezone=True)))
    .render_derived(name="given")
)
ANNOUNCE = """
    INSERT INTO payouts.due (network_id, kind, due_id, due_at)
      SELECT CAST(:network_id AS bigint), CAST(:due_kind AS text), d.due_id, d.due_at
        FROM unnest(CAST(:due_ids AS uuid[]), CAST(:due_at AS timestamptz[])) AS d (due_id, due_at)
"""
"""Announces objects that are new, as a part of the statement that makes them."""
_INSERT = insert(due).from_select(
    ["network_id", "kind", "due_id", "due_at"],
    select(
        bindparam("network_id", type_=BigInteger),
        bindparam("kind", type_=Text),
        _GIVEN.c.due_id,
        _GIVEN.c.due_at,
    ),
)
_ANNOUNCE = _INSERT.on_conflict_do_update(
    index_elements=[due.c.network_id, due.c.kind, due.c.due_id],
    set_={"due_at": _INSERT.excluded.due_at},
)


async def announce_all_due(
    db: AsyncConnection, *, network_id: int, kind: str, due: Sequence[tuple[UUID, datetime]]
) -> None:
    """Make objects due, each at its instant, in the transaction that gives them their state.

    Announcing one again moves its instant.
    """
    ordered = sorted(due)
    if ordered:
        await db.execute(
            _ANNOUNCE,
            {
                "network_id": network_id,
                "kind": kind,
                "due_ids": [one for one, _ in ordered],
                "due_at": [at for _, at in ordered],
            },
        )
