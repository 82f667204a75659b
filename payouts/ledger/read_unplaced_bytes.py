"""Reading how much of the ledger lies in no month's partition."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_UNPLACED = text(
    "SELECT pg_catalog.pg_relation_size('payouts.journal_default')"
    " + pg_catalog.pg_relation_size('payouts.posting_default')"
)


async def read_unplaced_bytes(db: AsyncConnection) -> int:
    """Tell how much lies in the default partitions, where nothing should be."""
    size: int = (await db.execute(_UNPLACED)).scalar_one()
    return size
