"""Filing what an import put on sale for the search."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.entries import entry_of
from catalog.rewards.file_published import file_published
from catalog.rewards.import_step import ImportStep
from catalog.rewards.model import Reward, RewardState, SupplierItem
from catalog.search import file_rewards, list_filed


async def file_imported(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    steps: Sequence[ImportStep],
    folded: Collection[UUID],
    renamed: Collection[UUID],
    now: datetime,
) -> None:
    """Make what changed found as it is now, and all that is of a brand with another name.

    `folded` are those that are sold as others since, which are not found by themselves. What is
    new nobody else sees yet, so it is filed from the file, and not read again.
    """
    new = [step for step in steps if step.is_new and step.reward_id not in folded]
    entries = [entry_of(_reward(step, supplier_id)) for step in new]
    await file_rewards(db, network_id=network_id, entries=entries, now=now)
    known = {step.reward_id for step in steps if not step.is_new}
    known.update(await list_filed(db, network_id=network_id, brand_ids=list(renamed)))
    known.difference_update(entry.reward_id for entry in entries)
    await file_published(db, network_id=network_id, reward_ids=known, now=now)


def _reward(step: ImportStep, supplier_id: UUID) -> Reward:
    return Reward(
        reward_id=step.reward_id,
        kind=step.draft.kind,
        state=RewardState.ACTIVE,
        version=step.version,
        current_version=step.version,
        latest_version=step.version,
        rank=step.rank,
        texts=step.draft.texts,
        countries=step.draft.countries,
        image_urls=step.draft.image_urls,
        category=step.draft.category,
        terms=step.draft.terms,
        brand=step.brand,
        supplier=SupplierItem(supplier_id, step.item.supplier_sku, step.item.country),
    )
