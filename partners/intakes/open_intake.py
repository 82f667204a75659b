"""Opening intakes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import get_partner
from partners.intakes.model import CHUNK_LINES, Intake, shown_name
from partners.intakes.queries import get_intake
from partners.intakes.tables import intake
from payouts.money import new_id


async def open_intake(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    file_sha256: str,
    actor: str,
    now: datetime,
    chunk_lines: int = CHUNK_LINES,
    file_name: str | None = None,
) -> Intake:
    """Let a partner's file in; the same file again is the same intake, as far as it came.

    It keeps the name it first came by.

    Raises PartnerNotFound.
    """
    await get_partner(db, network_id=network_id, partner_id=partner_id)
    row = insert(intake).values(
        network_id=network_id,
        intake_id=new_id(now),
        partner_id=partner_id,
        file_sha256=file_sha256,
        chunk_lines=chunk_lines,
        actor=actor,
        opened_at=now,
        file_name=None if file_name is None else shown_name(file_name),
    )
    await db.execute(row.on_conflict_do_nothing(constraint="intake_file_key"))
    found = await db.execute(
        select(intake.c.intake_id).where(
            intake.c.network_id == network_id,
            intake.c.partner_id == partner_id,
            intake.c.file_sha256 == file_sha256,
        )
    )
    return await get_intake(db, network_id=network_id, intake_id=found.scalar_one())
