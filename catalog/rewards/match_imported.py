"""Matching what is imported with what others sell."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.import_step import ImportStep
from catalog.rewards.likeness import key_of
from catalog.rewards.match_items import match_items
from catalog.rewards.model import ON_SALE
from catalog.rewards.note_sources import note_sources
from catalog.rewards.promote_sources import promote_sources
from catalog.rewards.tables import reward
from catalog.suppliers import FeedItem


async def match_imported(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    rows: Sequence[tuple[Any, FeedItem]],
    steps: Sequence[ImportStep],
    now: datetime,
) -> set[UUID]:
    """Have items sold as what others had before, and note the changes; tell which are sold so.

    `rows` are the items with what was known of each before its import, if anything, and `steps`
    what the import made of them.
    """
    keys = [
        (row.reward_id, key)
        for row, item in rows
        if row is not None and (key := key_of(item.brand_name, item.country)) != row.match_key
    ]
    if keys:
        await db.execute(
            update(reward)
            .where(reward.c.network_id == network_id, reward.c.reward_id == bindparam("moved_id"))
            .values(match_key=bindparam("moved_key")),
            [{"moved_id": reward_id, "moved_key": key} for reward_id, key in keys],
        )
    changed = {step.reward_id for step in steps if step.is_new_version and not step.is_new}
    changed |= {reward_id for reward_id, _ in keys}
    listed = {row.reward_id for row, _ in rows if row is not None and row.state in ON_SALE}
    ids = listed | {step.reward_id for step in steps}
    folded = await match_items(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        reward_ids=ids,
        changed_ids=changed,
        now=now,
    )
    await note_changes(db, network_id=network_id, changes=_changes(steps, listed, folded), now=now)
    back = {
        step.reward_id: step.fills_id
        for step in steps
        if step.fills_id is not None and not step.was_listed
    }
    await note_sources(db, network_id=network_id, moved=back, now=now)
    led_by = {step.fills_id for step in steps if step.fills_id is not None}
    await promote_sources(db, network_id=network_id, lead_ids=led_by, now=now)
    return folded


def _changes(
    steps: Sequence[ImportStep], listed: Collection[UUID], folded: Collection[UUID]
) -> list[Change]:
    """Tell what is seen to change: what is sold as another reward is not seen at all."""
    gone = [Change(one, ChangeKind.WITHDRAWN) for one in sorted(folded) if one in listed]
    return gone + [
        Change(
            step.reward_id,
            ChangeKind.REVISED if step.was_listed else ChangeKind.PUBLISHED,
            step.version,
        )
        for step in steps
        if step.fills_id is None and step.reward_id not in folded
    ]
