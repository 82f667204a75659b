"""Ending authorizations without taking anything."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.model import AuthorizationState, CardAuthorization
from catalog.giftcards.tables import card_authorization
from payouts.ledger import resolve_hold


async def end_authorization(
    db: AsyncConnection,
    *,
    network_id: int,
    held: CardAuthorization,
    state: AuthorizationState,
    now: datetime,
) -> CardAuthorization:
    """Free the whole amount of an authorization that its caller has locked."""
    await resolve_hold(
        db,
        network_id=network_id,
        hold_id=held.hold_id,
        kind="voided" if state is AuthorizationState.VOIDED else "expired",
        amount=held.amount,
        key=f"card:{held.authorization_id}:{state.value}",
        now=now,
    )
    await db.execute(
        update(card_authorization)
        .where(
            card_authorization.c.network_id == network_id,
            card_authorization.c.authorization_id == held.authorization_id,
        )
        .values(state=state, ended_at=now)
    )
    return replace(held, state=state, ended_at=now)
