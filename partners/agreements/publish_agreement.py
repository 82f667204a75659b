"""Publishing agreements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements.errors import AgreementNotAfterLast, PartnerNotFound
from partners.agreements.model import Agreement, UnspentTo, check_terms
from partners.agreements.queries import list_agreements
from partners.agreements.tables import agreement, partner
from payouts.money import exponent_of, new_id


async def publish_agreement(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    currency: str,
    purchase_fee_bps: int,
    acceptance_fee_bps: int = 0,
    experience_commission_bps: int = 0,
    return_window_days: int,
    unspent_to: UnspentTo = UnspentTo.NETWORK,
    effective_from: datetime,
    now: datetime,
) -> Agreement:
    """Put new terms in force from an instant on; the version before ends there.

    The first version may start in the past, so that earlier purchases can be reported; later
    ones may not, because obligations already counted must stay what they were. Raises
    PartnerNotFound, InvalidTerms, UnknownCurrency, AgreementNotAfterLast.
    """
    exponent_of(currency)
    fees = {
        "purchase_fee_bps": purchase_fee_bps,
        "acceptance_fee_bps": acceptance_fee_bps,
        "experience_commission_bps": experience_commission_bps,
    }
    check_terms(fees, return_window_days)
    await _lock_partner(db, network_id, partner_id)
    earlier = await list_agreements(db, network_id=network_id, partner_id=partner_id)
    last = earlier[-1] if earlier else None
    if last is not None:
        if effective_from < now or effective_from <= last.effective_from:
            raise AgreementNotAfterLast(starts_at=last.effective_from)
        await _end(db, network_id, last, effective_from)
    made = Agreement(
        agreement_id=new_id(now),
        partner_id=partner_id,
        version=last.version + 1 if last else 1,
        currency=currency,
        purchase_fee_bps=purchase_fee_bps,
        acceptance_fee_bps=acceptance_fee_bps,
        experience_commission_bps=experience_commission_bps,
        return_window_days=return_window_days,
        effective_from=effective_from,
        unspent_to=unspent_to,
    )
    await _insert(db, network_id, made, now)
    return made


async def _lock_partner(db: AsyncConnection, network_id: int, partner_id: UUID) -> None:
    # The versions of one partner are numbered one at a time.
    row = await db.execute(
        select(partner.c.partner_id)
        .where(partner.c.network_id == network_id, partner.c.partner_id == partner_id)
        .with_for_update(key_share=True)
    )
    if row.one_or_none() is None:
        raise PartnerNotFound


async def _insert(db: AsyncConnection, network_id: int, made: Agreement, now: datetime) -> None:
    await db.execute(
        insert(agreement).values(
            network_id=network_id,
            agreement_id=made.agreement_id,
            partner_id=made.partner_id,
            version=made.version,
            currency=made.currency,
            purchase_fee_bps=made.purchase_fee_bps,
            acceptance_fee_bps=made.acceptance_fee_bps,
            experience_commission_bps=made.experience_commission_bps,
            return_window_days=made.return_window_days,
            unspent_to=made.unspent_to,
            starts_at=made.effective_from,
            created_at=now,
        )
    )


async def _end(db: AsyncConnection, network_id: int, last: Agreement, ends_at: datetime) -> None:
    await db.execute(
        update(agreement)
        .where(
            agreement.c.network_id == network_id,
            agreement.c.agreement_id == last.agreement_id,
            agreement.c.ends_at.is_(None),
        )
        .values(ends_at=ends_at)
    )
