"""Reporting that the bank did not carry a payout out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.errors import PayoutNotWithBank
from payouts.bank_files.queries import list_bank_file_lines
from payouts.bank_files.tables import bank_file_line
from payouts.disbursement import AttemptState, lock_attempt


async def report_unpaid(
    db: AsyncConnection, *, network_id: int, payout_id: UUID, actor: str, now: datetime
) -> None:
    """Note that the bank said it will not pay a payout of a released file; nothing moves yet.

    A second person takes it back. Raises PayoutNotWithBank.
    """
    lines = await list_bank_file_lines(db, network_id=network_id, payout_id=payout_id)
    found = (
        await lock_attempt(db, network_id=network_id, attempt_id=lines[-1].attempt_id)
        if lines
        else None
    )
    if found is None or found[1].state is not AttemptState.ACCEPTED:
        raise PayoutNotWithBank
    await db.execute(
        update(bank_file_line)
        .where(
            bank_file_line.c.network_id == network_id,
            bank_file_line.c.attempt_id == lines[-1].attempt_id,
        )
        .values(unpaid_by=actor, unpaid_at=now)
    )
