"""Voiding authorized amounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.end_authorization import end_authorization
from catalog.giftcards.errors import AuthorizationEnded
from catalog.giftcards.model import EXPIRE_KIND, AuthorizationState, CardAuthorization
from catalog.giftcards.queries import lock_authorization
from payouts.due import clear_due


async def void_gift_card(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    authorization_id: UUID,
    now: datetime,
) -> CardAuthorization:
    """Let go of an authorized amount, which the card's owner can then use again.

    Raises AuthorizationNotFound, AuthorizationEnded.
    """
    # The due row first, as those who expire authorizations lock it before the card.
    await clear_due(db, network_id=network_id, kind=EXPIRE_KIND, due_id=authorization_id)
    held, _ = await lock_authorization(
        db, network_id=network_id, authorization_id=authorization_id, partner_id=partner_id
    )
    if held.state is not AuthorizationState.AUTHORIZED:
        raise AuthorizationEnded(state=held.state.value)
    return await end_authorization(
        db, network_id=network_id, held=held, state=AuthorizationState.VOIDED, now=now
    )
