"""Finding what other suppliers already sell."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.find_alike import Alike, find_alike
from catalog.rewards.fold_rewards import fold_rewards
from catalog.rewards.likeness import Likened, Likeness, likeable_of, liken, share_a_face
from catalog.rewards.model import MatchState, Reward
from catalog.rewards.note_matches import Judged, note_matches
from catalog.rewards.note_sources import note_sources
from catalog.rewards.part_changed import part_changed
from catalog.rewards.queries import get_rewards
from catalog.rewards.tables import reward_match
from catalog.suppliers import list_ordered_from


async def match_items(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    reward_ids: Collection[UUID],
    changed_ids: Collection[UUID] = (),
    now: datetime,
) -> set[UUID]:
    """Have these items of a supplier sold as what other suppliers had before, where they certainly are the same.

    What is no longer the same since it changed is sold by itself first. Where they only may be, or are the same as several, that is written down for people to decide,
    and they stay rewards of their own. What was decided to be separate stays so. An item follows
    only what was there before it. What is sold from a pool is never matched: a code is reserved with
    the quote, and nobody could be asked for one when another supplier refuses. Tells which of them are sold as others since.
    """
    suppliers = set(await list_ordered_from(db, network_id=network_id))
    if supplier_id not in suppliers or len(suppliers) == 1:
        return set()
    suppliers.remove(supplier_id)
    if changed_ids:
        await part_changed(db, network_id=network_id, reward_ids=changed_ids, now=now)
    pairs = await find_alike(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        others=suppliers,
        reward_ids=reward_ids,
    )
    if not pairs:
        return set()
    ids = {key for one in pairs for key in (one.item_id, one.other_id, one.lead_id)}
    rewards = await get_rewards(db, network_id=network_id, reward_ids=ids)
    separate = await _read_separate(db, network_id, {one.item_id for one in pairs})
    judged = _judge(pairs, rewards, separate)
    same = {item_id: _only_same(found) for item_id, found in judged.items()}
    leads = {item_id: lead_id for item_id, lead_id in same.items() if lead_id is not None}
    folded = await fold_rewards(db, network_id=network_id, leads=leads) if leads else set()
    await note_matches(
        db,
        network_id=network_id,
        matched={key: {leads[key]: judged[key][leads[key]]} for key in folded},
        doubtful={key: found for key, found in judged.items() if key not in folded},
        now=now,
    )
    moved = {key: leads[key] for key in folded}
    await note_sources(db, network_id=network_id, moved=moved, now=now)
    return folded


def _only_same(judged: Judged) -> UUID | None:
    same = [key for key, one in judged.items() if one.likeness is Likeness.SAME]
    return same[0] if len(same) == 1 else None


def _judge(
    pairs: Sequence[Alike], rewards: Mapping[UUID, Reward], separate: Mapping[UUID, set[UUID]]
) -> dict[UUID, dict[UUID, Likened]]:
    """Judge each item by the rewards it might be sold as, leaving out those it is not like."""
    members: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for one in pairs:
        members[one.item_id, one.lead_id].append(one.other_id)
    judged: dict[UUID, dict[UUID, Likened]] = defaultdict(dict)
    for (item_id, lead_id), others in members.items():
        if separate[item_id] & {lead_id, *others}:
            continue
        item = likeable_of(rewards[item_id])
        # Of what is sold as a reward only its own faces can be had.
        if not share_a_face(item.terms, rewards[lead_id].gift_card):
            continue
        found = [liken(item, likeable_of(rewards[other])) for other in others]
        best = min(found, key=lambda one: list(Likeness).index(one.likeness))
        if best.likeness is not Likeness.DIFFERENT:
            judged[item_id][lead_id] = best
    return judged


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
