"""Recording accruals."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.journals import pending_journal
from partners.accruals.model import Accrual, AccrualState, expiry_of, share_cashback
from partners.accruals.tables import accrual as accrual_table
from partners.accruals.tables import accrual_share
from partners.agreements import Agreement
from partners.rules import EarnRule
from payouts.due import announce_due
from payouts.ledger import post_journal
from payouts.money import Money, Rounding, new_id, share_of


async def record_accrual(
    db: AsyncConnection,
    *,
    network_id: int,
    purchase_id: UUID,
    member_id: UUID,
    amount: Money,
    rule: EarnRule | None,
    agreement: Agreement,
    purchased_at: datetime,
    actor: str,
    now: datetime,
) -> Accrual:
    """Count what a purchase earned as pending, post it, and have it confirmed in its time.

    Cashback and fee are shares of the amount, each rounded half to even. The funders' shares sum
    to the cashback exactly. Without a rule there is only the fee.
    """
    rate_bps = rule.rate_bps if rule else 0
    cashback = share_of(amount, basis_points=rate_bps, rounding=Rounding.HALF_EVEN)
    fee = share_of(amount, basis_points=agreement.purchase_fee_bps, rounding=Rounding.HALF_EVEN)
    zero = Money.zero(amount.currency)
    available_at = purchased_at + timedelta(days=agreement.return_window_days)
    accrual = Accrual(
        accrual_id=new_id(now),
        purchase_id=purchase_id,
        partner_id=agreement.partner_id,
        member_id=member_id,
        rule_id=rule.rule_id if rule else None,
        rate_bps=rate_bps,
        state=AccrualState.PENDING,
        cashback=cashback,
        cashback_reversed=zero,
        fee=fee,
        fee_reversed=zero,
        debt_offset=zero,
        earned_at=purchased_at,
        available_at=available_at,
        confirmed_at=None,
        pending_journal_id=None,
        confirm_journal_id=None,
        shares=share_cashback(cashback, rule.funding if rule else ()),
        cashback_expired=zero,
        expires_at=expiry_of(available_at, rule.lifetime_days if rule else None),
        unspent_to=agreement.unspent_to,
    )
    draft = pending_journal(accrual, actor=actor)
    if draft.without_zeros():  # a purchase too small to earn or cost a minor unit moves nothing
        posted = await post_journal(db, network_id=network_id, draft=draft, now=now)
        accrual = replace(accrual, pending_journal_id=posted.journal_id)
    await _insert(db, network_id, accrual)
    await announce_due(
        db,
        network_id=network_id,
        kind="accrual.confirm",
        due_id=accrual.accrual_id,
        due_at=accrual.available_at,
    )
    return accrual


async def _insert(db: AsyncConnection, network_id: int, accrual: Accrual) -> None:
    await db.execute(
        insert(accrual_table).values(
            network_id=network_id,
            accrual_id=accrual.accrual_id,
            purchase_id=accrual.purchase_id,
            partner_id=accrual.partner_id,
            member_id=accrual.member_id,
            rule_id=accrual.rule_id,
            rate_bps=accrual.rate_bps,
            state=accrual.state,
            cashback=accrual.cashback.minor,
            cashback_reversed=0,
            fee=accrual.fee.minor,
            fee_reversed=0,
            debt_offset=0,
            currency=accrual.cashback.currency,
            earned_at=accrual.earned_at,
            available_at=accrual.available_at,
            pending_journal_id=accrual.pending_journal_id,
            expires_at=accrual.expires_at,
            unspent_to=accrual.unspent_to,
        )
    )
    if accrual.shares:
        await db.execute(
            insert(accrual_share).values(
                [
                    {
                        "network_id": network_id,
                        "accrual_id": accrual.accrual_id,
                        "line": share.line,
                        "funder": share.funder,
                        "partner_id": share.partner_id,
                        "amount": share.amount.minor,
                        "reversed": 0,
                    }
                    for share in accrual.shares
                ]
            )
        )
