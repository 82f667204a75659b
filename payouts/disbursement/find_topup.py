"""Finding a top-up by the provider's id."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.tables import topup


async def find_topup(
    db: AsyncConnection, *, network_id: int, provider_topup_id: str
) -> UUID | None:
    """Find our top-up behind one of the provider; changes nothing."""
    row = await db.execute(
        select(topup.c.topup_id).where(
            topup.c.network_id == network_id, topup.c.external_id == provider_topup_id
        )
    )
    return row.scalar_one_or_none()
