"""Finding what is named like a supplier's items."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, cast, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.likeness import block_of, is_named_like
from catalog.rewards.model import LEADING, RewardState
from catalog.rewards.tables import reward

NAMES_MAX = 1_000
"""A name is compared with so many that begin like it."""
LIKE_MAX = 50
"""An item is compared with so many of each name that is like its own."""

_Name = tuple[str, str]
"""A country, and the name of a brand as it is compared."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An item, another supplier's that is named like it, and what that one is sold as."""

    item_id: UUID
    other_id: UUID
    lead_id: UUID


async def find_alike(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    others: Collection[UUID],
    reward_ids: Collection[UUID],
) -> list[Alike]:
    """Tell which of these items, each on sale by itself, are named like what other suppliers had before.

    `others` are the suppliers whose items are looked at. It takes four statements, however many
    there are: a name that begins like theirs is found by one step in the index, whoever has it.
    """
    items = await _read_items(db, network_id, reward_ids)
    names = await _read_names(db, network_id, {name for _, name in items})
    like = {
        name: [each for each in names[name[0], block_of(name[1])] if is_named_like(name[1], each)]
        for name in {name for _, name in items}
    }
    wanted = {(name[0], each) for name, found in like.items() for each in found}
    there = await _read_others(db, network_id, others, wanted)
    sold_as = {lead_id for found in there.values() for _, lead_id in found}
    leads = await _read_leads(db, network_id, supplier_id, sold_as)
    return [
        Alike(item_id, other_id, lead_id)
        for item_id, name in items
        for each in like[name]
        for other_id, lead_id in there[name[0], each]
        if lead_id in leads and lead_id < item_id
    ]


async def _read_items(
    db: AsyncConnection, network_id: int, reward_ids: Collection[UUID]
) -> list[tuple[UUID, _Name]]:
    rows = await db.execute(
        select(reward.c.reward_id, reward.c.supplier_country, reward.c.match_key)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
            reward.c.state == RewardState.ACTIVE.value,
            reward.c.match_key.is_not(None),
        )
        .order_by(reward.c.reward_id)
    )
    return [(row.reward_id, (row.supplier_country, row.match_key)) for row in rows]


async def _read_names(
    db: AsyncConnection, network_id: int, names: Collection[_Name]
) -> Mapping[_Name, list[str]]:
    """Read the names that there are, by country and what they begin with."""

    def least(country: Any, *after: Any) -> Any:
        return (
            select(func.min(reward.c.match_key))
            .where(reward.c.network_id == network_id, reward.c.supplier_country == country, *after)
            .scalar_subquery()
        )

    wanted = _given("wanted", sorted({(country, block_of(name)) for country, name in names}))
    first = least(wanted.c.country, reward.c.match_key >= wanted.c.name)
    walk = select(
        wanted.c.country,
        wanted.c.name.label("block"),
        first.label("name"),
        literal(1, Integer).label("place"),
    ).cte("walk", recursive=True)
    begins = func.starts_with(walk.c.name, walk.c.block)
    walk = walk.union_all(
        select(
            walk.c.country,
            walk.c.block,
            least(walk.c.country, reward.c.match_key > walk.c.name),
            walk.c.place + 1,
        ).where(begins, walk.c.place < NAMES_MAX)
    )
    begins = func.starts_with(walk.c.name, walk.c.block)
    found: dict[_Name, list[str]] = defaultdict(list)
    for row in await db.execute(select(walk.c.country, walk.c.block, walk.c.name).where(begins)):
        found[row.country, row.block].append(row.name)
    return found


async def _read_others(
    db: AsyncConnection, network_id: int, others: Collection[UUID], names: Collection[_Name]
) -> Mapping[_Name, list[tuple[UUID, UUID]]]:
    """Read others' items by name, each with what it is sold as."""
    wanted = _given("wanted", sorted(names))
    # As a condition that no index serves: by the name few are left, by the supplier very many.
    is_of_others = (reward.c.supplier_id == any_(cast(list(others), ARRAY(Uuid)))).is_(true())
    other = (
        select(reward.c.reward_id, reward.c.fills_id)
        .where(
            reward.c.network_id == network_id,
            reward.c.supplier_country == wanted.c.country,
            reward.c.match_key == wanted.c.name,
            reward.c.state.in_([RewardState.MATCHED.value, *LEADING]),
            is_of_others,
        )
        .limit(LIKE_MAX)
        .lateral("other")
    )
    rows = await db.execute(
        select(wanted.c.country, wanted.c.name, other.c.reward_id, other.c.fills_id)
        .join_from(wanted, other, true())
        .order_by(other.c.reward_id)
    )
    found: dict[_Name, list[tuple[UUID, UUID]]] = defaultdict(list)
    for row in rows:
        found[row.country, row.name].append((row.reward_id, row.fills_id or row.reward_id))
    return found


async def _read_leads(
    db: AsyncConnection, network_id: int, supplier_id: UUID, lead_ids: Collection[UUID]
) -> set[UUID]:
    """Tell which of these lead and are not the supplier's own.

    What is paused or suspended is the product: nobody else's item is sold instead.
    """
    rows = await db.execute(
        select(reward.c.reward_id).where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(lead_ids), ARRAY(Uuid))),
            reward.c.state.in_(LEADING),
            reward.c.supplier_id != supplier_id,
        )
    )
    return set(rows.scalars())


def _given(name: str, pairs: Sequence[tuple[str, str | None]]) -> Any:
    """A table of these countries and names."""
    return (
        func.unnest(
            cast([country for country, _ in pairs], ARRAY(Text)),
            cast([name for _, name in pairs], ARRAY(Text)),
        )
        .table_valued("country", "name")
        .render_derived(name)
    )
