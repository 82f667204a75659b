"""Matching a bank line with a payout of a bank file."""

from datetime import datetime

from sqlalchemy import exists, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files import FiledPayout, read_filed_payouts
from payouts.disbursement import AttemptState, lock_attempt, move_filed_payout, read_payouts
from payouts.ledger import Account, post_journal
from payouts.reconciliation.model import (
    BankEntry,
    ItemState,
    bank_payout_paid_journal,
    bank_payout_returned_journal,
)
from payouts.reconciliation.tables import bank_entry, reconciliation_item

_CLEARING = {"cashback": "member_payout_clearing", "settlement": "transfer_clearing"}


async def match_filed_payout(
    db: AsyncConnection, *, network_id: int, entry: BankEntry, actor: str, now: datetime
) -> bool | None:
    """Match a line that names one payout of a released file by its EndToEndId, and book it.

    Money out is the payout, which is paid by it; money in is its return. Tells whether it matched;
    None when the line names no such payout. One of another amount, of another account of ours, of
    a payout that was taken back, or that would leave or come back a second time, becomes mismatched.
    """
    ids = sorted(entry.order_ids())
    named = await read_filed_payouts(db, network_id=network_id, attempt_ids=ids)
    if not named:
        return None
    for each in named:
        await lock_attempt(db, network_id=network_id, attempt_id=each.attempt_id)
    # Read again, now that nobody takes one back.
    named = await read_filed_payouts(db, network_id=network_id, attempt_ids=ids)
    reason = await _why_unfit(db, network_id, entry, named)
    if reason is not None:
        await _end(db, network_id, entry, state=ItemState.MISMATCHED.value, reason=reason)
        return False
    (one,) = named
    payout = (await read_payouts(db, network_id=network_id, payout_ids=[one.payout_id]))[
        one.payout_id
    ]
    clearing = Account(_CLEARING[payout.kind], str(payout.owner_id), one.amount.currency)
    is_out = entry.amount.minor < 0
    book = bank_payout_paid_journal if is_out else bank_payout_returned_journal
    draft = book(entry, clearing, actor=actor)
    posted = await post_journal(db, network_id=network_id, draft=draft, now=now)
    await db.execute(
        update(bank_entry)
        .where(
            bank_entry.c.network_id == network_id,
            bank_entry.c.bank_entry_id == entry.bank_entry_id,
        )
        .values(attempt_id=one.attempt_id, journal_id=posted.journal_id)
    )
    await _end(
        db,
        network_id,
        entry,
        state=ItemState.MATCHED.value,
        reason=None,
        open_amount=0,
        resolved_at=now,
        journal_id=posted.journal_id,
    )
    to = AttemptState.SUCCEEDED if is_out else AttemptState.RETURNED
    await move_filed_payout(db, network_id=network_id, attempt_id=one.attempt_id, to=to, now=now)
    return True


async def _why_unfit(
    db: AsyncConnection, network_id: int, entry: BankEntry, named: list[FiledPayout]
) -> str | None:
    one = named[0]
    if len(named) > 1 or entry.account != one.debit_number:
        return "other_account" if len(named) == 1 else "several_payouts"
    if one.is_taken_back:
        return "taken_back"
    if entry.amount not in (one.amount, -one.amount):
        return "amount_differs"
    is_out = entry.amount.minor < 0
    same_way = bank_entry.c.amount < 0 if is_out else bank_entry.c.amount > 0
    twice = await db.execute(
        select(
            exists(
                select(literal(1)).where(
                    bank_entry.c.network_id == network_id,
                    bank_entry.c.attempt_id == one.attempt_id,
                    same_way,
                )
            )
        )
    )
    return "reference_repeated" if twice.scalar_one() else None


async def _end(db: AsyncConnection, network_id: int, entry: BankEntry, **values: object) -> None:
    await db.execute(
        update(reconciliation_item)
        .where(
            reconciliation_item.c.network_id == network_id,
            reconciliation_item.c.bank_entry_id == entry.bank_entry_id,
            reconciliation_item.c.resolved_at.is_(None),
        )
        .values(values)
    )
