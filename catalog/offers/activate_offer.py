"""Switching offers on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments import refuse_hidden
from catalog.offers.errors import OfferNotFound, OfferOver
from catalog.offers.model import OfferActivation
from catalog.offers.queries import find_activation
from catalog.offers.tables import offer_activation
from catalog.rewards import OfferTerms, RewardNotFound, RewardPaused, get_reward
from partners.rules import activate_rule
from payouts.money import new_id


async def activate_offer(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, member_id: UUID, now: datetime
) -> OfferActivation:
    """Let an offer count for a member's purchases from now on, as it is on sale now.

    Switching it on again changes nothing and tells when it was. Raises OfferNotFound, OfferOver,
    RewardPaused or MemberNotFound.
    """
    try:
        await refuse_hidden(
            db, network_id=network_id, member_id=member_id, reward_id=reward_id, now=now
        )
        offer = await get_reward(db, network_id=network_id, reward_id=reward_id)
    except RewardNotFound:
        raise OfferNotFound(reward_id=reward_id) from None
    terms = offer.terms
    if not isinstance(terms, OfferTerms) or not offer.state.is_public:
        raise OfferNotFound(reward_id=reward_id)
    if offer.state.is_interrupted:
        raise RewardPaused(path=("offer_id",))
    if not offer.is_listed(now) or offer.rule_id is None or terms.ends_at <= now:
        raise OfferOver(reward_id=reward_id)
    await activate_rule(
        db, network_id=network_id, rule_id=offer.rule_id, member_id=member_id, now=now
    )
    activation = OfferActivation(
        offer_activation_id=new_id(now),
        reward_id=reward_id,
        version=offer.version,
        rule_id=offer.rule_id,
        member_id=member_id,
        activated_at=now,
    )
    row = insert(offer_activation).values(
        network_id=network_id,
        offer_activation_id=activation.offer_activation_id,
        reward_id=reward_id,
        version=activation.version,
        rule_id=activation.rule_id,
        member_id=member_id,
        activated_at=now,
    )
    added = await db.execute(
        row.on_conflict_do_nothing(constraint="offer_activation_key").returning(
            offer_activation.c.offer_activation_id
        )
    )
    if added.first() is not None:
        return activation
    earlier = await find_activation(
        db, network_id=network_id, rule_id=offer.rule_id, member_id=member_id
    )
    return earlier or activation
