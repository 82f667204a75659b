"""Writing versions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import RewardDraft
from catalog.rewards.rows import denomination_rows, text_rows, version_row
from catalog.rewards.tables import reward_denomination, reward_text, reward_version
from payouts.write_rows import write_rows


async def save_version(
    db: AsyncConnection,
    *,
    network_id: int,
    drafts: Sequence[tuple[UUID, int, RewardDraft]],
    now: datetime,
) -> None:
    """Add versions with their texts and faces; a version once written is never changed."""
    keyed = [
        ({"network_id": network_id, "reward_id": reward_id, "version": version}, draft)
        for reward_id, version, draft in drafts
    ]
    if not keyed:
        return
    laid_out = {
        reward_version: [version_row(key, draft, now) for key, draft in keyed],
        reward_text: [row for one in keyed for row in text_rows(*one)],
        reward_denomination: [row for one in keyed for row in denomination_rows(*one)],
    }
    for table, rows in laid_out.items():
        await write_rows(db, table, network_id=network_id, rows=rows)
