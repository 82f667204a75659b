"""Finding the lines of bank files about payouts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.model import BankFileLine
from payouts.bank_files.queries import line_of
from payouts.bank_files.tables import bank_file_line


async def find_filed_lines(
    db: AsyncConnection,
    *,
    network_id: int,
    payout_ids: Sequence[UUID] = (),
    attempt_ids: Sequence[UUID] = (),
    limit: int,
) -> list[BankFileLine]:
    """Find what stands in bank files of payouts, or of their attempts, in the order of these.

    Changes nothing. A payout that was tried again stands in several files, once for each attempt.
    """
    rows = await db.execute(
        select(bank_file_line)
        .where(
            bank_file_line.c.network_id == network_id,
            or_(
                bank_file_line.c.payout_id.in_(payout_ids),
                bank_file_line.c.attempt_id.in_(attempt_ids),
            ),
        )
        .order_by(bank_file_line.c.attempt_id)
        .limit(limit)
    )
    return [line_of(row) for row in rows]
