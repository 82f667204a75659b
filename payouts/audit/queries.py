"""What the auditor can see of a relation."""

from sqlalchemy import column, exists, literal, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.audit.model import Invariant

# Counted by the server itself, whoever asks and whatever the walls show him.
_HOLDS_ROWS = text(
    """
    SELECT coalesce(bool_or(pg_stat_get_live_tuples(c.oid) > 0 OR c.reltuples > 0), false)
    FROM pg_catalog.pg_class v
    JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace AND n.nspname = 'audit'
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_catalog.pg_depend d ON d.objid = r.oid
    JOIN pg_catalog.pg_class t
      ON t.oid = d.refobjid AND t.relname = v.relname AND t.relkind IN ('r', 'p')
    LEFT JOIN LATERAL pg_partition_tree(t.oid) part ON true
    JOIN pg_catalog.pg_class c ON c.oid = coalesce(part.relid, t.oid)
    WHERE v.relname = :relation
    """
)
_CHANGING = frozenset({"due"})
"""Lists that are empty when all is well, though they have held rows."""


async def sees_rows(db: AsyncConnection, one: Invariant) -> bool:
    """Tell whether anything is seen of the relation that an invariant speaks of."""
    relation = table(one.relation, column("oid"), schema=one.schema)
    seen = await db.execute(select(exists(select(literal(1)).select_from(relation))))
    return bool(seen.scalar_one())


async def hides_rows(db: AsyncConnection, one: Invariant) -> bool:
    """Tell whether a relation of which nothing was seen holds rows all the same."""
    if one.relation in _CHANGING:
        return False
    holds = await db.execute(_HOLDS_ROWS, {"relation": one.relation})
    return bool(holds.scalar_one())
