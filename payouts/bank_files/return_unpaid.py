"""Taking back a payout that the bank did not carry out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.errors import PayoutNotWithBank
from payouts.bank_files.queries import list_bank_file_lines
from payouts.bank_files.tables import bank_file_line
from payouts.disbursement import AttemptState, lock_attempt, move_filed_payout
from payouts.settlement import ApproverIsMaker


async def return_unpaid(
    db: AsyncConnection, *, network_id: int, payout_id: UUID, actor: str, now: datetime
) -> None:
    """Give the value of a payout back that was reported unpaid by somebody else.

    Should the bank show it after all, its line is left to people. Raises PayoutNotWithBank,
    ApproverIsMaker.
    """
    lines = await list_bank_file_lines(db, network_id=network_id, payout_id=payout_id)
    found = (
        await lock_attempt(db, network_id=network_id, attempt_id=lines[-1].attempt_id)
        if lines
        else None
    )
    if found is None or found[1].state is not AttemptState.ACCEPTED:
        raise PayoutNotWithBank
    # Read again, now that nobody else changes it.
    line = (await list_bank_file_lines(db, network_id=network_id, payout_id=payout_id))[-1]
    if line.unpaid_by is None:
        raise PayoutNotWithBank
    if line.unpaid_by == actor:
        raise ApproverIsMaker
    await db.execute(
        update(bank_file_line)
        .where(
            bank_file_line.c.network_id == network_id,
            bank_file_line.c.attempt_id == line.attempt_id,
        )
        .values(returned_by=actor, returned_at=now)
    )
    to = AttemptState.RETURNED
    await move_filed_payout(db, network_id=network_id, attempt_id=line.attempt_id, to=to, now=now)
