"""What partitions and their indexes are called by the tables that they are parts of."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_WHOLES = """
    SELECT part.relname AS part, whole.relname AS whole FROM pg_catalog.pg_class part
    JOIN pg_catalog.pg_namespace n ON n.oid = part.relnamespace AND n.nspname = 'payouts'
    CROSS JOIN LATERAL pg_catalog.pg_partition_root(part.oid) root
    JOIN pg_catalog.pg_class whole ON whole.oid = root
    WHERE part.relispartition
    """


async def wholes_of_partitions(db: AsyncConnection) -> dict[str, str]:
    """Map the names of partitions to their table's, and those of indexes to its index's."""
    return {row.part: row.whole for row in await db.execute(text(_WHOLES))}
