"""Confirming accruals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.journals import confirm_journal
from partners.accruals.lock_accruals import lock_accruals
from partners.accruals.model import Accrual, AccrualState
from partners.accruals.tables import accrual as accrual_table
from partners.members import lock_members
from payouts.due import claim_due, clear_due
from payouts.ledger import Account, Draft, Posted, post_journals, read_balances
from payouts.money import Money
from payouts.refusal import Refusal

KIND = "accrual.confirm"
ACTOR = "worker"
LEASE_SECONDS = 60


async def confirm_due_accruals(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Make up to `limit` accruals available whose return window is over; tell how many there were.

    A member's debt is paid first, out of the earliest. One that is refused, such as by a frozen
    account, stays due and stops no other. Safe to run at once with itself and with returns:
    claimed rows are skipped, accruals are locked before members, both in order. Raises the refusal
    when nothing at all could be confirmed.
    """
    claimed = await claim_due(
        db, network_id=network_id, kind=KIND, limit=limit, lease_seconds=LEASE_SECONDS, now=now
    )
    if not claimed:
        return 0
    locked = await lock_accruals(db, network_id=network_id, accrual_ids=claimed)
    due = [one for one in locked if one.state is AccrualState.PENDING and one.available_at <= now]
    await lock_members(db, network_id=network_id, member_ids=[one.member_id for one in due])
    refused = await _confirm(db, network_id, due, now)
    for due_id in claimed:
        if due_id not in refused:
            await clear_due(db, network_id=network_id, kind=KIND, due_id=due_id)
    return len(claimed) - len(refused)


async def _confirm(
    db: AsyncConnection, network_id: int, due: Sequence[Accrual], now: datetime
) -> set[UUID]:
    debts = await _read_debts(db, network_id, due)
    confirmed: list[tuple[Accrual, Money, Draft]] = []
    for accrual in sorted(due, key=lambda one: (one.available_at, one.accrual_id)):
        debt = _debt_account(accrual)
        offset = min(max(debts[debt], Money.zero(debt.unit)), accrual.remaining)
        debts[debt] -= offset
        confirmed.append((accrual, offset, confirm_journal(accrual, offset=offset, actor=ACTOR)))
    # One call: it locks the members' balances in the order of everybody who posts many at once.
    moving = [draft for _, _, draft in confirmed if draft.without_zeros()]
    outcomes = await post_journals(db, network_id=network_id, drafts=moving, now=now)
    by_key = {draft.key: outcome for draft, outcome in zip(moving, outcomes, strict=True)}
    refusals = [one for one in outcomes if isinstance(one, Refusal)]
    if refusals and len(refusals) == len(confirmed):
        raise refusals[0]
    done = [
        _row(accrual, offset, by_key.get(draft.key), now)
        for accrual, offset, draft in confirmed
        if not isinstance(by_key.get(draft.key), Refusal)
    ]
    await _update(db, network_id, done)
    ended = {row["accrual"] for row in done}
    return {one.accrual_id for one in due} - ended


def _row(
    accrual: Accrual, offset: Money, outcome: Posted | Refusal | None, now: datetime
) -> dict[str, Any]:
    return {
        "accrual": accrual.accrual_id,
        "confirmed": now,
        "offset": offset.minor,
        "journal": outcome.journal_id if isinstance(outcome, Posted) else None,
    }


async def _update(db: AsyncConnection, network_id: int, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await db.execute(
            update(accrual_table)
            .where(
                accrual_table.c.network_id == network_id,
                accrual_table.c.accrual_id == bindparam("accrual"),
            )
            .values(
                state=AccrualState.AVAILABLE,
                confirmed_at=bindparam("confirmed"),
                debt_offset=bindparam("offset"),
                confirm_journal_id=bindparam("journal"),
            ),
            rows,
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
