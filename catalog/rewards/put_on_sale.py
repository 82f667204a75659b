"""Putting a version of a reward on sale."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import ChangeKind
from catalog.rewards.errors import RewardInvalid, RewardNotPublishable
from catalog.rewards.lifecycle import RewardCommand
from catalog.rewards.model import OfferTerms, Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.put_on_lists import put_on_lists
from catalog.rewards.queries import get_reward
from catalog.rewards.tables import reward, reward_publication
from partners.rules import publish_rule
from payouts.money import new_id


async def put_on_sale(
    db: AsyncConnection,
    *,
    network_id: int,
    offered: Reward,
    command: RewardCommand,
    actor: str,
    programme_id: UUID | None = None,
    submitted_by: str | None = None,
    now: datetime,
) -> Reward:
    """Make the version in `offered` the one that is sold, and have it listed.

    An item that is sold as another reward goes on being sold as it, and what is retiring goes on
    to retire. Raises RewardNotPublishable for an offer that is over, or ProgrammeNotFound.
    """
    rule_id = await _publish_offer(db, network_id, offered, programme_id, now)
    await db.execute(
        update(reward)
        .where(reward.c.network_id == network_id, reward.c.reward_id == offered.reward_id)
        .values(
            current_version=offered.version,
            rule_id=rule_id,
            published_at=now,
            retired_at=None,
            is_withdrawn=False,
        )
    )
    await db.execute(
        insert(reward_publication).values(
            network_id=network_id,
            reward_publication_id=new_id(now),
            reward_id=offered.reward_id,
            version=offered.version,
            rule_id=rule_id,
            published_at=now,
        )
    )
    state = _state_of(offered)
    await move_reward(
        db,
        network_id=network_id,
        moved=offered,
        command=command,
        state=state,
        actor=actor,
        effective_at=offered.sunset_at,
        submitted_by=submitted_by,
        now=now,
    )
    if state is RewardState.MATCHED or not (state is RewardState.ACTIVE or offered.is_listed(now)):
        return await get_reward(db, network_id=network_id, reward_id=offered.reward_id)
    kind = ChangeKind.REVISED if offered.is_listed(now) else ChangeKind.PUBLISHED
    return await put_on_lists(
        db, network_id=network_id, reward_id=offered.reward_id, kind=kind, now=now
    )


def _state_of(offered: Reward) -> RewardState:
    if offered.fills_id is not None:
        return RewardState.MATCHED
    return RewardState.RETIRING if offered.sunset_at is not None else RewardState.ACTIVE


async def _publish_offer(
    db: AsyncConnection,
    network_id: int,
    offered: Reward,
    programme_id: UUID | None,
    now: datetime,
) -> UUID | None:
    terms = offered.terms
    if not isinstance(terms, OfferTerms):
        return None
    if terms.ends_at <= now:
        raise RewardNotPublishable("The offer is over.", reward_id=offered.reward_id)
    if offered.partner_id is None:
        raise RewardInvalid("An offer names its partner.", path=("partner_id",))
    rule = await publish_rule(
        db,
        network_id=network_id,
        partner_id=offered.partner_id,
        category=terms.category,
        rate_bps=terms.rate_bps,
        requires_activation=True,
        funding=terms.funding,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        programme_id=programme_id,
        now=now,
    )
    return rule.rule_id
