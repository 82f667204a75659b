"""Authorizing amounts on cards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.errors import CardAgreementMissing, CodeRefused, GiftCardNotFound
from catalog.giftcards.model import (
    AUTHORIZATION_LIFE,
    EXPIRE_KIND,
    AuthorizationState,
    CardAuthorization,
    card_account,
)
from catalog.giftcards.queries import get_gift_card
from catalog.giftcards.tables import card_authorization
from partners.agreements import find_agreement
from payouts.due import announce_due
from payouts.ledger import Cause, place_hold
from payouts.money import CurrencyMismatch, Money, new_id


async def authorize_gift_card(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    card_id: UUID,
    amount: Money,
    merchant_reference: str,
    now: datetime,
) -> CardAuthorization:
    """Set an amount of a card aside for a merchant, for seven days, on its present terms.

    Raises CodeRefused for a card that is absent or not usable, CardAgreementMissing,
    CurrencyMismatch, BalanceTooLow.
    """
    agreement = await find_agreement(db, network_id=network_id, partner_id=partner_id, at=now)
    if agreement is None:
        raise CardAgreementMissing
    await _check_card(db, network_id, card_id, amount, now)
    if agreement.currency != amount.currency:
        raise CardAgreementMissing(currency=amount.currency)
    authorization_id = new_id(now)
    expires_at = now + AUTHORIZATION_LIFE
    held = await place_hold(
        db,
        network_id=network_id,
        account=card_account(card_id, amount.currency),
        amount=amount,
        key=f"card:{authorization_id}",
        cause=Cause("card_authorization", str(authorization_id)),
        expires_at=expires_at,
        now=now,
    )
    none = Money.zero(amount.currency)
    one = CardAuthorization(
        authorization_id=authorization_id,
        card_id=card_id,
        partner_id=partner_id,
        merchant_reference=merchant_reference,
        amount=amount,
        captured=none,
        refunded=none,
        fee=none,
        fee_returned=none,
        acceptance_fee_bps=agreement.acceptance_fee_bps,
        state=AuthorizationState.AUTHORIZED,
        hold_id=held.hold_id,
        authorized_at=now,
        expires_at=expires_at,
        ended_at=None,
    )
    await _insert(db, network_id, one)
    await announce_due(
        db, network_id=network_id, kind=EXPIRE_KIND, due_id=authorization_id, due_at=expires_at
    )
    return one


async def _check_card(
    db: AsyncConnection, network_id: int, card_id: UUID, amount: Money, now: datetime
) -> None:
    try:
        card = await get_gift_card(db, network_id=network_id, card_id=card_id, lock=True)
    except GiftCardNotFound:
        raise CodeRefused from None
    if not card.is_usable(now):
        raise CodeRefused
    if amount.currency != card.face.currency:
        raise CurrencyMismatch(
            expected=card.face.currency, given=amount.currency, path=("amount", "currency")
        )


async def _insert(db: AsyncConnection, network_id: int, one: CardAuthorization) -> None:
    await db.execute(
        insert(card_authorization).values(
            network_id=network_id,
            authorization_id=one.authorization_id,
            card_id=one.card_id,
            partner_id=one.partner_id,
            merchant_reference=one.merchant_reference,
            amount=one.amount.minor,
            captured=0,
            refunded=0,
            fee=0,
            fee_returned=0,
            currency=one.amount.currency,
            acceptance_fee_bps=one.acceptance_fee_bps,
            state=one.state,
            hold_id=one.hold_id,
            authorized_at=one.authorized_at,
            expires_at=one.expires_at,
        )
    )
