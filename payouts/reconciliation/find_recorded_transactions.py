"""Finding movements of the provider that are in the books."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.reconciliation.model import PROVIDER
from payouts.reconciliation.tables import provider_transaction


async def find_recorded_transactions(
    db: AsyncConnection, *, network_id: int, transaction_ids: Collection[str]
) -> set[str]:
    """Tell which movements of the provider's balance are in a network's books; changes nothing."""
    rows = await db.execute(
        select(provider_transaction.c.transaction_id).where(
            provider_transaction.c.network_id == network_id,
            provider_transaction.c.provider == PROVIDER,
            provider_transaction.c.transaction_id.in_(transaction_ids),
        )
    )
    return set(rows.scalars())
