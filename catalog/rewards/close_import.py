"""Closing an import."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

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
    report: ImportReport,
    now: datetime,
) -> ImportReport:
    """Take off sale what the file no longer offers, and record what the import did.

    Only a file that is complete and of which nothing was refused takes anything off sale, and
    only in the countries that it is about. One that would take off more than the network's policy
    lets it takes off nothing: a second person decides (see decide_import).
    """
    await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    withdrawn: list[_Place] = []
    withheld: dict[UUID, _Place] = {}
    if feed.is_complete and not feed.refused:
        gone, on_sale = await _find_gone(db, network_id, supplier_id, feed)
        policy = await read_import_policy(db, network_id=network_id)
        if policy.withholds(gone=len(gone), on_sale=on_sale):
            withheld = gone
            await _withhold(db, network_id, catalogue_import_id, withheld)
        else:
            await withdraw_rewards(db, network_id=network_id, reward_ids=list(gone), now=now)
            withdrawn = list(gone.values())
    # Items that the file lists as not on sale were counted as unchanged; now they are withdrawn.
    named = {(item.country, item.supplier_sku) for item in feed.items}
    done = replace(
        report,
        withdrawn=len(withdrawn),
        unchanged=report.unchanged - sum(place in named for place in withdrawn),
        refused=len(feed.refused),
        withheld=len(withheld),
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
            withheld=done.withheld,
            finished_at=now,
        )
    )
    return done


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
