"""Recording accruals, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.journals import pending_journal
from partners.accruals.model import Accrual, AccrualState, expiry_of, share_cashback
from partners.accruals.write_accruals import WRITE, post_and_write
from partners.agreements import Agreement
from partners.rules import EarnRule
from payouts.ledger import (
    UNOPENED,
    Draft,
    Posted,
    ledger_refusals,
    open_accounts,
    outcome_of,
    post_journals,
    posting_values,
)
from payouts.money import Money, Rounding, new_id, share_of
from payouts.refusal import Refusal
from payouts.statement import First, check_whole, values_of

UNOPENED_MAX = 32
"""Above this many, accounts are looked for before anything is posted, not after it was refused."""


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
    db: AsyncConnection,
    *,
    network_id: int,
    earnings: Sequence[Earning],
    now: datetime,
    firsts: Sequence[First] = (),
) -> list[Accrual | Refusal]:
    """Count what purchases earned as pending, post it, and have it confirmed in its time.

    Cashback and fee are shares of the amount, each rounded half to even. The funders' shares sum
    to the cashback exactly. Without a rule there is only the fee. The ledger's refusal of one is
    given in its place, and nothing of it is written.

    What comes first is done by the same statement. Raises FirstIncomplete if that went wrong.
    """
    made = [_accrual(one, now) for one in earnings]
    drafts = {
        index: pending_journal(accrual, actor=earnings[index].actor)
        for index, accrual in enumerate(made)
        if accrual.pending_journal_id is not None
    }
    if not firsts:
        return await _post_then_write(db, network_id, made, drafts, now)
    if len(drafts) > UNOPENED_MAX:
        accounts = {line.account for draft in drafts.values() for line in draft.without_zeros()}
        await open_accounts(db, network_id=network_id, accounts=accounts, now=now)
    values = {"network_id": network_id} | values_of(firsts)
    ids = [one.pending_journal_id for one in made if one.pending_journal_id is not None]
    values |= _columns(made)
    values |= posting_values(list(drafts.values()), ids=ids, network_id=network_id, now=now)
    with ledger_refusals():
        [told] = await post_and_write(tuple([one.query for one in firsts])).rows(db, values)
    check_whole(told, firsts)
    if told["is_well"]:
        return list(made)
    return await _settle(db, network_id, made, drafts, told, now)


async def _settle(
    db: AsyncConnection,
    network_id: int,
    made: Sequence[Accrual],
    drafts: Mapping[int, Draft],
    told: Any,
    now: datetime,
) -> list[Accrual | Refusal]:
    """Post those again whose accounts were not open yet: what they add, no order forbids."""
    posted: dict[int, Posted | Refusal] = {}
    unopened: dict[int, Draft] = {}
    for (index, draft), journal_id, outcome in zip(
        drafts.items(), told["journal_ids"], told["outcomes"], strict=True
    ):
        if outcome in UNOPENED:
            unopened[index] = draft
        else:
            posted[index] = outcome_of(journal_id, outcome)
    again = await post_journals(db, network_id=network_id, drafts=list(unopened.values()), now=now)
    posted |= dict(zip(unopened, again, strict=True))
    return await _write(db, network_id, made, posted)


async def _post_then_write(
    db: AsyncConnection,
    network_id: int,
    made: Sequence[Accrual],
    drafts: Mapping[int, Draft],
    now: datetime,
) -> list[Accrual | Refusal]:
    posted = await post_journals(db, network_id=network_id, drafts=list(drafts.values()), now=now)
    return await _write(db, network_id, made, dict(zip(drafts, posted, strict=True)))


async def _write(
    db: AsyncConnection,
    network_id: int,
    made: Sequence[Accrual],
    posted: Mapping[int, Posted | Refusal],
) -> list[Accrual | Refusal]:
    outcomes: list[Accrual | Refusal] = list(made)
    for index, outcome in posted.items():
        if isinstance(outcome, Refusal):
            outcomes[index] = outcome
        else:
            outcomes[index] = replace(made[index], pending_journal_id=outcome.journal_id)
    standing = [one for one in outcomes if isinstance(one, Accrual)]
    if standing:
        await WRITE.rows(db, {"network_id": network_id, **_columns(standing)})
    return outcomes


def _accrual(earning: Earning, now: datetime) -> Accrual:
    amount, rule, agreement = earning.amount, earning.rule, earning.agreement
    rate_bps = rule.rate_bps if rule else 0
    cashback = rule.cashback_on(amount) if rule else Money.zero(amount.currency)
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
        # A purchase too small to earn or cost a minor unit moves nothing.
        pending_journal_id=new_id(now) if cashback or fee else None,
        confirm_journal_id=None,
        shares=share_cashback(cashback, rule.funding if rule else ()),
        cashback_expired=zero,
        expires_at=expiry_of(available_at, rule.lifetime_days if rule else None),
        unspent_to=agreement.unspent_to,
    )


def _columns(made: Sequence[Accrual]) -> dict[str, Any]:
    shares = [(one.accrual_id, share) for one in made for share in one.shares]
    return {
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
        "due_kind": "accrual.confirm",
        "due_ids": [one.accrual_id for one in made],
        "due_at": [one.available_at for one in made],
    }
