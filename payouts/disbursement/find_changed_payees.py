"""Finding the payees whose destination once changed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import ChangeState
from payouts.disbursement.given import any_of
from payouts.disbursement.tables import destination_change


async def find_changed_payees(
    db: AsyncConnection, *, network_id: int, payee_ids: Sequence[UUID]
) -> set[UUID]:
    """Tell which payees have had a change of destination come into force. Changes nothing."""
    rows = await db.execute(
        select(destination_change.c.payee_id)
        .where(
            destination_change.c.network_id == network_id,
            destination_change.c.payee_id == any_of(payee_ids),
            destination_change.c.state == ChangeState.IN_FORCE.value,
        )
        .distinct()
    )
    return set(rows.scalars())
