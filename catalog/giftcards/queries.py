"""Reads of cards and of what merchants set aside on them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.errors import AuthorizationNotFound, GiftCardNotFound
from catalog.giftcards.model import (
    AuthorizationState,
    CardAuthorization,
    CardRefund,
    CardState,
    GiftCard,
)
from catalog.giftcards.tables import card_authorization, card_guess, card_refund, gift_card
from payouts.money import Money


def _cards(network_id: int) -> Select[Any]:
    return select(gift_card).where(gift_card.c.network_id == network_id)


def _card(row: Any) -> GiftCard:
    return GiftCard(
        card_id=row.card_id,
        brand_id=row.brand_id,
        reward_id=row.reward_id,
        redemption_id=row.redemption_id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        external_id=row.external_id,
        face=Money(row.face, row.currency),
        state=CardState(row.state),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
    )


async def read_gift_cards(
    db: AsyncConnection, *, network_id: int, card_ids: Collection[UUID]
) -> dict[UUID, GiftCard]:
    """Tell cards by id; absent ones are left out."""
    rows = await db.execute(_cards(network_id).where(gift_card.c.card_id.in_(card_ids)))
    return {row.card_id: _card(row) for row in rows}


async def get_gift_card(
    db: AsyncConnection, *, network_id: int, card_id: UUID, lock: bool = False
) -> GiftCard:
    """Tell one card, keeping others from changing it when `lock`. Raises GiftCardNotFound."""
    query = _cards(network_id).where(gift_card.c.card_id == card_id)
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await db.execute(query)).one_or_none()
    if row is None:
        raise GiftCardNotFound
    return _card(row)


def _authorization(row: Any) -> CardAuthorization:
    unit = row.currency
    return CardAuthorization(
        authorization_id=row.authorization_id,
        card_id=row.card_id,
        partner_id=row.partner_id,
        merchant_reference=row.merchant_reference,
        amount=Money(row.amount, unit),
        captured=Money(row.captured, unit),
        refunded=Money(row.refunded, unit),
        fee=Money(row.fee, unit),
        fee_returned=Money(row.fee_returned, unit),
        acceptance_fee_bps=row.acceptance_fee_bps or 0,
        state=AuthorizationState(row.state),
        hold_id=row.hold_id,
        authorized_at=row.authorized_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )


async def read_authorizations(
    db: AsyncConnection, *, network_id: int, authorization_ids: Collection[UUID]
) -> dict[UUID, CardAuthorization]:
    """Tell authorizations by id; absent ones are left out."""
    rows = await db.execute(
        select(card_authorization).where(
            card_authorization.c.network_id == network_id,
            card_authorization.c.authorization_id.in_(authorization_ids),
        )
    )
    return {row.authorization_id: _authorization(row) for row in rows}


async def lock_authorization(
    db: AsyncConnection, *, network_id: int, authorization_id: UUID, partner_id: UUID | None
) -> tuple[CardAuthorization, GiftCard]:
    """Tell an authorization and its card as they stand, and keep others from changing them.

    The card is the lock of its authorizations. Raises AuthorizationNotFound for an absent one or,
    when a partner is named, one of another partner.
    """
    found = await read_authorizations(
        db, network_id=network_id, authorization_ids=[authorization_id]
    )
    one = found.get(authorization_id)
    if one is None or partner_id not in (None, one.partner_id):
        raise AuthorizationNotFound
    card = await get_gift_card(db, network_id=network_id, card_id=one.card_id, lock=True)
    found = await read_authorizations(
        db, network_id=network_id, authorization_ids=[authorization_id]
    )
    return found[authorization_id], card


async def read_refunds(
    db: AsyncConnection, *, network_id: int, authorization_ids: Collection[UUID]
) -> dict[UUID, list[CardRefund]]:
    """Tell the refunds of each authorization, in their order."""
    by_authorization: dict[UUID, list[CardRefund]] = {one: [] for one in authorization_ids}
    rows = await db.execute(
        select(card_refund)
        .where(
            card_refund.c.network_id == network_id,
            card_refund.c.authorization_id.in_(authorization_ids),
        )
        .order_by(card_refund.c.authorization_id, card_refund.c.card_refund_id)
    )
    for row in rows:
        by_authorization[row.authorization_id].append(
            CardRefund(
                row.card_refund_id,
                row.authorization_id,
                Money(row.amount, row.currency),
                Money(row.fee, row.currency),
                row.refunded_at,
            )
        )
    return by_authorization


async def count_guesses(
    db: AsyncConnection, *, network_id: int, caller: str, window_at: datetime
) -> int:
    """Tell how many codes of a caller were wrong in a window."""
    row = await db.execute(
        select(func.coalesce(func.max(card_guess.c.failures), 0)).where(
            card_guess.c.network_id == network_id,
            card_guess.c.caller == caller,
            card_guess.c.window_at == window_at,
        )
    )
    return int(row.scalar_one())
