"""Reads of bank files. Files are locked here and nowhere else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.errors import BankFileNotFound
from payouts.bank_files.model import (
    BankFile,
    BankFileLine,
    BankFileState,
    DebitAccount,
    FiledPayout,
)
from payouts.bank_files.tables import bank_file, bank_file_line, debit_account
from payouts.disbursement import BankAccount
from payouts.money import Money


def _file(row: Any) -> BankFile:
    return BankFile(
        bank_file_id=row.bank_file_id,
        currency=row.currency,
        state=BankFileState(row.state),
        amount=Money(row.amount, row.currency),
        lines_count=row.lines_count,
        debit_account_id=row.debit_account_id,
        content_hash=row.content_hash,
        opened_at=row.opened_at,
        created_by=row.created_by,
        created_at=row.created_at,
        released_by=row.released_by,
        released_at=row.released_at,
    )


def _debit_account(row: Any) -> DebitAccount:
    return DebitAccount(
        debit_account_id=row.debit_account_id,
        currency=row.currency,
        account=BankAccount(row.name, row.number, row.is_iban, row.bic),
        published_by=row.published_by,
        published_at=row.published_at,
    )


def line_of(row: Any) -> BankFileLine:
    """Read a line of a bank file out of its row."""
    return BankFileLine(
        bank_file_id=row.bank_file_id,
        attempt_id=row.attempt_id,
        payout_id=row.payout_id,
        bank_account_id=row.bank_account_id,
        amount=Money(row.amount, row.currency),
        unpaid_by=row.unpaid_by,
        returned_by=row.returned_by,
    )


async def lock_bank_file(db: AsyncConnection, *, network_id: int, bank_file_id: UUID) -> BankFile:
    """Read a bank file and keep others from changing it. Raises BankFileNotFound."""
    row = await db.execute(
        select(bank_file)
        .where(bank_file.c.network_id == network_id, bank_file.c.bank_file_id == bank_file_id)
        .with_for_update()
    )
    found = row.one_or_none()
    if found is None:
        raise BankFileNotFound
    return _file(found)


async def lock_open_file(db: AsyncConnection, *, network_id: int, currency: str) -> BankFile | None:
    """Find the file of a currency that takes payouts, and keep others from changing it."""
    row = await db.execute(
        select(bank_file)
        .where(
            bank_file.c.network_id == network_id,
            bank_file.c.currency == currency,
            bank_file.c.state == BankFileState.OPEN.value,
        )
        .with_for_update()
    )
    found = row.one_or_none()
    return _file(found) if found else None


async def list_bank_files(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    bank_file_ids: Sequence[UUID] | None = None,
    states: Sequence[str] = (),
) -> list[BankFile]:
    """List bank files, the newest first."""
    query = select(bank_file).where(bank_file.c.network_id == network_id)
    if bank_file_ids is not None:
        query = query.where(bank_file.c.bank_file_id.in_(bank_file_ids))
    if states:
        query = query.where(bank_file.c.state.in_(states))
    rows = await db.execute(query.order_by(bank_file.c.bank_file_id.desc()).limit(limit))
    return [_file(row) for row in rows]


async def list_bank_file_lines(
    db: AsyncConnection,
    *,
    network_id: int,
    bank_file_id: UUID | None = None,
    payout_id: UUID | None = None,
    limit: int | None = None,
) -> list[BankFileLine]:
    """List the lines of a bank file, or of a payout, in the order in which they were begun."""
    wanted = (
        bank_file_line.c.payout_id == payout_id
        if bank_file_id is None
        else bank_file_line.c.bank_file_id == bank_file_id
    )
    rows = await db.execute(
        select(bank_file_line)
        .where(bank_file_line.c.network_id == network_id, wanted)
        .order_by(bank_file_line.c.attempt_id)
        .limit(limit)
    )
    return [line_of(row) for row in rows]


async def read_filed_payouts(
    db: AsyncConnection, *, network_id: int, attempt_ids: Sequence[UUID]
) -> list[FiledPayout]:
    """Read what of these attempts is in released files, and which account those debit."""
    own_file = and_(
        bank_file.c.network_id == bank_file_line.c.network_id,
        bank_file.c.bank_file_id == bank_file_line.c.bank_file_id,
    )
    own_account = and_(
        debit_account.c.network_id == bank_file.c.network_id,
        debit_account.c.debit_account_id == bank_file.c.debit_account_id,
    )
    rows = await db.execute(
        select(bank_file_line, debit_account.c.number)
        .select_from(bank_file_line.join(bank_file, own_file).join(debit_account, own_account))
        .where(
            bank_file_line.c.network_id == network_id,
            bank_file.c.network_id == network_id,
            debit_account.c.network_id == network_id,
            bank_file.c.state == BankFileState.RELEASED.value,
            bank_file_line.c.attempt_id.in_(attempt_ids),
        )
        .order_by(bank_file_line.c.attempt_id)
    )
    return [
        FiledPayout(
            row.attempt_id,
            row.payout_id,
            Money(row.amount, row.currency),
            row.number,
            row.returned_by is not None,
        )
        for row in rows
    ]


async def read_debit_accounts(
    db: AsyncConnection,
    *,
    network_id: int,
    debit_account_ids: Sequence[UUID] | None = None,
    currency: str | None = None,
    limit: int = 1,
) -> list[DebitAccount]:
    """Read debit accounts by id, or those of a currency: the first is in force."""
    query = select(debit_account).where(debit_account.c.network_id == network_id)
    if debit_account_ids is not None:
        query = query.where(debit_account.c.debit_account_id.in_(debit_account_ids))
    if currency is not None:
        query = query.where(debit_account.c.currency == currency)
    rows = await db.execute(query.order_by(debit_account.c.debit_account_id.desc()).limit(limit))
    return [_debit_account(row) for row in rows]
