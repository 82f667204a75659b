"""Freezing cards."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.errors import CardStateConflict
from catalog.giftcards.model import CardState, GiftCard, card_account
from catalog.giftcards.queries import get_gift_card
from catalog.giftcards.tables import gift_card
from payouts.ledger import read_balances


async def freeze_gift_card(
    db: AsyncConnection, *, network_id: int, card_id: UUID, is_frozen: bool = True
) -> GiftCard:
    """Stop a card from being used, or let it be used again; repeated, it changes nothing.

    Amounts already set aside can be voided but not captured. Raises GiftCardNotFound,
    CardStateConflict for a card that is over.
    """
    card = await get_gift_card(db, network_id=network_id, card_id=card_id, lock=True)
    if card.state in (CardState.EXPIRED, CardState.CANCELLED):
        raise CardStateConflict(state=card.state.value)
    if (card.state is CardState.FROZEN) == is_frozen:
        return card
    state = CardState.FROZEN
    if not is_frozen:
        account = card_account(card_id, card.face.currency)
        balances = await read_balances(db, network_id=network_id, accounts=[account])
        state = CardState.ACTIVE if balances[account].posted else CardState.EXHAUSTED
    await db.execute(
        update(gift_card)
        .where(gift_card.c.network_id == network_id, gift_card.c.card_id == card_id)
        .values(state=state)
    )
    return replace(card, state=state)
