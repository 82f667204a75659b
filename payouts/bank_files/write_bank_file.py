"""Writing the content of a bank file."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.errors import BankFileAltered
from payouts.bank_files.model import BankFile, CreditTransfer
from payouts.bank_files.pain001_file import write_pain001
from payouts.bank_files.queries import list_bank_file_lines, read_debit_accounts
from payouts.disbursement import AccountVault, BankAccount, read_bank_accounts


async def write_bank_file(
    db: AsyncConnection, *, vault: AccountVault, network_id: int, file: BankFile, made_at: datetime
) -> str:
    """Write a file from what is in it, opening its payees' accounts. Changes nothing.

    Raises BankFileAltered when an account is no longer there, as after an erasure.
    """
    assert file.debit_account_id is not None
    (debit,) = await read_debit_accounts(
        db, network_id=network_id, debit_account_ids=[file.debit_account_id]
    )
    lines = await list_bank_file_lines(db, network_id=network_id, bank_file_id=file.bank_file_id)
    kept = await read_bank_accounts(
        db, network_id=network_id, bank_account_ids=[one.bank_account_id for one in lines]
    )
    if not lines or any(one.bank_account_id not in kept for one in lines):
        raise BankFileAltered
    transfers = []
    for one in lines:
        sealed = kept[one.bank_account_id]
        text = vault.unseal(
            network_id=network_id,
            account_id=sealed.bank_account_id,
            key_id=sealed.key_id,
            ciphertext=sealed.ciphertext,
        )
        creditor = BankAccount.of_text(text)
        transfers.append(CreditTransfer(one.end_to_end_id, one.amount, creditor))
    return write_pain001(file, debit, transfers, made_at=made_at)
