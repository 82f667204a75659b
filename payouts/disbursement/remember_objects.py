"""Remembering for which network objects of the provider were made."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Text, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import PROVIDER
from payouts.disbursement.tables import provider_object

_GIVEN = (
    func.unnest(bindparam("object_ids", type_=ARRAY(Text)))
    .table_valued(column("object_id", Text))
    .render_derived(name="given")
)
_REMEMBER = (
    insert(provider_object)
    .from_select(
        ["provider", "object_id", "network_id", "kind"],
        select(
            bindparam("of_provider", PROVIDER, type_=Text),
            _GIVEN.c.object_id,
            bindparam("network", type_=BigInteger),
            bindparam("of_kind", type_=Text),
        ),
    )
    .on_conflict_do_nothing()
)


async def remember_objects(
    db: AsyncConnection, *, network_id: int, object_ids: Collection[str], kind: str
) -> None:
    """Write down that objects of the provider belong to a network; again changes nothing."""
    if object_ids:
        await db.execute(
            _REMEMBER,
            {"object_ids": sorted(object_ids), "network": network_id, "of_kind": kind},
        )
