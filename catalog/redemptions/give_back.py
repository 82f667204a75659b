"""Giving back what was held for a card that nobody delivers."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import FULFIL_KIND, Redemption, RedemptionState
from catalog.redemptions.resolve_payment import resolve_payment
from catalog.redemptions.save_progress import save_progress
from payouts.due import clear_due


async def give_back(
    db: AsyncConnection, *, network_id: int, one: Redemption, code: str | None, now: datetime
) -> None:
    """End a redemption, which its caller has locked: the member's whole value is free again."""
    # Before the wallet is locked: who claims holds due rows, and may be giving back to it too.
    await clear_due(db, network_id=network_id, kind=FULFIL_KIND, due_id=one.redemption_id)
    await resolve_payment(
        db,
        network_id=network_id,
        one=one,
        kind="voided",
        key=f"redemption:{one.redemption_id}:refused",
        now=now,
    )
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=one.redemption_id,
        state=RedemptionState.FAILED,
        failure_code=code,
        ended_at=now,
    )
