"""Reversing accruals."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.errors import AccrualNotFound
from partners.accruals.give_back_budget import give_back_budget
from partners.accruals.journals import return_available_journal, return_pending_journal
from partners.accruals.lock_accruals import lock_accruals
from partners.accruals.model import Accrual, AccrualState, Reversal, reversal_for, state_of
from partners.accruals.tables import accrual as accrual_table
from partners.accruals.tables import accrual_share
from partners.members import lock_members, read_wallet
from payouts.ledger import Draft, post_journal
from payouts.money import Money


@dataclass(frozen=True, slots=True)
class Reversed:
    """What a return took back: cashback from the member (`debt` of it is owed), fee from us."""

    cashback: Money
    fee: Money
    debt: Money


async def reverse_accrual(
    db: AsyncConnection,
    *,
    network_id: int,
    purchase_id: UUID,
    return_id: UUID,
    amount: Money,
    returned: Money,
    actor: str,
    now: datetime,
) -> Reversed:
    """Take an accrual back in proportion to what is returned of its purchase so far.

    Before confirmation everybody's pending part shrinks. Afterwards what lapsed of it is taken from
    whom it lapsed to, the rest from the member's available balance; what that does not cover
    becomes a debt that later confirmations pay first. A budget that paid for it gets its part back. Raises BalanceTooLow, retryable, when the member spends at the same moment.
    """
    locked = await lock_accruals(db, network_id=network_id, purchase_ids=[purchase_id])
    if not locked:
        raise AccrualNotFound
    accrual = locked[0]
    reversal = reversal_for(accrual, returned=returned, amount=amount)
    # Budgets are locked before members' balances, here as where they are spent.
    await give_back_budget(
        db,
        network_id=network_id,
        accrual=accrual,
        cashback=reversal.cashback,
        return_id=return_id,
        actor=actor,
        now=now,
    )
    debt = Money.zero(amount.currency)
    if accrual.confirmed_at is not None:
        debt = await _uncovered(db, network_id, accrual, reversal)
    draft = _draft(accrual, reversal, debt, return_id, actor, now)
    if draft.without_zeros():
        await post_journal(db, network_id=network_id, draft=draft, now=now)
    await _update(db, network_id, accrual, reversal, is_whole=returned == amount)
    return Reversed(reversal.cashback, reversal.fee, debt)


def _draft(
    accrual: Accrual,
    reversal: Reversal,
    debt: Money,
    return_id: UUID,
    actor: str,
    at: datetime,
) -> Draft:
    if accrual.confirmed_at is None:
        return return_pending_journal(accrual, reversal, return_id=return_id, actor=actor, at=at)
    return return_available_journal(
        accrual, reversal, debt=debt, return_id=return_id, actor=actor, at=at
    )


async def _uncovered(
    db: AsyncConnection, network_id: int, accrual: Accrual, reversal: Reversal
) -> Money:
    await lock_members(db, network_id=network_id, member_ids=[accrual.member_id])
    wallet = await read_wallet(
        db,
        network_id=network_id,
        member_id=accrual.member_id,
        currency=reversal.cashback.currency,
    )
    zero = Money.zero(reversal.cashback.currency)
    kept = reversal.cashback - reversal.cashback_lapsed
    return max(kept - max(wallet.available, zero), zero)


async def _update(
    db: AsyncConnection, network_id: int, accrual: Accrual, reversal: Reversal, *, is_whole: bool
) -> None:
    # The announced confirmation stays announced; it finds nothing to confirm and strikes it off.
    expired = accrual.cashback_expired - reversal.cashback_lapsed
    remaining = accrual.remaining - reversal.cashback
    await db.execute(
        update(accrual_table)
        .where(
            accrual_table.c.network_id == network_id,
            accrual_table.c.accrual_id == accrual.accrual_id,
        )
        .values(
            state=AccrualState.REVERSED if is_whole else state_of(accrual, remaining, expired),
            cashback_expired=expired.minor,
            cashback_reversed=(accrual.cashback_reversed + reversal.cashback).minor,
            fee_reversed=(accrual.fee_reversed + reversal.fee).minor,
        )
    )
    parts = zip(accrual.shares, reversal.shares, reversal.lapsed, strict=True)
    for share, amount, lapsed in parts:
        await db.execute(
            update(accrual_share)
            .where(
                accrual_share.c.network_id == network_id,
                accrual_share.c.accrual_id == accrual.accrual_id,
                accrual_share.c.line == share.line,
            )
            .values(
                reversed=(share.reversed + amount).minor,
                expired=(share.expired - lapsed).minor,
            )
        )
