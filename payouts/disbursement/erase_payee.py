"""Erasing a payee."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import ERASED
from payouts.disbursement.tables import (
    bank_account,
    destination_change,
    payee,
    payout,
    payout_attempt,
)
from payouts.due import clear_due


async def erase_payee(db: AsyncConnection, *, network_id: int, member_id: UUID) -> Sequence[str]:
    """Forget how a member was paid: address, name, and its account at the provider.

    Payouts and their attempts stay, with amounts, states and the provider's ids of the movements.
    Gives the names of the accounts that were forgotten.
    """
    gone = await db.execute(
        delete(payee)
        .where(payee.c.network_id == network_id, payee.c.member_id == member_id)
        .returning(payee.c.payee_id, payee.c.account_id, payee.c.customer_id)
    )
    named: set[str] = set()
    for row in gone.all():
        named |= {one for one in (row.account_id, row.customer_id) if one}
        for kind in ("payee.connect", "payee.refresh"):
            await clear_due(db, network_id=network_id, kind=kind, due_id=row.payee_id)
    own = select(payout.c.payout_id).where(
        payout.c.network_id == network_id, payout.c.member_id == member_id
    )
    tried = (
        payout_attempt.c.network_id == network_id,
        payout_attempt.c.payout_id.in_(own),
        payout_attempt.c.account_id != ERASED,
    )
    accounts = await db.execute(select(payout_attempt.c.account_id).where(*tried).distinct())
    named |= set(accounts.scalars())
    await db.execute(update(payout_attempt).where(*tried).values(account_id=ERASED))
    await db.execute(
        update(payout)
        .where(payout.c.network_id == network_id, payout.c.member_id == member_id)
        .values(destination_hash=None)
    )
    await db.execute(
        update(destination_change)
        .where(
            destination_change.c.network_id == network_id,
            destination_change.c.member_id == member_id,
        )
        .values(old_hash=ERASED, new_hash=ERASED)
    )
    await db.execute(
        delete(bank_account).where(
            bank_account.c.network_id == network_id, bank_account.c.member_id == member_id
        )
    )
    return sorted(named)
