"""Noting changes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes.model import Change
from catalog.changes.tables import reward_change
from payouts.money import new_id
from payouts.write_rows import write_rows


async def note_changes(
    db: AsyncConnection, *, network_id: int, changes: Sequence[Change], now: datetime
) -> None:
    """Write down what this transaction changes, for those who follow the catalogue.

    It has no place in the order until it is committed and order_changes gives it one.
    """
    await write_rows(
        db,
        reward_change,
        network_id=network_id,
        rows=[
            {
                "network_id": network_id,
                "reward_change_id": new_id(now),
                "reward_id": one.reward_id,
                "kind": one.kind.value,
                "version": one.version,
                "programme_id": one.programme_id,
                "changed_at": now,
            }
            for one in changes
        ],
    )
