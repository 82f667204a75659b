"""Closing an import."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.model import ImportReport, RewardState
from catalog.rewards.promote_sources import promote_sources
from catalog.rewards.tables import catalogue_import, reward, reward_market
from catalog.search import unfile_rewards
from catalog.suppliers import Feed, lock_supplier

_Place = tuple[str, str]
"""A country and a sku: by these a supplier's item is known."""


async def close_import(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    catalogue_import_id: UUID,
    feed: Feed,
    report: ImportReport,
    now: datetime,
) -> ImportReport:
    """Take off sale what the file no longer offers, and record what the import did.

    Only a file that is complete and of which nothing was refused takes anything off sale, and
    only in the countries that it is about.
    """
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    withdrawn: list[_Place] = []
    if feed.is_complete and not feed.refused:
        withdrawn = await _withdraw(db, network_id, supplier_id, feed, now)
    # Items that the file lists as not on sale were counted as unchanged; now they are withdrawn.
    named = {(item.country, item.supplier_sku) for item in feed.items}
    done = replace(
        report,
        withdrawn=len(withdrawn),
        unchanged=report.unchanged - sum(place in named for place in withdrawn),
        refused=len(feed.refused),
    )
    await db.execute(
        update(catalogue_import)
        .where(
            catalogue_import.c.network_id == network_id,
            catalogue_import.c.catalogue_import_id == catalogue_import_id,
        )
        .values(
            added=done.added,
            changed=done.changed,
            withdrawn=done.withdrawn,
            unchanged=done.unchanged,
            refused=done.refused,
            finished_at=now,
        )
    )
    return done


async def _withdraw(
    db: AsyncConnection, network_id: int, supplier_id: UUID, feed: Feed, now: datetime
) -> list[_Place]:
    covered = {item.country for item in feed.items}
    kept = {(item.country, item.supplier_sku) for item in feed.items if item.is_active}
    rows = await db.execute(
        select(
            reward.c.reward_id,
            reward.c.supplier_country,
            reward.c.supplier_sku,
            reward.c.state,
        ).where(
            reward.c.network_id == network_id,
            reward.c.supplier_id == supplier_id,
            reward.c.supplier_country.in_(sorted(covered)),
            reward.c.state.in_([RewardState.ACTIVE.value, RewardState.MATCHED.value]),
        )
    )
    gone = {
        row.reward_id: row for row in rows if (row.supplier_country, row.supplier_sku) not in kept
    }
    if gone:
        ids = any_(cast(list(gone), ARRAY(Uuid)))
        await db.execute(
            update(reward)
            .where(reward.c.network_id == network_id, reward.c.reward_id == ids)
            .values(state=RewardState.RETIRED.value, retired_at=now, is_withdrawn=True)
        )
        await db.execute(
            delete(reward_market).where(
                reward_market.c.network_id == network_id, reward_market.c.reward_id == ids
            )
        )
        seen = [key for key, row in gone.items() if row.state == RewardState.ACTIVE]
        changes = [Change(reward_id, ChangeKind.WITHDRAWN) for reward_id in seen]
        await note_changes(db, network_id=network_id, changes=changes, now=now)
        await unfile_rewards(db, network_id=network_id, reward_ids=seen)
        await promote_sources(db, network_id=network_id, lead_ids=seen, now=now)
    return [(row.supplier_country, row.supplier_sku) for row in gone.values()]
