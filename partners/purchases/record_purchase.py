"""Recording purchases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals import record_accrual
from partners.agreements import Agreement, find_agreement, get_partner
from partners.members import get_member
from partners.purchases.errors import (
    CurrencyNotAgreed,
    PurchaseBeforeAgreement,
    PurchaseConflict,
    PurchaseInFuture,
)
from partners.purchases.model import CLOCK_TOLERANCE, Purchase, Report, check_report
from partners.purchases.queries import find_purchase
from partners.purchases.tables import purchase as purchase_table
from partners.rules import find_rule_for
from payouts.money import Money, new_id


async def record_purchase(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    member_id: UUID,
    external_id: str,
    amount: Money,
    category: str | None,
    purchased_at: datetime,
    actor: str,
    now: datetime,
) -> Purchase:
    """Book a member's purchase once for each external id, and what it earned as pending.

    The terms are those in force at `purchased_at`. The same report again gives the same purchase.
    Raises InvalidExternalId, InvalidCategory, AmountNotPositive, AmountOutOfRange,
    PurchaseConflict, PurchaseInFuture, PartnerNotFound, PurchaseBeforeAgreement,
    CurrencyNotAgreed, MemberNotFound.
    """
    check_report(external_id, amount, category)
    report = Report(partner_id, member_id, external_id, amount, category, purchased_at)
    earlier = await _find_same(db, network_id, report)
    if earlier is not None:
        return earlier
    if purchased_at > now + CLOCK_TOLERANCE:
        raise PurchaseInFuture(path=("purchased_at",))
    agreement = await _terms(db, network_id, partner_id, amount.currency, purchased_at)
    await get_member(db, network_id=network_id, member_id=member_id)
    made = await _insert(db, network_id, report, agreement.agreement_id, now)
    if made is None:  # reported twice at once: the other one was first
        earlier = await _find_same(db, network_id, report)
        assert earlier is not None, "a purchase is never deleted"
        return earlier
    rule = await find_rule_for(
        db,
        network_id=network_id,
        partner_id=partner_id,
        member_id=member_id,
        category=category,
        at=purchased_at,
    )
    await record_accrual(
        db,
        network_id=network_id,
        purchase_id=made.purchase_id,
        member_id=member_id,
        amount=amount,
        rule=rule,
        agreement=agreement,
        purchased_at=purchased_at,
        actor=actor,
        now=now,
    )
    return made


async def _find_same(db: AsyncConnection, network_id: int, report: Report) -> Purchase | None:
    earlier = await find_purchase(
        db,
        network_id=network_id,
        partner_id=report.partner_id,
        external_id=report.external_id,
    )
    if earlier is not None and earlier.report != report:
        raise PurchaseConflict(path=("external_id",))
    return earlier


async def _terms(
    db: AsyncConnection, network_id: int, partner_id: UUID, currency: str, at: datetime
) -> Agreement:
    agreement = await find_agreement(db, network_id=network_id, partner_id=partner_id, at=at)
    if agreement is None:
        await get_partner(db, network_id=network_id, partner_id=partner_id)
        raise PurchaseBeforeAgreement(path=("purchased_at",))
    if currency != agreement.currency:
        raise CurrencyNotAgreed(path=("amount",), agreed=agreement.currency, given=currency)
    return agreement


async def _insert(
    db: AsyncConnection, network_id: int, report: Report, agreement_id: UUID, now: datetime
) -> Purchase | None:
    made = Purchase(
        purchase_id=new_id(now),
        partner_id=report.partner_id,
        member_id=report.member_id,
        external_id=report.external_id,
        amount=report.amount,
        returned=Money.zero(report.amount.currency),
        category=report.category,
        agreement_id=agreement_id,
        purchased_at=report.purchased_at,
        recorded_at=now,
    )
    row = await db.execute(
        insert(purchase_table)
        .values(
            network_id=network_id,
            purchase_id=made.purchase_id,
            partner_id=made.partner_id,
            member_id=made.member_id,
            external_id=made.external_id,
            amount=made.amount.minor,
            returned=0,
            currency=made.amount.currency,
            category=made.category,
            agreement_id=made.agreement_id,
            purchased_at=made.purchased_at,
            recorded_at=made.recorded_at,
        )
        .on_conflict_do_nothing(constraint="purchase_external_key")
        .returning(purchase_table.c.purchase_id)
    )
    return None if row.scalar_one_or_none() is None else made
