"""Reading a bank file as it goes to the bank."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.errors import BankFileAltered, BankFileNotFound, BankFileNotReleased
from payouts.bank_files.model import BankFileState, hash_content
from payouts.bank_files.queries import list_bank_files
from payouts.bank_files.write_bank_file import write_bank_file
from payouts.disbursement import AccountVault


async def read_bank_file_content(
    db: AsyncConnection, *, vault: AccountVault, network_id: int, bank_file_id: UUID
) -> str:
    """Write a released file again, byte for byte the one that was approved. Changes nothing.

    Raises BankFileNotFound, BankFileNotReleased, BankFileAltered.
    """
    found = await list_bank_files(db, network_id=network_id, bank_file_ids=[bank_file_id], limit=1)
    if not found:
        raise BankFileNotFound
    (file,) = found
    if file.state is not BankFileState.RELEASED or file.created_at is None:
        raise BankFileNotReleased
    content = await write_bank_file(
        db, vault=vault, network_id=network_id, file=file, made_at=file.created_at
    )
    if hash_content(content) != file.content_hash:
        raise BankFileAltered
    return content
