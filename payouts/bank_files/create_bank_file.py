"""Making a bank file."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.errors import BankFileEmpty, BankFileReleased, DebitAccountMissing
from payouts.bank_files.find_redirected import find_redirected
from payouts.bank_files.model import (
    LINES_MAX,
    BankFile,
    BankFileLine,
    BankFileState,
    hash_content,
)
from payouts.bank_files.open_bank_file import open_bank_file
from payouts.bank_files.queries import list_bank_file_lines, lock_bank_file, read_debit_accounts
from payouts.bank_files.tables import bank_file, bank_file_line
from payouts.bank_files.write_bank_file import write_bank_file
from payouts.disbursement import AccountVault, AttemptState, move_filed_payout
from payouts.halts import refuse_halted
from payouts.money import Money


async def create_bank_file(
    db: AsyncConnection,
    *,
    vault: AccountVault,
    network_id: int,
    bank_file_id: UUID,
    actor: str,
    now: datetime,
) -> BankFile:
    """Close a file to further payouts, write it, and bind its hash to a checker's release.

    A payout whose payee's destination changed since is taken out and screened again, and when none
    is left the file stays as it is, empty; what exceeds
    the most a file holds goes into the next. One that waits for its release is made anew in the
    same way, and then is another one to approve. Raises BankFileNotFound, BankFileReleased,
    BankFileEmpty, DebitAccountMissing, Halted.
    """
    file = await lock_bank_file(db, network_id=network_id, bank_file_id=bank_file_id)
    if file.state is BankFileState.RELEASED:
        raise BankFileReleased
    await refuse_halted(db, network_id=network_id)
    accounts = await read_debit_accounts(db, network_id=network_id, currency=file.currency)
    if not accounts:
        raise DebitAccountMissing(currency=file.currency)
    lines = await list_bank_file_lines(db, network_id=network_id, bank_file_id=bank_file_id)
    redirected = await find_redirected(db, network_id=network_id, lines=lines)
    staying = [one for one in lines if one.attempt_id not in redirected]
    if not lines:
        raise BankFileEmpty
    for attempt_id in redirected:
        await _take_out(db, network_id, attempt_id, now)
    if not staying:
        emptied = replace(file, amount=Money.zero(file.currency), lines_count=0)
        await _store(db, network_id, emptied)
        return emptied
    staying, further = staying[:LINES_MAX], staying[LINES_MAX:]
    made = replace(
        file,
        state=BankFileState.CREATED,
        amount=_sum(staying),
        lines_count=len(staying),
        debit_account_id=accounts[0].debit_account_id,
        created_by=actor,
        created_at=now,
    )
    await _store(db, network_id, replace(made, content_hash="-"))
    if further:
        await _put_off(db, network_id, file.currency, further, now)
    content = await write_bank_file(db, vault=vault, network_id=network_id, file=made, made_at=now)
    made = replace(made, content_hash=hash_content(content))
    await _store(db, network_id, made)
    return made


def _sum(lines: list[BankFileLine]) -> Money:
    return sum((one.amount for one in lines[1:]), lines[0].amount)


async def _take_out(db: AsyncConnection, network_id: int, attempt_id: UUID, now: datetime) -> None:
    await db.execute(
        delete(bank_file_line).where(
            bank_file_line.c.network_id == network_id, bank_file_line.c.attempt_id == attempt_id
        )
    )
    to = AttemptState.FAILED_RETRYABLE
    await move_filed_payout(db, network_id=network_id, attempt_id=attempt_id, to=to, now=now)


async def _put_off(
    db: AsyncConnection, network_id: int, currency: str, lines: list[BankFileLine], now: datetime
) -> None:
    following = await open_bank_file(db, network_id=network_id, currency=currency, now=now)
    moved = [one.attempt_id for one in lines]
    await db.execute(
        update(bank_file_line)
        .where(bank_file_line.c.network_id == network_id, bank_file_line.c.attempt_id.in_(moved))
        .values(bank_file_id=following.bank_file_id)
    )
    count = following.lines_count + len(lines)
    amount = following.amount + _sum(lines)
    await _store(db, network_id, replace(following, lines_count=count, amount=amount))


async def _store(db: AsyncConnection, network_id: int, file: BankFile) -> None:
    await db.execute(
        update(bank_file)
        .where(bank_file.c.network_id == network_id, bank_file.c.bank_file_id == file.bank_file_id)
        .values(
            state=file.state.value,
            amount=file.amount.minor,
            lines_count=file.lines_count,
            debit_account_id=file.debit_account_id,
            content_hash=file.content_hash,
            created_by=file.created_by,
            created_at=file.created_at,
        )
    )
