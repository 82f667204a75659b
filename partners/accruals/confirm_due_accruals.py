"""Confirming accruals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.journals import confirm_accounts, confirm_journal
from partners.accruals.lock_accruals import lock_accruals
from partners.accruals.model import Accrual, AccrualState
from partners.accruals.tables import accrual as accrual_table
from partners.members import lock_members
from payouts.due import claim_due, clear_due
from payouts.ledger import Account, open_accounts, post_journal, read_balances
from payouts.money import Money

KIND = "accrual.confirm"
ACTOR = "worker"
LEASE_SECONDS = 60


async def confirm_due_accruals(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Make up to `limit` accruals available whose return window is over; tell how many there were.

    A member's debt is paid first, out of the earliest. Safe to run at once with itself and with
    returns: claimed rows are skipped, accruals are locked before members, both in order.
    """
    claimed = await claim_due(
        db, network_id=network_id, kind=KIND, limit=limit, lease_seconds=LEASE_SECONDS, now=now
    )
    if not claimed:
        return 0
    locked = await lock_accruals(db, network_id=network_id, accrual_ids=claimed)
    due = [one for one in locked if one.state is AccrualState.PENDING and one.available_at <= now]
    await lock_members(db, network_id=network_id, member_ids=[one.member_id for one in due])
    # All at once and in order: two batches must not open each other's accounts crosswise.
    accounts = {account for one in due for account in confirm_accounts(one)}
    await open_accounts(db, network_id=network_id, accounts=accounts, now=now)
    debts = await _read_debts(db, network_id, due)
    for accrual in sorted(due, key=lambda one: (one.available_at, one.accrual_id)):
        debt = _debt_account(accrual)
        offset = min(max(debts[debt], Money.zero(debt.unit)), accrual.remaining)
        debts[debt] -= offset
        await _confirm(db, network_id, accrual, offset, now)
    for due_id in claimed:
        await clear_due(db, network_id=network_id, kind=KIND, due_id=due_id)
    return len(claimed)


async def _confirm(
    db: AsyncConnection, network_id: int, accrual: Accrual, offset: Money, now: datetime
) -> None:
    draft = confirm_journal(accrual, offset=offset, actor=ACTOR)
    journal_id: UUID | None = None
    if draft.without_zeros():
        journal_id = (
            await post_journal(db, network_id=network_id, draft=draft, now=now)
        ).journal_id
    await db.execute(
        update(accrual_table)
        .where(
            accrual_table.c.network_id == network_id,
            accrual_table.c.accrual_id == accrual.accrual_id,
        )
        .values(
            state=AccrualState.AVAILABLE,
            confirmed_at=now,
            debt_offset=offset.minor,
            confirm_journal_id=journal_id,
        )
    )


def _debt_account(accrual: Accrual) -> Account:
    return Account("member_recv", str(accrual.member_id), accrual.cashback.currency)


async def _read_debts(
    db: AsyncConnection, network_id: int, due: Sequence[Accrual]
) -> dict[Account, Money]:
    balances = await read_balances(
        db, network_id=network_id, accounts=list({_debt_account(one) for one in due})
    )
    return {account: balance.posted for account, balance in balances.items()}
