"""Recording accruals, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.journals import pending_journal
from partners.accruals.model import Accrual, AccrualState, expiry_of, share_cashback
from partners.agreements import Agreement
from partners.rules import EarnRule
from payouts.due import announce_all_due
from payouts.ledger import post_journals
from payouts.money import Money, Rounding, new_id, share_of
from payouts.refusal import Refusal

# Shares refer to their accrual; both are written by one statement, at whose end this is checked.
_INSERT = text(
    """
    WITH made AS (
      INSERT INTO partners.accrual (network_id, accrual_id, purchase_id, partner_id, member_id,
          rule_id, rate_bps, state, cashback, cashback_reversed, fee, fee_reversed, debt_offset,
          currency, earned_at, available_at, pending_journal_id, expires_at, unspent_to)
        SELECT CAST(:network_id AS bigint), a.accrual_id, a.purchase_id, a.partner_id,
            a.member_id, a.rule_id, a.rate_bps, :state, a.cashback, 0, a.fee, 0, 0, a.currency,
            a.earned_at, a.available_at, a.pending_journal_id, a.expires_at, a.unspent_to
          FROM unnest(CAST(:accrual_id AS uuid[]), CAST(:purchase_id AS uuid[]),
            CAST(:partner_id AS uuid[]), CAST(:member_id AS uuid[]), CAST(:rule_id AS uuid[]),
            CAST(:rate_bps AS integer[]), CAST(:cashback AS bigint[]), CAST(:fee AS bigint[]),
            CAST(:currency AS text[]), CAST(:earned_at AS timestamptz[]),
            CAST(:available_at AS timestamptz[]), CAST(:pending_journal_id AS uuid[]),
            CAST(:expires_at AS timestamptz[]), CAST(:unspent_to AS text[]))
          AS a (accrual_id, purchase_id, partner_id, member_id, rule_id, rate_bps, cashback, fee,
            currency, earned_at, available_at, pending_journal_id, expires_at, unspent_to)
    )
    INSERT INTO partners.accrual_share
        (network_id, accrual_id, line, funder, partner_id, amount, reversed)
      SELECT CAST(:network_id AS bigint), s.accrual_id, s.line, s.funder, s.partner_id, s.amount, 0
        FROM unnest(CAST(:share_of AS uuid[]), CAST(:line AS smallint[]), CAST(:funder AS text[]),
          CAST(:paid_by AS uuid[]), CAST(:amount AS bigint[]))
        AS s (accrual_id, line, funder, partner_id, amount)
    """
)


@dataclass(frozen=True, slots=True)
class Earning:
    """What a purchase earns by: its terms, and by which rule, if any."""

    purchase_id: UUID
    member_id: UUID
    amount: Money
    agreement: Agreement
    rule: EarnRule | None
    purchased_at: datetime
    actor: str


async def record_accruals(
    db: AsyncConnection, *, network_id: int, earnings: Sequence[Earning], now: datetime
) -> list[Accrual | Refusal]:
    """Count what purchases earned as pending, post it, and have it confirmed in its time.

    Cashback and fee are shares of the amount, each rounded half to even. The funders' shares sum
    to the cashback exactly. Without a rule there is only the fee. The ledger's refusal of one is
    given in its place, and nothing of it is written.
    """
    accruals = [_accrual(one, now) for one in earnings]
    drafts = [
        pending_journal(accrual, actor=earning.actor)
        for accrual, earning in zip(accruals, earnings, strict=True)
    ]
    # A purchase too small to earn or cost a minor unit moves nothing.
    moving = [index for index, draft in enumerate(drafts) if draft.without_zeros()]
    posted = await post_journals(
        db, network_id=network_id, drafts=[drafts[index] for index in moving], now=now
    )
    outcomes: list[Accrual | Refusal] = list(accruals)
    for index, outcome in zip(moving, posted, strict=True):
        if isinstance(outcome, Refusal):
            outcomes[index] = outcome
        else:
            outcomes[index] = replace(accruals[index], pending_journal_id=outcome.journal_id)
    made = [one for one in outcomes if isinstance(one, Accrual)]
    if made:
        await db.execute(_INSERT, {"network_id": network_id, **_columns(made)})
        await announce_all_due(
            db,
            network_id=network_id,
            kind="accrual.confirm",
            due=[(one.accrual_id, one.available_at) for one in made],
        )
    return outcomes


def _accrual(earning: Earning, now: datetime) -> Accrual:
    amount, rule, agreement = earning.amount, earning.rule, earning.agreement
    rate_bps = rule.rate_bps if rule else 0
    cashback = share_of(amount, basis_points=rate_bps, rounding=Rounding.HALF_EVEN)
    fee = share_of(amount, basis_points=agreement.purchase_fee_bps, rounding=Rounding.HALF_EVEN)
    zero = Money.zero(amount.currency)
    available_at = earning.purchased_at + timedelta(days=agreement.return_window_days)
    return Accrual(
        accrual_id=new_id(now),
        purchase_id=earning.purchase_id,
        partner_id=agreement.partner_id,
        member_id=earning.member_id,
        rule_id=rule.rule_id if rule else None,
        rate_bps=rate_bps,
        state=AccrualState.PENDING,
        cashback=cashback,
        cashback_reversed=zero,
        fee=fee,
        fee_reversed=zero,
        debt_offset=zero,
        earned_at=earning.purchased_at,
        available_at=available_at,
        confirmed_at=None,
        pending_journal_id=None,
        confirm_journal_id=None,
        shares=share_cashback(cashback, rule.funding if rule else ()),
        cashback_expired=zero,
        expires_at=expiry_of(available_at, rule.lifetime_days if rule else None),
        unspent_to=agreement.unspent_to,
    )


def _columns(made: Sequence[Accrual]) -> dict[str, Any]:
    shares = [(one.accrual_id, share) for one in made for share in one.shares]
    return {
        "state": AccrualState.PENDING.value,
        "accrual_id": [one.accrual_id for one in made],
        "purchase_id": [one.purchase_id for one in made],
        "partner_id": [one.partner_id for one in made],
        "member_id": [one.member_id for one in made],
        "rule_id": [one.rule_id for one in made],
        "rate_bps": [one.rate_bps for one in made],
        "cashback": [one.cashback.minor for one in made],
        "fee": [one.fee.minor for one in made],
        "currency": [one.cashback.currency for one in made],
        "earned_at": [one.earned_at for one in made],
        "available_at": [one.available_at for one in made],
        "pending_journal_id": [one.pending_journal_id for one in made],
        "expires_at": [one.expires_at for one in made],
        "unspent_to": [one.unspent_to.value for one in made],
        "share_of": [accrual_id for accrual_id, _ in shares],
        "line": [share.line for _, share in shares],
        "funder": [share.funder for _, share in shares],
        "paid_by": [share.partner_id for _, share in shares],
        "amount": [share.amount.minor for _, share in shares],
    }
