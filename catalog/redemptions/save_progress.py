"""Writing down how far a redemption is at its supplier."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import RedemptionState
from catalog.redemptions.tables import redemption, redemption_attempt


async def save_progress(
    db: AsyncConnection,
    *,
    network_id: int,
    redemption_id: UUID,
    state: RedemptionState,
    attempt_id: UUID | None = None,
    attempt: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Give a redemption, which its caller has locked, a state, and one attempt what is known."""
    await db.execute(
        update(redemption)
        .where(redemption.c.network_id == network_id, redemption.c.redemption_id == redemption_id)
        .values(state=state, **values)
    )
    if attempt is not None:
        assert attempt_id is not None, "what is known is known of one attempt"
        await db.execute(
            update(redemption_attempt)
            .where(
                redemption_attempt.c.network_id == network_id,
                redemption_attempt.c.redemption_id == redemption_id,
                redemption_attempt.c.attempt_id == attempt_id,
            )
            .values(**attempt)
        )
