"""Pointing a payee at a destination."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.tables import payee


async def point_payee(
    db: AsyncConnection, *, network_id: int, payee_id: UUID, destination_hash: str | None, to: str
) -> None:
    """Note of a locked payee where its money is to go (`to`), and where it goes by agreement."""
    await db.execute(
        update(payee)
        .where(payee.c.network_id == network_id, payee.c.payee_id == payee_id)
        .values(destination_hash=destination_hash, offered_hash=to)
    )
