"""Putting a payout into a bank file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.open_bank_file import open_bank_file
from payouts.bank_files.tables import bank_file, bank_file_line
from payouts.disbursement import AttemptState, lock_attempt, move_filed_payout


async def add_to_bank_file(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID, now: datetime
) -> None:
    """Put a prepared attempt into the open file of its currency; a second time changes nothing."""
    found = await lock_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].state is not AttemptState.PREPARED:
        return
    attempt = found[1]
    file = await open_bank_file(
        db, network_id=network_id, currency=attempt.amount.currency, now=now
    )
    await db.execute(
        insert(bank_file_line).values(
            network_id=network_id,
            bank_file_id=file.bank_file_id,
            attempt_id=attempt_id,
            payout_id=attempt.payout_id,
            bank_account_id=UUID(attempt.account_id),
            amount=attempt.amount.minor,
            currency=attempt.amount.currency,
        )
    )
    await db.execute(
        update(bank_file)
        .where(bank_file.c.network_id == network_id, bank_file.c.bank_file_id == file.bank_file_id)
        .values(
            amount=bank_file.c.amount + attempt.amount.minor,
            lines_count=bank_file.c.lines_count + 1,
        )
    )
    await move_filed_payout(
        db, network_id=network_id, attempt_id=attempt_id, to=AttemptState.SENT, now=now
    )
