"""Importing the items of a supplier's catalogue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, any_, cast, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability
from catalog.brands import Brand, adopt_brands
from catalog.rewards.checks import check_draft
from catalog.rewards.feed_draft import feed_draft
from catalog.rewards.file_imported import file_imported
from catalog.rewards.import_step import ImportStep
from catalog.rewards.match_imported import match_imported
from catalog.rewards.model import (
    INTERRUPTED,
    ON_SALE,
    ImportReport,
    RewardDraft,
    RewardKind,
    RewardState,
)
from catalog.rewards.move_imported import move_imported
from catalog.rewards.rows import market_rows
from catalog.rewards.save_version import save_version
from catalog.rewards.say_imported import say_imported
from catalog.rewards.tables import (
    catalogue_import_chunk,
    reward,
    reward_market,
    reward_publication,
    reward_version,
)
from catalog.suppliers import FeedItem, lock_supplier
from payouts.money import new_id
from payouts.write_rows import write_rows

IMPORTED_RANK = 100_000
"""Imported rewards are listed after those that the network placed itself, in the file's order."""

_LEFT = (
    RewardState.IN_REVIEW.value,
    RewardState.REJECTED.value,
    RewardState.SCHEDULED.value,
)
"""What people decide about, an import does not touch."""


async def import_items(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    items: Sequence[FeedItem],
    first_index: int = 0,
    markets: Sequence[str] = (),
    catalogue_import_id: UUID | None = None,
    now: datetime,
) -> ImportReport:
    """Put a supplier's items on sale: new ones are added, changed ones get a new version.

    An item whose content was seen before changes nothing; one that the network retired stays
    retired, and one that is paused or suspended stays so, in its new version. What another
    supplier had before is sold as that one's (see match_items).
    `first_index` is the place in the file of the first of these items, which the import notes as
    done. Raises SupplierNotFound.
    """
    supplier = await lock_supplier(db, network_id=network_id, supplier_id=supplier_id)
    known = await _read_known(db, network_id, supplier_id, [item.supplier_sku for item in items])
    on_sale = [(first_index + n, item) for n, item in enumerate(items) if item.is_active]
    slugs = {_brand_slug(supplier.name, item): item for _, item in reversed(on_sale)}
    names = {slug: item.brand_name for slug, item in slugs.items()}
    adopted = await adopt_brands(
        db,
        network_id=network_id,
        names=names,
        logo_urls={slug: item.logo_urls[0] for slug, item in slugs.items() if item.logo_urls},
        now=now,
    )
    steps = _plan(supplier.name, on_sale, known, adopted.by_slug, markets, now)
    sold = await _write(db, network_id, supplier_id, steps, now)
    rows = [(known.get((item.country, item.supplier_sku)), item) for _, item in on_sale]
    folded = await match_imported(
        db, network_id=network_id, supplier_id=supplier_id, rows=rows, steps=sold, now=now
    )
    await file_imported(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        steps=sold,
        folded=folded,
        renamed=adopted.renamed,
        now=now,
    )
    listed = _listed(on_sale, known, steps)
    await say_imported(db, network_id=network_id, listed=listed, steps=steps, now=now)
    report = _report_of(steps, len(items))
    if catalogue_import_id is not None and items:
        chunk = {"first_item": first_index, "items": len(items), "imported_at": now}
        await _note_done(db, network_id, catalogue_import_id, chunk, report)
    return report


def _plan(
    supplier_name: str,
    on_sale: Sequence[tuple[int, FeedItem]],
    known: Mapping[tuple[str, str], Any],
    brands: Mapping[str, Brand],
    markets: Sequence[str],
    now: datetime,
) -> list[ImportStep]:
    steps = []
    for index, item in on_sale:
        row = known.get((item.country, item.supplier_sku))
        draft = feed_draft(item, markets)
        brand = brands[_brand_slug(supplier_name, item)]
        if row is None:
            rank = IMPORTED_RANK + index
            steps.append(ImportStep(new_id(now), 1, draft, brand, rank, True, True, False, item))
        elif _is_stale(row, draft):
            is_edited = row.digest != draft.digest
            version = row.latest_version + is_edited
            listed = row.state in ON_SALE
            steps.append(
                ImportStep(
                    row.reward_id,
                    version,
                    draft,
                    brand,
                    row.rank,
                    False,
                    is_edited,
                    listed,
                    item,
                    row.fills_id,
                )
            )
    return steps


def _listed(
    on_sale: Sequence[tuple[int, FeedItem]],
    known: Mapping[tuple[str, str], Any],
    steps: Sequence[ImportStep],
) -> dict[UUID, Availability | None]:
    """Tell what the file says of the stock of each reward that it lists."""
    ids = {place: row.reward_id for place, row in known.items()}
    ids |= {(step.item.country, step.item.supplier_sku): step.reward_id for step in steps}
    return {ids[item.country, item.supplier_sku]: item.availability for _, item in on_sale}


def _report_of(steps: Sequence[ImportStep], count: int) -> ImportReport:
    changed = sum(step.was_listed for step in steps)
    return ImportReport(added=len(steps) - changed, changed=changed, unchanged=count - len(steps))


async def _note_done(
    db: AsyncConnection,
    network_id: int,
    catalogue_import_id: UUID,
    chunk: Mapping[str, Any],
    report: ImportReport,
) -> None:
    """Note the chunk in the transaction that imports it, so that it is done exactly if noted."""
    await db.execute(
        insert(catalogue_import_chunk).values(
            network_id=network_id,
            catalogue_import_id=catalogue_import_id,
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
            **chunk,
        )
    )


def _is_stale(row: Any, draft: RewardDraft) -> bool:
    """Whether what is known of an item is not what the file says."""
    if row.state in _LEFT or (row.state == RewardState.RETIRED and not row.is_withdrawn):
        return False
    is_offered = row.state in ON_SALE or row.state in INTERRUPTED
    return bool(row.digest != draft.digest or row.is_withdrawn or not is_offered)


def _brand_slug(supplier_name: str, item: FeedItem) -> str:
    """Name a supplier's brand so that no other supplier's brand has the same name."""
    return f"{supplier_name}-{item.brand_key}"


async def _read_known(
    db: AsyncConnection, network_id: int, supplier_id: UUID, skus: Sequence[str]
) -> Mapping[tuple[str, str], Any]:
    rows = await db.execute(
        select(
            reward.c.reward_id,
            reward.c.supplier_country,
            reward.c.supplier_sku,
            reward.c.state,
            reward.c.is_withdrawn,
            reward.c.rank,
            reward.c.latest_version,
            reward.c.fills_id,
            reward.c.match_key,
            reward_version.c.digest,
        )
        .join_from(
            reward,
            reward_version,
            and_(
                reward_version.c.network_id == reward.c.network_id,
                reward_version.c.reward_id == reward.c.reward_id,
                reward_version.c.version
                == func.coalesce(reward.c.current_version, reward.c.latest_version),
            ),
        )
        .where(
            reward.c.network_id == network_id,
            reward_version.c.network_id == network_id,
            reward.c.supplier_id == supplier_id,
            reward.c.supplier_sku == any_(cast(list(skus), ARRAY(Text))),
        )
    )
    return {(row.supplier_country, row.supplier_sku): row for row in rows}


async def _write(
    db: AsyncConnection,
    network_id: int,
    supplier_id: UUID,
    steps: Sequence[ImportStep],
    now: datetime,
) -> list[ImportStep]:
    """Write what items become; tell of which of them something is sold."""
    if not steps:
        return []
    for step in steps:
        check_draft(step.draft, network_currency=step.item.cost_currency)
    added = [_reward_row(network_id, supplier_id, step, now) for step in steps if step.is_new]
    await write_rows(db, reward, network_id=network_id, rows=added)
    written = [(step.reward_id, step.version, step.draft) for step in steps if step.is_new_version]
    await save_version(db, network_id=network_id, drafts=written, now=now)
    known = [step for step in steps if not step.is_new]
    off_sale = await move_imported(db, network_id=network_id, known=known, now=now)
    sold = [step for step in steps if step.reward_id not in off_sale]
    await write_rows(
        db,
        reward_publication,
        network_id=network_id,
        rows=[
            {
                "network_id": network_id,
                "reward_publication_id": new_id(now),
                "reward_id": step.reward_id,
                "version": step.version,
                "rule_id": None,
                "published_at": now,
            }
            for step in steps
        ],
    )
    rows = [
        row
        for step in sold
        if step.fills_id is None
        for row in market_rows(
            network_id=network_id,
            reward_id=step.reward_id,
            kind=RewardKind.GIFT_CARD,
            rank=step.rank,
            countries=step.draft.countries,
        )
    ]
    await write_rows(db, reward_market, network_id=network_id, rows=rows)
    return sold


def _reward_row(
    network_id: int, supplier_id: UUID, step: ImportStep, now: datetime
) -> dict[str, Any]:
    return {
        "network_id": network_id,
        "reward_id": step.reward_id,
        "kind": RewardKind.GIFT_CARD.value,
        "state": RewardState.ACTIVE.value,
        "brand_id": step.brand.brand_id,
        "supplier_id": supplier_id,
        "supplier_sku": step.item.supplier_sku,
        "supplier_country": step.item.country,
        "match_key": step.key,
        "rank": step.rank,
        "latest_version": step.version,
        "current_version": step.version,
        "created_at": now,
        "published_at": now,
        "is_withdrawn": False,
    }
