"""Closing intakes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.intakes.model import Intake
from partners.intakes.queries import get_intake
from partners.intakes.tables import intake


async def close_intake(
    db: AsyncConnection, *, network_id: int, intake_id: UUID, lines: int, now: datetime
) -> Intake:
    """Note that every line of the file was taken in; a second time changes nothing."""
    await db.execute(
        update(intake)
        .where(
            intake.c.network_id == network_id,
            intake.c.intake_id == intake_id,
            intake.c.closed_at.is_(None),
        )
        .values(lines=lines, closed_at=now)
    )
    return await get_intake(db, network_id=network_id, intake_id=intake_id)
