"""Finding the network behind an object of the provider."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import PROVIDER
from payouts.disbursement.tables import provider_object


async def find_network_of_object(db: AsyncConnection, *, object_id: str) -> int | None:
    """Tell for which network an object was made at the provider; changes nothing.

    Transfers, their reversals, payment intents and top-ups are known from the moment their making
    was recorded. This is the one read of provider objects across networks.
    """
    row = await db.execute(
        select(provider_object.c.network_id).where(
            provider_object.c.provider == PROVIDER, provider_object.c.object_id == object_id
        )
    )
    return row.scalar_one_or_none()
