"""Recording one purchase."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.purchases.errors import SomeNotPosted
from partners.purchases.model import Purchase, Report
from partners.purchases.record_purchases import record_purchases
from payouts.money import Money, new_id
from payouts.refusal import Refusal


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

    It is a batch of one: see record_purchases, whose refusals are raised.
    """
    report = Report(
        purchase_id=new_id(now),
        partner_id=partner_id,
        member_id=member_id,
        external_id=external_id,
        amount=amount,
        category=category,
        purchased_at=purchased_at,
        actor=actor,
    )
    try:
        [outcome] = await record_purchases(db, network_id=network_id, reports=[report], now=now)
    except SomeNotPosted as refused:
        raise refused.refusals[0] from None
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome.purchase
