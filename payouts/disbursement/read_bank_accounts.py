"""Reading bank accounts of payees."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.bank_accounts import KeptAccount
from payouts.disbursement.tables import bank_account


async def read_bank_accounts(
    db: AsyncConnection,
    *,
    network_id: int,
    bank_account_ids: Sequence[UUID] | None = None,
    payee_id: UUID | None = None,
    digests: Sequence[bytes] | None = None,
) -> dict[UUID, KeptAccount]:
    """Read sealed bank accounts by id, by payee, or by what they were sealed of. Changes nothing."""
    query = select(bank_account).where(bank_account.c.network_id == network_id)
    if bank_account_ids is not None:
        query = query.where(bank_account.c.bank_account_id.in_(bank_account_ids))
    if payee_id is not None:
        query = query.where(bank_account.c.payee_id == payee_id)
    if digests is not None:
        query = query.where(bank_account.c.digest.in_(digests))
    return {
        row.bank_account_id: KeptAccount(
            bank_account_id=row.bank_account_id,
            payee_id=row.payee_id,
            key_id=row.key_id,
            ciphertext=bytes(row.ciphertext),
            destination_hash=bytes(row.digest).hex(),
            last4=row.last4,
            named_at=row.named_at,
        )
        for row in await db.execute(query)
    }
