"""Reads of intakes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.intakes.errors import IntakeNotFound
from partners.intakes.model import Intake, RefusedLine
from partners.intakes.tables import intake, intake_chunk, intake_refusal


async def read_intakes(
    db: AsyncConnection, *, network_id: int, intake_ids: Sequence[UUID]
) -> dict[UUID, Intake]:
    """Read intakes and how far they came, by id; what does not exist is left out."""
    sums = [
        cast(func.coalesce(func.sum(column), 0), BigInteger)
        for column in (intake_chunk.c.recorded, intake_chunk.c.replayed, intake_chunk.c.refused)
    ]
    shown = (
        intake.c.intake_id,
        intake.c.partner_id,
        intake.c.file_sha256,
        intake.c.chunk_lines,
        intake.c.lines,
        intake.c.opened_at,
        intake.c.closed_at,
    )
    own = and_(
        intake_chunk.c.network_id == intake.c.network_id,
        intake_chunk.c.intake_id == intake.c.intake_id,
        intake_chunk.c.network_id == network_id,
    )
    rows = await db.execute(
        select(*shown, *sums, intake.c.file_name, func.max(intake_chunk.c.taken_at))
        .select_from(intake.outerjoin(intake_chunk, own))
        .where(intake.c.network_id == network_id, intake.c.intake_id.in_(intake_ids))
        .group_by(intake.c.network_id, *shown, intake.c.file_name)
    )
    return {row.intake_id: Intake(*row) for row in rows}


async def get_intake(db: AsyncConnection, *, network_id: int, intake_id: UUID) -> Intake:
    """Read one intake; raises IntakeNotFound."""
    found = await read_intakes(db, network_id=network_id, intake_ids=[intake_id])
    if intake_id not in found:
        raise IntakeNotFound
    return found[intake_id]


async def list_intakes(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None,
    after: UUID | None = None,
    before: UUID | None = None,
    limit: int,
    newest_first: bool = False,
) -> list[Intake]:
    """List intakes in the order of their opening.

    `newest_first` takes them from the other end; `after` and `before` always mean the order of
    opening.
    """
    order = intake.c.intake_id.desc() if newest_first else intake.c.intake_id
    query = select(intake.c.intake_id).where(intake.c.network_id == network_id)
    if partner_id is not None:
        query = query.where(intake.c.partner_id == partner_id)
    if after is not None:
        query = query.where(intake.c.intake_id > after)
    if before is not None:
        query = query.where(intake.c.intake_id < before)
    ids = (await db.execute(query.order_by(order).limit(limit))).scalars().all()
    found = await read_intakes(db, network_id=network_id, intake_ids=ids)
    return [found[one] for one in ids]


async def list_taken_chunks(db: AsyncConnection, *, network_id: int, intake_id: UUID) -> set[int]:
    """Tell the first lines of the chunks that were taken in."""
    rows = await db.execute(
        select(intake_chunk.c.first_line).where(
            intake_chunk.c.network_id == network_id, intake_chunk.c.intake_id == intake_id
        )
    )
    return set(rows.scalars())


async def list_refused_lines(
    db: AsyncConnection,
    *,
    network_id: int,
    intake_id: UUID,
    after: int | None = None,
    before: int | None = None,
    limit: int,
    newest_first: bool = False,
) -> list[RefusedLine]:
    """List the lines that were refused after a line, in the order of the file.

    `newest_first` takes them from its end; `after` and `before` always mean the order of the file.
    """
    line = intake_refusal.c.line
    query = select(line, intake_refusal.c.external_id, intake_refusal.c.reason).where(
        intake_refusal.c.network_id == network_id, intake_refusal.c.intake_id == intake_id
    )
    if after is not None:
        query = query.where(line > after)
    if before is not None:
        query = query.where(line < before)
    query = query.order_by(line.desc() if newest_first else line).limit(limit)
    return [RefusedLine(*row) for row in await db.execute(query)]
