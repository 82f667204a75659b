"""Publishing rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.entries import entry_of
from catalog.rewards.errors import RewardInvalid, RewardNotFound, RewardNotPublishable
from catalog.rewards.model import OfferTerms, Reward, RewardState
from catalog.rewards.queries import get_reward
from catalog.rewards.rows import market_rows
from catalog.rewards.tables import reward, reward_market, reward_publication
from catalog.search import file_rewards
from partners.rules import publish_rule
from payouts.money import new_id


async def publish_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    programme_id: UUID | None = None,
    now: datetime,
) -> Reward:
    """Put the latest version of a reward on sale in its countries, in place of the one before.

    An offer publishes an earn rule that counts for members who switch it on; who switched on an
    earlier version keeps what was promised then. The rule belongs to `programme_id`, or else to
    the network's own programme. Publishing what is already on sale changes nothing. Raises
    RewardNotFound, RewardNotPublishable for an offer that is over, or ProgrammeNotFound.
    """
    locked = await db.execute(
        select(reward.c.latest_version)
        .where(reward.c.network_id == network_id, reward.c.reward_id == reward_id)
        .with_for_update()
    )
    latest = locked.scalar()
    if latest is None:
        raise RewardNotFound(reward_id=reward_id)
    offered = await get_reward(db, network_id=network_id, reward_id=reward_id, version=latest)
    if offered.is_current:
        return offered
    rule_id = await _publish_offer(db, network_id, offered, programme_id, now)
    is_shown = offered.fills_id is None
    await db.execute(
        update(reward)
        .where(reward.c.network_id == network_id, reward.c.reward_id == reward_id)
        .values(
            state=(RewardState.ACTIVE if is_shown else RewardState.MATCHED).value,
            current_version=latest,
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
            reward_id=reward_id,
            version=latest,
            rule_id=rule_id,
            published_at=now,
        )
    )
    if not is_shown:
        return await get_reward(db, network_id=network_id, reward_id=reward_id)
    await _offer_in_markets(db, network_id, offered)
    was_on_sale = offered.state is RewardState.ACTIVE
    kind = ChangeKind.REVISED if was_on_sale else ChangeKind.PUBLISHED
    change = Change(reward_id, kind, latest)
    await note_changes(db, network_id=network_id, changes=[change], now=now)
    published = await get_reward(db, network_id=network_id, reward_id=reward_id)
    await file_rewards(db, network_id=network_id, entries=[entry_of(published)], now=now)
    return published


async def _offer_in_markets(db: AsyncConnection, network_id: int, offered: Reward) -> None:
    await db.execute(
        delete(reward_market).where(
            reward_market.c.network_id == network_id, reward_market.c.reward_id == offered.reward_id
        )
    )
    await db.execute(
        insert(reward_market),
        market_rows(
            network_id=network_id,
            reward_id=offered.reward_id,
            kind=offered.kind,
            rank=offered.rank,
            countries=offered.countries,
        ),
    )


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
