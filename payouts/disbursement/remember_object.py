"""Remembering for which network an object of the provider was made."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import PROVIDER
from payouts.disbursement.tables import provider_object


async def remember_object(
    db: AsyncConnection, *, network_id: int, object_id: str, kind: str
) -> None:
    """Write down that an object of the provider belongs to a network; again changes nothing."""
    row = insert(provider_object).values(
        provider=PROVIDER, object_id=object_id, network_id=network_id, kind=kind
    )
    await db.execute(row.on_conflict_do_nothing())
