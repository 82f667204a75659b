"""Cancelling redemptions."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import count_left
from catalog.experiences import cancel_booking
from catalog.redemptions.errors import RedemptionNotCancellable, RedemptionNotFound
from catalog.redemptions.give_points_back import give_points_back
from catalog.redemptions.model import Redemption, RedemptionKind, RedemptionState
from catalog.redemptions.queries import get_quote, lock_redemption
from catalog.redemptions.resolve_payment import resolve_payment
from catalog.redemptions.tables import redemption
from catalog.rewards import note_counted


async def cancel_redemption(
    db: AsyncConnection,
    *,
    network_id: int,
    redemption_id: UUID,
    member_id: UUID | None = None,
    actor: str,
    now: datetime,
) -> Redemption:
    """Take a redemption back: a seat on its terms, a supplier's card until it is being ordered.

    Points come back as points, but where the penalty of a seat takes a part of what they became. A
    member who is named may cancel its own only. Raises RedemptionNotFound,
    RedemptionNotCancellable, BookingEnded.
    """
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    if member_id not in (None, one.member_id):
        raise RedemptionNotFound
    if one.state is not RedemptionState.PLACED:
        raise RedemptionNotCancellable(state=one.state.value)
    if one.booking_id is not None:
        await _give_seat_back(db, one, one.booking_id, network_id=network_id, actor=actor, now=now)
    elif one.kind is RedemptionKind.SUPPLIER_CARD:
        # The due row stays: its claimer locks it before the redemption, and finds this ended.
        await resolve_payment(
            db,
            network_id=network_id,
            one=one,
            kind="voided",
            key=f"redemption:{redemption_id}:cancel",
            now=now,
        )
    await db.execute(
        update(redemption)
        .where(redemption.c.network_id == network_id, redemption.c.redemption_id == redemption_id)
        .values(state=RedemptionState.CANCELLED, ended_at=now)
    )
    return replace(one, state=RedemptionState.CANCELLED, ended_at=now)


async def _give_seat_back(
    db: AsyncConnection,
    one: Redemption,
    booking_id: UUID,
    *,
    network_id: int,
    actor: str,
    now: datetime,
) -> None:
    before = await count_left(db, network_id=network_id, reward_ids=[one.reward_id], now=now)
    seat = await cancel_booking(
        db, network_id=network_id, booking_id=booking_id, actor=actor, now=now
    )
    await note_counted(db, network_id=network_id, before=before, now=now)
    assert seat.penalty is not None
    await give_points_back(
        db,
        network_id=network_id,
        one=one,
        quote=await get_quote(db, network_id=network_id, quote_id=one.quote_id),
        refund=seat.price - seat.penalty,
        actor=actor,
        now=now,
    )
