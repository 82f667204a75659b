"""Reading the payees of owners."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.given import any_of
from payouts.disbursement.model import Payee
from payouts.disbursement.rows import payee_of
from payouts.disbursement.tables import payee


async def read_payees_of(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_ids: Sequence[UUID],
    member_ids: Sequence[UUID],
) -> list[Payee]:
    """Read the payees of partners and of members. Changes nothing."""
    rows = await db.execute(
        select(payee).where(
            payee.c.network_id == network_id,
            or_(
                payee.c.partner_id == any_of(partner_ids),
                payee.c.member_id == any_of(member_ids),
            ),
        )
    )
    return [payee_of(row) for row in rows]
