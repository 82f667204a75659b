"""Capturing authorized amounts."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.errors import (
    AuthorizationEnded,
    CaptureExceedsAuthorization,
    CardStateConflict,
)
from catalog.giftcards.model import (
    EXPIRE_KIND,
    AuthorizationState,
    CardAuthorization,
    CardState,
    GiftCard,
    acceptance_fee,
    card_account,
    card_capture_journal,
)
from catalog.giftcards.queries import lock_authorization
from catalog.giftcards.tables import card_authorization, gift_card
from payouts.due import clear_due
from payouts.ledger import post_journal, read_balances, resolve_hold
from payouts.money import AmountOutOfRange, Money


async def capture_gift_card(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    authorization_id: UUID,
    amount: Money,
    actor: str,
    now: datetime,
) -> CardAuthorization:
    """Take up to the authorized amount from a card, once; the rest is free again.

    The network owes the merchant the amount less its commission. Raises AuthorizationNotFound,
    AuthorizationEnded, CaptureExceedsAuthorization, CardStateConflict for a frozen card.
    """
    # The due row first, as those who expire authorizations lock it before the card.
    await clear_due(db, network_id=network_id, kind=EXPIRE_KIND, due_id=authorization_id)
    held, card = await lock_authorization(
        db, network_id=network_id, authorization_id=authorization_id, partner_id=partner_id
    )
    _check(held, card, amount, now)
    await resolve_hold(
        db,
        network_id=network_id,
        hold_id=held.hold_id,
        kind="captured",
        amount=amount,
        key=f"card:{authorization_id}:capture",
        now=now,
    )
    rest = held.amount - amount
    if rest:
        await resolve_hold(
            db,
            network_id=network_id,
            hold_id=held.hold_id,
            kind="voided",
            amount=rest,
            key=f"card:{authorization_id}:rest",
            now=now,
        )
    fee = acceptance_fee(amount, acceptance_fee_bps=held.acceptance_fee_bps)
    draft = card_capture_journal(held, amount=amount, fee=fee, actor=actor, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    await _save(db, network_id, held, amount=amount, fee=fee, now=now)
    await _exhaust_if_empty(db, network_id, held)
    return replace(held, state=AuthorizationState.CAPTURED, captured=amount, fee=fee, ended_at=now)


def _check(held: CardAuthorization, card: GiftCard, amount: Money, now: datetime) -> None:
    if held.state is not AuthorizationState.AUTHORIZED or now >= held.expires_at:
        raise AuthorizationEnded(state=held.state.value)
    if card.state is CardState.FROZEN:
        raise CardStateConflict(state=card.state.value)
    if amount > held.amount:
        raise CaptureExceedsAuthorization(authorized=held.amount, path=("amount",))
    if amount.minor <= 0:
        raise AmountOutOfRange(path=("amount",))


async def _save(
    db: AsyncConnection,
    network_id: int,
    held: CardAuthorization,
    *,
    amount: Money,
    fee: Money,
    now: datetime,
) -> None:
    await db.execute(
        update(card_authorization)
        .where(
            card_authorization.c.network_id == network_id,
            card_authorization.c.authorization_id == held.authorization_id,
        )
        .values(
            state=AuthorizationState.CAPTURED,
            captured=amount.minor,
            fee=fee.minor,
            ended_at=now,
        )
    )


async def _exhaust_if_empty(db: AsyncConnection, network_id: int, held: CardAuthorization) -> None:
    account = card_account(held.card_id, held.amount.currency)
    balances = await read_balances(db, network_id=network_id, accounts=[account])
    if not balances[account].posted:
        await db.execute(
            update(gift_card)
            .where(
                gift_card.c.network_id == network_id,
                gift_card.c.card_id == held.card_id,
                gift_card.c.state == CardState.ACTIVE,
            )
            .values(state=CardState.EXHAUSTED)
        )
