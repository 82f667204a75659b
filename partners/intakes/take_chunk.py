"""Taking in a part of a file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.intakes.model import Chunk, Format, Intake, RefusedLine, report_of
from partners.intakes.tables import intake_chunk, intake_refusal
from partners.purchases import Report, SomeNotPosted, record_purchases
from payouts.refusal import Refusal

REFUSALS_PER_STATEMENT = 1_000


async def take_chunk(
    db: AsyncConnection,
    *,
    network_id: int,
    intake: Intake,
    chunk: Chunk,
    layout: Format,
    actor: str,
    now: datetime,
    refused: Mapping[int, Refusal] | None = None,
) -> bool:
    """Book the purchases of a chunk, keep why lines were refused, and count both; once.

    Gives False when it was taken in before. Raises SomeNotPosted, whose places are those in
    `chunk.lines`: the transaction is rolled back and the chunk taken again with them `refused`.
    """
    if not await _claim(db, network_id, intake, chunk, now):
        return False
    read = [
        (refused or {}).get(place)
        or report_of(fields, layout, partner_id=intake.partner_id, actor=actor, now=now)
        for place, (_, fields) in enumerate(chunk.lines)
    ]
    reports = [(place, one) for place, one in enumerate(read) if isinstance(one, Report)]
    refusals = {place: one for place, one in enumerate(read) if isinstance(one, Refusal)}
    try:
        outcomes = await record_purchases(
            db,
            network_id=network_id,
            reports=[report for _, report in reports],
            now=now,
            is_staged=True,
        )
    except SomeNotPosted as some:
        places = {reports[index][0]: refusal for index, refusal in some.refusals.items()}
        raise SomeNotPosted(places) from None
    replayed = 0
    for (place, _), outcome in zip(reports, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            refusals[place] = outcome
        elif outcome.replayed:
            replayed += 1
    await _keep(
        db,
        network_id,
        intake,
        [_refused_line(chunk, place, layout, refusals[place]) for place in sorted(refusals)],
    )
    await db.execute(
        update(intake_chunk)
        .where(
            intake_chunk.c.network_id == network_id,
            intake_chunk.c.intake_id == intake.intake_id,
            intake_chunk.c.first_line == chunk.first_line,
        )
        .values(
            recorded=len(read) - replayed - len(refusals), replayed=replayed, refused=len(refusals)
        )
    )
    return True


async def _claim(
    db: AsyncConnection, network_id: int, intake: Intake, chunk: Chunk, now: datetime
) -> bool:
    row = insert_once(intake_chunk).values(
        network_id=network_id,
        intake_id=intake.intake_id,
        first_line=chunk.first_line,
        partner_id=intake.partner_id,
        recorded=0,
        replayed=0,
        refused=0,
        taken_at=now,
    )
    claimed = await db.execute(row.on_conflict_do_nothing().returning(intake_chunk.c.first_line))
    return claimed.scalar_one_or_none() is not None


def _refused_line(chunk: Chunk, place: int, layout: Format, refusal: Refusal) -> RefusedLine:
    number, fields = chunk.lines[place]
    name = layout.text(fields, "external_id") if len(fields) == layout.width else ""
    shown = name[:255].replace("\x00", "").encode(errors="replace").decode()
    return RefusedLine(number, shown or None, type(refusal).__name__)


async def _keep(
    db: AsyncConnection, network_id: int, intake: Intake, lines: Sequence[RefusedLine]
) -> None:
    own: dict[str, int | UUID] = {
        "network_id": network_id,
        "intake_id": intake.intake_id,
        "partner_id": intake.partner_id,
    }
    for start in range(0, len(lines), REFUSALS_PER_STATEMENT):
        await db.execute(
            insert(intake_refusal).values(
                [
                    {**own, "line": one.line, "external_id": one.external_id, "reason": one.reason}
                    for one in lines[start : start + REFUSALS_PER_STATEMENT]
                ]
            )
        )
