"""Finding payouts in a file that should no longer go where the file says."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files.model import BankFileLine
from payouts.disbursement import find_payee_of, read_bank_accounts, read_payouts


async def find_redirected(
    db: AsyncConnection, *, network_id: int, lines: Sequence[BankFileLine]
) -> list[UUID]:
    """Name the attempts whose payee asked for another account, or has another. Changes nothing."""
    orders = await read_payouts(
        db, network_id=network_id, payout_ids=[one.payout_id for one in lines]
    )
    kept = await read_bank_accounts(
        db, network_id=network_id, bank_account_ids=[one.bank_account_id for one in lines]
    )
    found = []
    for one in lines:
        order, account = orders[one.payout_id], kept.get(one.bank_account_id)
        payee = await find_payee_of(
            db, network_id=network_id, partner_id=order.partner_id, member_id=order.member_id
        )
        stands = (
            payee is not None
            and account is not None
            and not payee.is_changing
            and payee.destination_hash == account.destination_hash
        )
        if not stands:
            found.append(one.attempt_id)
    return found
