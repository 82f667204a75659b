"""Finding what other suppliers already sell."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, and_, any_, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from catalog.brands import LAST_RESORT_LOCALE
from catalog.rewards.fold_reward import fold_reward
from catalog.rewards.likeness import Likeable, Likened, Likeness, liken
from catalog.rewards.model import MatchState, Reward, RewardState
from catalog.rewards.note_sources import note_sources
from catalog.rewards.queries import get_rewards
from catalog.rewards.tables import reward, reward_match
from catalog.suppliers import list_ordered_from
from payouts.money import new_id

RULE = "rule"
LIKE_MAX = 50
"""An item is compared with so many that have its brand's name, and so many that begin like it."""
_Judged = dict[UUID, Likened]
"""By the reward that an item would be sold as: how like it is to what is sold so."""


async def match_items(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    reward_ids: Collection[UUID],
    now: datetime,
) -> set[UUID]:
    """Have these items of a supplier sold as what other suppliers had before, where they certainly are the same.

    Where they only may be, or are the same as several, that is written down for people to decide,
    and they stay rewards of their own. What was decided to be separate stays so. An item follows
    only what was there before it. What is sold from a pool is never matched: a code is reserved with
    the quote, and nobody could be asked for one when another supplier refuses. Tells which of them are sold as others since.
    """
    suppliers = set(await list_ordered_from(db, network_id=network_id))
    if supplier_id not in suppliers or len(suppliers) == 1:
        return set()
    suppliers.remove(supplier_id)
    pairs = await _read_pairs(db, network_id, suppliers, reward_ids)
    if not pairs:
        return set()
    ids = {key for row in pairs for key in (row.item_id, row.other_id)}
    rewards = await get_rewards(db, network_id=network_id, reward_ids=ids)
    separate = await _read_separate(db, network_id, {row.item_id for row in pairs})
    judged = _judge(pairs, rewards, separate)
    folded: dict[UUID, UUID] = {}
    for item_id in sorted(judged):
        lead_id = _only_same(judged[item_id])
        if lead_id is not None and await fold_reward(
            db, network_id=network_id, source_id=item_id, lead_id=lead_id
        ):
            folded[item_id] = lead_id
            await _note(db, network_id, item_id, {lead_id: judged[item_id][lead_id]}, now)
        else:
            await _note(db, network_id, item_id, judged[item_id], now, is_doubted=True)
    await note_sources(db, network_id=network_id, moved=folded, now=now)
    return set(folded)


def _only_same(judged: _Judged) -> UUID | None:
    same = [key for key, one in judged.items() if one.likeness is Likeness.SAME]
    return same[0] if len(same) == 1 else None


def _judge(
    pairs: Sequence[Any], rewards: Mapping[UUID, Reward], separate: Mapping[UUID, set[UUID]]
) -> dict[UUID, _Judged]:
    """Judge each item by the rewards it might be sold as, leaving out those it is not like."""
    members: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for row in pairs:
        members[row.item_id, row.lead_id].append(row.other_id)
    judged: dict[UUID, _Judged] = defaultdict(dict)
    for (item_id, lead_id), others in members.items():
        if separate[item_id] & {lead_id, *others}:
            continue
        item = _likeable(rewards[item_id])
        found = [liken(item, _likeable(rewards[other])) for other in others]
        best = min(found, key=lambda one: list(Likeness).index(one.likeness))
        if best.likeness is not Likeness.DIFFERENT:
            judged[item_id][lead_id] = best
    return judged


def _likeable(one: Reward) -> Likeable:
    assert one.supplier is not None
    brand = "" if one.brand is None else one.brand.name_in(LAST_RESORT_LOCALE)
    title = one.text(LAST_RESORT_LOCALE).title
    return Likeable(brand, title, one.supplier.country, one.gift_card)


async def _read_pairs(
    db: AsyncConnection,
    network_id: int,
    suppliers: Collection[UUID],
    reward_ids: Collection[UUID],
) -> list[Any]:
    """Read which of these items, each on sale by itself, are named like which of these suppliers'.

    Of each item some that have the same name, and some that begin alike.
    """
    found: dict[tuple[UUID, UUID], Any] = {}
    for column in (reward.c.match_key, reward.c.match_block):
        rows = await db.execute(_pairs(network_id, suppliers, reward_ids, column.name))
        found |= {(row.item_id, row.other_id): row for row in rows}
    return [found[pair] for pair in sorted(found)]


def _pairs(
    network_id: int, suppliers: Collection[UUID], reward_ids: Collection[UUID], by: str
) -> Select[Any]:
    named = aliased(reward, name="named")
    lead = aliased(reward, name="lead")
    # Suppliers by name, not those that are another: so the index leads to these alone.
    other = (
        select(named.c.reward_id, named.c.fills_id)
        .where(
            named.c.network_id == network_id,
            named.c.supplier_country == reward.c.supplier_country,
            named.c[by] == reward.c[by],
            named.c.supplier_id == any_(cast(list(suppliers), ARRAY(Uuid))),
            named.c.state.in_([RewardState.ACTIVE.value, RewardState.MATCHED.value]),
        )
        .limit(LIKE_MAX)
        .lateral("other")
    )
    lead_id = func.coalesce(other.c.fills_id, other.c.reward_id)
    return (
        select(
            reward.c.reward_id.label("item_id"),
            other.c.reward_id.label("other_id"),
            lead.c.reward_id.label("lead_id"),
        )
        .join_from(reward, other, true())
        .join(lead, and_(lead.c.network_id == reward.c.network_id, lead.c.reward_id == lead_id))
        .where(
            reward.c.network_id == network_id,
            lead.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
            reward.c.state == RewardState.ACTIVE.value,
            lead.c.state == RewardState.ACTIVE.value,
            lead.c.reward_id < reward.c.reward_id,
            lead.c.supplier_id != reward.c.supplier_id,
        )
    )


async def _read_separate(
    db: AsyncConnection, network_id: int, item_ids: Collection[UUID]
) -> Mapping[UUID, set[UUID]]:
    """Read what people decided that these items are not."""
    wanted = any_(cast(list(item_ids), ARRAY(Uuid)))
    rows = await db.execute(
        select(reward_match.c.source_id, reward_match.c.reward_id).where(
            reward_match.c.network_id == network_id,
            reward_match.c.state == MatchState.SEPARATE.value,
            or_(reward_match.c.source_id == wanted, reward_match.c.reward_id == wanted),
        )
    )
    separate: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        separate[row.source_id].add(row.reward_id)
        separate[row.reward_id].add(row.source_id)
    return separate


async def _note(
    db: AsyncConnection,
    network_id: int,
    item_id: UUID,
    judged: _Judged,
    now: datetime,
    *,
    is_doubted: bool = False,
) -> None:
    """Write pairs down; of one that is known only a doubt that is over changes."""
    is_one_of_several = len(judged) > 1
    for lead_id, one in sorted(judged.items()):
        row = insert(reward_match).values(
            network_id=network_id,
            reward_match_id=new_id(now),
            reward_id=lead_id,
            source_id=item_id,
            state=(MatchState.DOUBTFUL if is_doubted else MatchState.MATCHED).value,
            reasons=[*one.reasons, *(["several"] if is_one_of_several else [])],
            decided_by=None if is_doubted else RULE,
            found_at=now,
            decided_at=None if is_doubted else now,
        )
        pair = [reward_match.c.network_id, reward_match.c.source_id, reward_match.c.reward_id]
        if is_doubted:
            await db.execute(row.on_conflict_do_nothing(index_elements=pair))
            continue
        await db.execute(
            row.on_conflict_do_update(
                index_elements=pair,
                set_={
                    "state": row.excluded.state,
                    "reasons": row.excluded.reasons,
                    "decided_by": row.excluded.decided_by,
                    "decided_at": row.excluded.decided_at,
                },
                where=reward_match.c.state == MatchState.DOUBTFUL.value,
            )
        )
