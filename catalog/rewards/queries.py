"""Reads of rewards, each a few statements however many there are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Uuid, and_, any_, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands import Brand, get_brands
from catalog.rewards.errors import RewardNotFound
from catalog.rewards.model import (
    ImportRefusal,
    Reward,
    RewardCursor,
    RewardKind,
    RewardPage,
    RewardState,
    RewardText,
    SupplierItem,
)
from catalog.rewards.rows import read_terms
from catalog.rewards.tables import (
    catalogue_import,
    catalogue_import_refusal,
    reward,
    reward_denomination,
    reward_market,
    reward_text,
    reward_version,
)

PAGE_MAX = 101
"""A page of 100, and the row that tells whether there is another."""
REFUSALS_MAX = 1_000


async def list_rewards(
    db: AsyncConnection,
    *,
    network_id: int,
    country: str,
    limit: int,
    kinds: Collection[RewardKind] | None = None,
    after: RewardCursor | None = None,
    before: RewardCursor | None = None,
    backward: bool = False,
    shown: Callable[[ColumnElement[UUID]], ColumnElement[bool]] | None = None,
    without: Collection[UUID] = (),
) -> RewardPage:
    """List what is on sale in a country by rank, then age; a page is at most four statements.

    `shown` is what else must hold of a reward's id; those in `without` are left out.

    The page is cut after `after` and before `before`, from its start or, `backward`, from its
    end; it is in ascending order either way.
    """
    place = tuple_(reward_market.c.rank, reward_market.c.reward_id)
    ids = select(reward_market.c.reward_id).where(
        reward_market.c.network_id == network_id, reward_market.c.country == country
    )
    if kinds is not None:
        ids = ids.where(_is_of(kinds))
    if after is not None:
        ids = ids.where(place > (after.rank, after.reward_id))
    if before is not None:
        ids = ids.where(place < (before.rank, before.reward_id))
    if shown is not None:
        ids = ids.where(shown(reward_market.c.reward_id))
    if without:
        # As a query of its own the list is hashed once, and the key's order is kept.
        left_out = select(func.unnest(cast(list(without), ARRAY(Uuid))))
        ids = ids.where(reward_market.c.reward_id.not_in(left_out))
    order = (reward_market.c.rank, reward_market.c.reward_id)
    limit = min(limit, PAGE_MAX)
    ids = ids.order_by(*(one.desc() if backward else one.asc() for one in order)).limit(limit + 1)
    found = list((await db.execute(ids)).scalars())
    kept = found[:limit]
    rewards = await get_rewards(db, network_id=network_id, reward_ids=kept)
    page = [rewards[reward_id] for reward_id in (kept[::-1] if backward else kept)]
    return RewardPage(tuple(page), has_more=len(found) > limit)


def _is_of(kinds: Collection[RewardKind]) -> ColumnElement[bool]:
    if len(kinds) == 1:
        (kind,) = kinds
        return reward_market.c.kind == kind.value
    return reward_market.c.kind.in_(sorted(kind.value for kind in kinds))


async def get_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, version: int | None = None
) -> Reward:
    """Tell one reward, in its current version or any it ever had. Raises RewardNotFound.

    A draft that was never published is told in its latest version.
    """
    of_version = None if version is None else {reward_id: version}
    found = await get_rewards(
        db, network_id=network_id, reward_ids=[reward_id], versions=of_version
    )
    if reward_id not in found:
        raise RewardNotFound(reward_id=reward_id)
    return found[reward_id]


async def get_rewards(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_ids: Collection[UUID],
    versions: Mapping[UUID, int] | None = None,
) -> dict[UUID, Reward]:
    """Tell rewards by id in three statements; absent ones are left out.

    Each comes in the version that `versions` pins, else the current one, else the latest.
    """
    if not reward_ids:
        return {}
    rows = await _read_versions(db, network_id, reward_ids, versions or {})
    cards = [
        (one[0].reward_id, one[0].version)
        for one in rows.values()
        if one[0].kind == RewardKind.GIFT_CARD and one[0].min_face is None
    ]
    denominations = await _read_denominations(db, network_id, cards)
    brand_ids = {one[0].brand_id for one in rows.values()} - {None}
    brands = await get_brands(db, network_id=network_id, brand_ids=brand_ids)
    return {
        reward_id: _reward(texts, denominations.get(reward_id, ()), brands)
        for reward_id, texts in rows.items()
    }


async def _read_versions(
    db: AsyncConnection,
    network_id: int,
    reward_ids: Collection[UUID],
    versions: Mapping[UUID, int],
) -> dict[UUID, list[Any]]:
    """Read each reward's wanted version, one row for each of its texts."""
    wanted: ColumnElement[bool] = reward_version.c.version == _shown_version()
    if versions:
        pinned = tuple_(reward_version.c.reward_id, reward_version.c.version)
        is_free = reward.c.reward_id.not_in(list(versions))
        wanted = pinned.in_(list(versions.items())) | and_(is_free, wanted)
    rows = await db.execute(
        select(
            reward,
            *(c for c in reward_version.c if c.name not in _KEY),
            reward_version.c.version,
            reward_text.c.locale,
            reward_text.c.title,
            reward_text.c.description,
            reward_text.c.terms,
        )
        .join_from(
            reward,
            reward_version,
            and_(
                reward_version.c.network_id == reward.c.network_id,
                reward_version.c.reward_id == reward.c.reward_id,
            ),
        )
        .join(
            reward_text,
            and_(
                reward_text.c.network_id == reward_version.c.network_id,
                reward_text.c.reward_id == reward_version.c.reward_id,
                reward_text.c.version == reward_version.c.version,
            ),
        )
        .where(
            reward.c.network_id == network_id,
            reward_version.c.network_id == network_id,
            reward_text.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
            wanted,
        )
    )
    by_reward: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by_reward[row.reward_id].append(row)
    return by_reward


_KEY = {"network_id", "reward_id", "version", "created_at"}


def _shown_version() -> ColumnElement[int]:
    return func.coalesce(reward.c.current_version, reward.c.latest_version)


async def _read_denominations(
    db: AsyncConnection, network_id: int, versions: Sequence[tuple[UUID, int]]
) -> dict[UUID, list[Any]]:
    by_reward: dict[UUID, list[Any]] = defaultdict(list)
    if not versions:
        return by_reward
    # Arrays keep the statement the same, and so prepared, however many cards a page has.
    wanted = (
        func.unnest(
            cast([reward_id for reward_id, _ in versions], ARRAY(Uuid)),
            cast([version for _, version in versions], ARRAY(Integer)),
        )
        .table_valued("reward_id", "version")
        .render_derived("wanted")
    )
    rows = await db.execute(
        select(
            reward_denomination.c.reward_id,
            reward_denomination.c.face,
            reward_denomination.c.face_currency,
            reward_denomination.c.cost,
            reward_denomination.c.cost_currency,
        )
        .join_from(
            wanted,
            reward_denomination,
            and_(
                reward_denomination.c.reward_id == wanted.c.reward_id,
                reward_denomination.c.version == wanted.c.version,
            ),
        )
        .where(reward_denomination.c.network_id == network_id)
        .order_by(reward_denomination.c.reward_id, reward_denomination.c.face)
    )
    for row in rows:
        by_reward[row.reward_id].append(row)
    return by_reward


def _reward(
    texts: Sequence[Any], denominations: Sequence[Any], brands: Mapping[UUID, Brand]
) -> Reward:
    row = texts[0]
    supplier = None
    if row.supplier_id is not None:
        supplier = SupplierItem(row.supplier_id, row.supplier_sku, row.supplier_country)
    return Reward(
        reward_id=row.reward_id,
        kind=RewardKind(row.kind),
        state=RewardState(row.state),
        version=row.version,
        current_version=row.current_version,
        latest_version=row.latest_version,
        rank=row.rank,
        texts={one.locale: RewardText(one.title, one.description, one.terms) for one in texts},
        countries=tuple(row.countries),
        image_urls=tuple(row.image_urls),
        category=row.category,
        terms=read_terms(row, denominations),
        brand=brands.get(row.brand_id),
        partner_id=row.partner_id,
        supplier=supplier,
        rule_id=row.rule_id,
        fills_id=row.fills_id,
        goes_live_at=row.goes_live_at,
        sunset_at=row.sunset_at,
        is_withdrawn=row.is_withdrawn,
    )


async def read_instructions(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, version: int
) -> dict[str, str]:
    """Tell how to use a reward, by locale, as it was written in one of its versions."""
    told = await read_all_instructions(db, network_id=network_id, versions={reward_id: version})
    return told.get(reward_id, {})


async def read_all_instructions(
    db: AsyncConnection, *, network_id: int, versions: Mapping[UUID, int]
) -> dict[UUID, dict[str, str]]:
    """Tell how to use rewards, by locale, as it was written in the version of each."""
    pinned = tuple_(reward_text.c.reward_id, reward_text.c.version)
    rows = await db.execute(
        select(reward_text.c.reward_id, reward_text.c.locale, reward_text.c.instructions).where(
            reward_text.c.network_id == network_id, pinned.in_(list(versions.items()))
        )
    )
    told: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in rows:
        told[row.reward_id][row.locale] = row.instructions
    return dict(told)


async def list_import_refusals(
    db: AsyncConnection,
    *,
    network_id: int,
    catalogue_import_id: UUID,
    after: int | None = None,
    before: int | None = None,
    backward: bool = False,
    limit: int = REFUSALS_MAX,
) -> list[ImportRefusal]:
    """Tell what an import refused: the item's place in the file, its sku and the reasons."""
    place = catalogue_import_refusal.c.item
    found = select(
        place, catalogue_import_refusal.c.supplier_sku, catalogue_import_refusal.c.reasons
    ).where(
        catalogue_import_refusal.c.network_id == network_id,
        catalogue_import_refusal.c.catalogue_import_id == catalogue_import_id,
    )
    if after is not None:
        found = found.where(place > after)
    if before is not None:
        found = found.where(place < before)
    rows = await db.execute(found.order_by(place.desc() if backward else place.asc()).limit(limit))
    return [ImportRefusal(row.item, row.supplier_sku, tuple(row.reasons)) for row in rows]


async def find_last_import(
    db: AsyncConnection, *, network_id: int, supplier_id: UUID
) -> UUID | None:
    """Tell which import of a supplier's catalogue was the last to be started."""
    ids = (
        select(catalogue_import.c.catalogue_import_id)
        .where(
            catalogue_import.c.network_id == network_id,
            catalogue_import.c.supplier_id == supplier_id,
        )
        .order_by(
            catalogue_import.c.started_at.desc(), catalogue_import.c.catalogue_import_id.desc()
        )
        .limit(1)
    )
    return (await db.execute(ids)).scalar()
