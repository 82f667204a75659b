"""Finding the networks behind objects of the provider."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import PROVIDER
from payouts.disbursement.tables import provider_object


async def find_networks_of_objects(
    db: AsyncConnection, *, object_ids: Collection[str]
) -> dict[str, int]:
    """Tell for which networks objects were made at the provider; those of none are left out.

    Changes nothing. Like the search for one object, it reads across networks.
    """
    rows = await db.execute(
        select(provider_object.c.object_id, provider_object.c.network_id).where(
            provider_object.c.provider == PROVIDER, provider_object.c.object_id.in_(object_ids)
        )
    )
    return {row.object_id: row.network_id for row in rows}
