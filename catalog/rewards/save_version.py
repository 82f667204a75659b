"""Writing versions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import RewardDraft
from catalog.rewards.rows import denomination_rows, text_rows, version_row
from catalog.rewards.tables import reward_denomination, reward_text, reward_version


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
    await db.execute(insert(reward_version), [version_row(key, draft, now) for key, draft in keyed])
    await db.execute(insert(reward_text), [row for one in keyed for row in text_rows(*one)])
    faces = [row for one in keyed for row in denomination_rows(*one)]
    if faces:
        await db.execute(insert(reward_denomination), faces)
