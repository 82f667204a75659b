"""Changing a collection and the attempt it is at."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import (
    LIVE,
    AttemptState,
    Collection,
    CollectionAttempt,
    CollectionState,
)
from payouts.disbursement.tables import collection as collection_table
from payouts.disbursement.tables import collection_attempt


async def change_collection(
    db: AsyncConnection,
    *,
    network_id: int,
    collection: Collection,
    to: CollectionState,
    now: datetime,
    reason: str | None = None,
    attempt: CollectionAttempt | None = None,
    attempt_state: AttemptState | None = None,
    **attempt_changes: Any,
) -> None:
    """Give a locked collection its next state, and its attempt what became of it."""
    await db.execute(
        update(collection_table)
        .where(
            collection_table.c.network_id == network_id,
            collection_table.c.collection_id == collection.collection_id,
        )
        .values(
            state=to.value,
            reason=reason,
            changed_at=now,
            collected_at=now if to is CollectionState.SUCCEEDED else None,
        )
    )
    if attempt is None or attempt_state is None:
        return
    await db.execute(
        update(collection_attempt)
        .where(
            collection_attempt.c.network_id == network_id,
            collection_attempt.c.attempt_id == attempt.attempt_id,
        )
        .values(
            state=attempt_state.value,
            resolved_at=None if attempt_state in LIVE else now,
            **attempt_changes,
        )
    )
