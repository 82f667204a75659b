"""Reading the import policy."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.imports import ImportPolicy
from catalog.rewards.tables import import_policy


async def read_import_policy(db: AsyncConnection, *, network_id: int) -> ImportPolicy:
    """Tell how much an import takes off sale without a second person; there is always a policy."""
    rows = await db.execute(
        select(import_policy.c.withdrawn_bps_max, import_policy.c.withdrawn_always)
        .where(import_policy.c.network_id == network_id)
        .order_by(import_policy.c.import_policy_id.desc())
        .limit(1)
    )
    row = rows.first()
    if row is None:
        return ImportPolicy()
    return ImportPolicy(row.withdrawn_bps_max, row.withdrawn_always)
