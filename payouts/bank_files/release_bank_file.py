"""Releasing a bank file."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.errors import BankFileAltered, BankFileNotCreated
from payouts.bank_files.find_redirected import find_redirected
from payouts.bank_files.model import BankFile, BankFileState, hash_content
from payouts.bank_files.queries import list_bank_file_lines, lock_bank_file
from payouts.bank_files.tables import bank_file
from payouts.bank_files.write_bank_file import write_bank_file
from payouts.disbursement import AccountVault, AttemptState, move_filed_payout
from payouts.halts import refuse_halted
from payouts.settlement import ApproverIsMaker


async def release_bank_file(
    db: AsyncConnection,
    *,
    vault: AccountVault,
    network_id: int,
    bank_file_id: UUID,
    content_hash: str,
    actor: str,
    now: datetime,
) -> BankFile:
    """Let a file be sent to the bank: its payouts are in transit from now on.

    The checker names the hash of what was looked at; a file that is another one by now, or that
    pays an account its payee changed meanwhile, is made anew first. Raises BankFileNotFound,
    BankFileNotCreated, ApproverIsMaker, BankFileAltered, Halted.
    """
    file = await lock_bank_file(db, network_id=network_id, bank_file_id=bank_file_id)
    if file.state is not BankFileState.CREATED or file.created_at is None:
        raise BankFileNotCreated
    if file.created_by == actor:
        raise ApproverIsMaker
    await refuse_halted(db, network_id=network_id)
    content = await write_bank_file(
        db, vault=vault, network_id=network_id, file=file, made_at=file.created_at
    )
    if not hash_content(content) == file.content_hash == content_hash:
        raise BankFileAltered
    lines = await list_bank_file_lines(db, network_id=network_id, bank_file_id=bank_file_id)
    if await find_redirected(db, network_id=network_id, lines=lines):
        raise BankFileAltered
    for one in lines:
        moved = await move_filed_payout(
            db,
            network_id=network_id,
            attempt_id=one.attempt_id,
            to=AttemptState.ACCEPTED,
            now=now,
        )
        assert moved is not None
    await db.execute(
        update(bank_file)
        .where(bank_file.c.network_id == network_id, bank_file.c.bank_file_id == bank_file_id)
        .values(state=BankFileState.RELEASED.value, released_by=actor, released_at=now)
    )
    return replace(file, state=BankFileState.RELEASED, released_by=actor, released_at=now)
