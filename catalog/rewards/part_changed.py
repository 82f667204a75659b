"""Selling by itself again what has become another product."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from catalog.rewards.likeness import Likeness, likeable_of, liken, share_a_face
from catalog.rewards.model import LEADING, RULE, MatchState, Reward, RewardState
from catalog.rewards.queries import get_rewards
from catalog.rewards.tables import reward, reward_match
from catalog.rewards.unfold_reward import unfold_reward
from payouts.money import new_id

CHANGED = "changed"


async def part_changed(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID], now: datetime
) -> None:
    """Sell by itself again what a rule matched, when these changes made it another product.

    A catalogue may give an item another title or other faces, be it the one that is listed or one
    that is sold as it; bought in the place of the other it would be the wrong card. Each such pair
    waits for people, with what is not alike any more. What people confirmed stays as they decided.
    While the reward is paused or suspended, so is what is parted from it: no catalogue brings the
    product back by another name.
    """
    groups: dict[UUID, dict[UUID, bool]] = defaultdict(dict)
    for row in await _read_groups(db, network_id, reward_ids):
        groups[row.fills_id][row.reward_id] = row.is_confirmed
    ids = {key for lead_id, sources in groups.items() for key in (lead_id, *sources)}
    rewards = await get_rewards(db, network_id=network_id, reward_ids=ids) if ids else {}
    for lead_id in sorted(groups):
        for source_id in _apart(rewards, lead_id, groups[lead_id]):
            lead = rewards[lead_id].state
            await unfold_reward(
                db,
                network_id=network_id,
                source_id=source_id,
                state=lead if lead.is_interrupted else RewardState.ACTIVE,
                now=now,
            )
            found = liken(likeable_of(rewards[source_id]), likeable_of(rewards[lead_id]))
            reasons = (CHANGED, *found.reasons)
            await _doubt(db, network_id, lead_id, source_id, reasons, now)


def _apart(
    rewards: Mapping[UUID, Reward], lead_id: UUID, sources: Mapping[UUID, bool]
) -> list[UUID]:
    """Tell which of a reward's sources are neither the same as it, nor as one that is."""
    lead = likeable_of(rewards[lead_id])
    waiting = {
        key: likeable_of(rewards[key]) for key, is_confirmed in sources.items() if not is_confirmed
    }
    inside = [lead, *(likeable_of(rewards[key]) for key in sources if key not in waiting)]
    while True:
        same = [
            key
            for key, one in waiting.items()
            if share_a_face(one.terms, lead.terms)
            and any(liken(one, other).likeness is Likeness.SAME for other in inside)
        ]
        if not same:
            return sorted(waiting)
        inside += [waiting.pop(key) for key in same]


async def _read_groups(
    db: AsyncConnection, network_id: int, reward_ids: Collection[UUID]
) -> Sequence[Any]:
    """Read all that is sold as what these are, or are sold as, and whether people confirmed it."""
    changed, lead = aliased(reward, name="changed"), aliased(reward, name="lead")
    leads = select(func.coalesce(changed.c.fills_id, changed.c.reward_id)).where(
        changed.c.network_id == network_id,
        changed.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
    )
    is_confirmed = (
        select(reward_match.c.reward_match_id)
        .where(
            reward_match.c.network_id == network_id,
            reward_match.c.source_id == reward.c.reward_id,
            reward_match.c.state == MatchState.MATCHED.value,
            reward_match.c.decided_by != RULE,
        )
        .exists()
    )
    rows = await db.execute(
        select(reward.c.reward_id, reward.c.fills_id, is_confirmed.label("is_confirmed"))
        .join_from(reward, lead, lead.c.reward_id == reward.c.fills_id)
        .where(
            reward.c.network_id == network_id,
            lead.c.network_id == network_id,
            reward.c.fills_id.in_(leads),
            reward.c.state == RewardState.MATCHED.value,
            lead.c.state.in_(LEADING),
        )
    )
    return rows.all()


async def _doubt(
    db: AsyncConnection,
    network_id: int,
    lead_id: UUID,
    source_id: UUID,
    reasons: Sequence[str],
    now: datetime,
) -> None:
    row = insert(reward_match).values(
        network_id=network_id,
        reward_match_id=new_id(now),
        reward_id=lead_id,
        source_id=source_id,
        state=MatchState.DOUBTFUL.value,
        reasons=list(reasons),
        decided_by=None,
        found_at=now,
        decided_at=None,
    )
    pair = [reward_match.c.network_id, reward_match.c.source_id, reward_match.c.reward_id]
    undone = {name: row.excluded[name] for name in ("state", "reasons", "decided_by", "decided_at")}
    await db.execute(row.on_conflict_do_update(index_elements=pair, set_=undone))
