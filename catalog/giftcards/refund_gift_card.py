"""Refunding to cards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.errors import AuthorizationEnded, CardStateConflict, RefundExceedsCapture
from catalog.giftcards.model import (
    AuthorizationState,
    CardAuthorization,
    CardRefund,
    CardState,
    GiftCard,
    card_refund_journal,
)
from catalog.giftcards.queries import lock_authorization
from catalog.giftcards.tables import card_authorization, card_refund, gift_card
from payouts.ledger import post_journal
from payouts.money import AmountOutOfRange, Money, new_id


async def refund_gift_card(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    authorization_id: UUID,
    amount: Money,
    actor: str,
    now: datetime,
) -> CardRefund:
    """Give back to a card what a merchant took from it, all or a part, with its commission.

    Raises AuthorizationNotFound, AuthorizationEnded when nothing was captured,
    RefundExceedsCapture, CardStateConflict for a cancelled card.
    """
    held, card = await lock_authorization(
        db, network_id=network_id, authorization_id=authorization_id, partner_id=partner_id
    )
    _check(held, card, amount)
    fee = held.fee_returned_by(amount)
    refund = CardRefund(new_id(now), authorization_id, amount, fee, now)
    await db.execute(
        insert(card_refund).values(
            network_id=network_id,
            card_refund_id=refund.card_refund_id,
            authorization_id=authorization_id,
            card_id=held.card_id,
            partner_id=held.partner_id,
            amount=amount.minor,
            fee=fee.minor,
            currency=amount.currency,
            refunded_at=now,
        )
    )
    await db.execute(
        update(card_authorization)
        .where(
            card_authorization.c.network_id == network_id,
            card_authorization.c.authorization_id == authorization_id,
        )
        .values(
            refunded=(held.refunded + amount).minor, fee_returned=(held.fee_returned + fee).minor
        )
    )
    await db.execute(
        update(gift_card)
        .where(
            gift_card.c.network_id == network_id,
            gift_card.c.card_id == held.card_id,
            gift_card.c.state == CardState.EXHAUSTED,
        )
        .values(state=CardState.ACTIVE)
    )
    draft = card_refund_journal(held, refund, actor=actor, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    return refund


def _check(held: CardAuthorization, card: GiftCard, amount: Money) -> None:
    if held.state is not AuthorizationState.CAPTURED:
        raise AuthorizationEnded("Nothing was captured.", state=held.state.value)
    if amount > held.refundable:
        raise RefundExceedsCapture(refundable=held.refundable, path=("amount",))
    if amount.minor <= 0:
        raise AmountOutOfRange(path=("amount",))
    if card.state is CardState.CANCELLED:
        raise CardStateConflict(state=card.state.value)
