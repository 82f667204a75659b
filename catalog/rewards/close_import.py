"""Closing an import."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.drop_import_file import drop_import_file
from catalog.rewards.list_done_chunks import list_done_chunks
from catalog.rewards.model import INTERRUPTED, ON_SALE, ImportReport
from catalog.rewards.read_import_policy import read_import_policy
from catalog.rewards.tables import catalogue_import, catalogue_import_withheld, reward
from catalog.rewards.withdraw_rewards import withdraw_rewards
from catalog.suppliers import Feed, lock_supplier
from payouts.write_rows import write_rows

_Place = tuple[str, str]
"""A country and a sku: by these a supplier's item is known."""


async def close_import(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    catalogue_import_id: UUID,
    feed: Feed,
    now: datetime,
) -> ImportReport:
    """Take off sale what the file no longer offers, and record what the import did.

    Only a file that is complete and of which nothing was refused takes anything off sale, and
    only in the countries that it is about. One that would take off more than the network's policy
    lets it takes off nothing: a second person decides (see decide_import). The file is no longer
    kept. What was closed before stays as it is.
    """
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    closed = await _find_closed(db, network_id, catalogue_import_id)
    if closed is not None:
        return closed
    done = await list_done_chunks(
        db, network_id=network_id, catalogue_import_id=catalogue_import_id
    )
    imported = sum((one.report for one in done), ImportReport())
    withdrawn, withheld = await _take_off(db, network_id, supplier_id, feed, now)
    await _withhold(db, network_id, catalogue_import_id, withheld)
    # Items that the file lists as not on sale were counted as unchanged; now they are withdrawn.
    named = {(item.country, item.supplier_sku) for item in feed.items}
    report = replace(
        imported,
        withdrawn=len(withdrawn),
        unchanged=imported.unchanged - sum(place in named for place in withdrawn),
        refused=len(feed.refused),
        withheld=len(withheld),
    )
    await db.execute(
        update(catalogue_import)
        .where(
            catalogue_import.c.network_id == network_id,
            catalogue_import.c.catalogue_import_id == catalogue_import_id,
        )
        .values(**asdict(report), finished_at=now)
    )
    await drop_import_file(db, network_id=network_id, supplier_id=supplier_id)
    return report


async def _find_closed(
    db: AsyncConnection, network_id: int, catalogue_import_id: UUID
) -> ImportReport | None:
    counts = [catalogue_import.c[one.name] for one in fields(ImportReport)]
    rows = await db.execute(
        select(*counts).where(
            catalogue_import.c.network_id == network_id,
            catalogue_import.c.catalogue_import_id == catalogue_import_id,
            catalogue_import.c.finished_at.is_not(None),
        )
    )
    row = rows.mappings().one_or_none()
    return None if row is None else ImportReport(**row)


async def _take_off(
    db: AsyncConnection, network_id: int, supplier_id: UUID, feed: Feed, now: datetime
) -> tuple[list[_Place], dict[UUID, _Place]]:
    """Withdraw what the file no longer offers, or tell what of it waits for a second person."""
    if not feed.is_complete or feed.refused:
        return [], {}
    gone, on_sale = await _find_gone(db, network_id, supplier_id, feed)
    policy = await read_import_policy(db, network_id=network_id)
    if policy.withholds(gone=len(gone), on_sale=on_sale):
        return [], gone
    await withdraw_rewards(db, network_id=network_id, reward_ids=list(gone), now=now)
    return list(gone.values()), {}


async def _find_gone(
    db: AsyncConnection, network_id: int, supplier_id: UUID, feed: Feed
) -> tuple[dict[UUID, _Place], int]:
    """Tell what is on sale and no longer offered, and how much is on sale there in all."""
    covered = {item.country for item in feed.items}
    kept = {(item.country, item.supplier_sku) for item in feed.items if item.is_active}
    rows = await db.execute(
        select(reward.c.reward_id, reward.c.supplier_country, reward.c.supplier_sku).where(
            reward.c.network_id == network_id,
            reward.c.supplier_id == supplier_id,
            reward.c.supplier_country.in_(sorted(covered)),
            # What is paused or suspended is withdrawn, too: or it came back with the pause's end.
            reward.c.state.in_([*ON_SALE, *INTERRUPTED]),
            ~reward.c.is_withdrawn,
        )
    )
    on_sale = {row.reward_id: (row.supplier_country, row.supplier_sku) for row in rows}
    gone = {reward_id: place for reward_id, place in on_sale.items() if place not in kept}
    return gone, len(on_sale)


async def _withhold(
    db: AsyncConnection,
    network_id: int,
    catalogue_import_id: UUID,
    withheld: Mapping[UUID, _Place],
) -> None:
    await write_rows(
        db,
        catalogue_import_withheld,
        network_id=network_id,
        rows=[
            {
                "network_id": network_id,
                "catalogue_import_id": catalogue_import_id,
                "reward_id": reward_id,
                "supplier_country": country,
                "supplier_sku": sku,
            }
            for reward_id, (country, sku) in withheld.items()
        ],
    )
