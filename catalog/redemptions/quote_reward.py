"""Quoting rewards."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import SlotOver, SoldOut, get_slot
from catalog.pricing import Price, PriceLineKind, find_price
from catalog.redemptions.consider_sources import consider_sources
from catalog.redemptions.errors import RewardNotRedeemable, SlotOfAnotherReward
from catalog.redemptions.model import QUOTE_LIFE, Quote, QuoteLines, QuoteSource, RedemptionKind
from catalog.redemptions.save_quote import save_quote
from catalog.rewards import (
    GiftCardTerms,
    OfferTerms,
    Reward,
    RewardNotFound,
    RewardState,
    get_reward,
)
from partners.members import get_member
from partners.networks import get_network
from payouts.money import Money, new_id


async def quote_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    member_id: UUID,
    reward_id: UUID,
    face: Money | None = None,
    slot_id: UUID | None = None,
    connected: Collection[str] | None = None,
    now: datetime,
) -> Quote:
    """Keep a price for a member for fifteen minutes, with the rate and the cost it rests on.

    A gift card is quoted by its face, an experience by its slot. Nothing is set aside yet. Of
    several suppliers of a card the quote keeps the chosen one, and what it was chosen from (see
    consider_sources); `connected` names those that there is an account with, None that nobody
    knows. Raises RewardNotFound, RewardNotRedeemable, FaceNotOnSale, SlotNotFound, SlotOver, SoldOut,
    SlotOfAnotherReward, MemberNotFound, FxRateMissing, FxRateStale.
    """
    await get_member(db, network_id=network_id, member_id=member_id)
    reward = await get_reward(db, network_id=network_id, reward_id=reward_id)
    kind = _kind_of(reward)
    if kind is RedemptionKind.EXPERIENCE:
        await _check_slot(db, network_id, reward_id, slot_id, now)
        face = None
    else:
        slot_id = None
    network = await get_network(db, network_id=network_id)
    sources: Sequence[QuoteSource] = ()
    if kind is RedemptionKind.SUPPLIER_CARD:
        price, sources = await consider_sources(
            db,
            network_id=network_id,
            shown=reward,
            face=face,
            currency=network.currency,
            connected=connected,
            now=now,
        )
    else:
        price = await find_price(
            db, network_id=network_id, reward=reward, face=face, currency=network.currency, now=now
        )
    if price.total.minor <= 0:
        raise RewardNotRedeemable("The reward has no price.")
    made = _quote(reward, kind, price, member_id, slot_id, now)
    if sources:
        made = made.bought_as(sources[0])
    await save_quote(db, network_id=network_id, made=made, sources=sources)
    return made


def _kind_of(reward: Reward) -> RedemptionKind:
    terms = reward.terms
    if reward.state is RewardState.DRAFT:  # members are not told that there is one
        raise RewardNotFound(reward_id=reward.reward_id)
    if reward.state is not RewardState.ACTIVE or isinstance(terms, OfferTerms):
        raise RewardNotRedeemable(path=("rewardId",))
    if not isinstance(terms, GiftCardTerms):
        return RedemptionKind.EXPERIENCE
    if terms.needs_user_id:
        raise RewardNotRedeemable(
            "The supplier wants an account of the member's.", path=("rewardId",)
        )
    return RedemptionKind.OWN_CARD if reward.supplier is None else RedemptionKind.SUPPLIER_CARD


async def _check_slot(
    db: AsyncConnection, network_id: int, reward_id: UUID, slot_id: UUID | None, now: datetime
) -> None:
    if slot_id is None:
        raise RewardNotRedeemable("An experience is got by its slot.", path=("slotId",))
    slot = await get_slot(db, network_id=network_id, slot_id=slot_id)
    if slot.reward_id != reward_id:
        raise SlotOfAnotherReward(path=("slotId",))
    if slot.starts_at <= now:
        raise SlotOver(path=("slotId",))
    if not slot.left:
        raise SoldOut(path=("slotId",))


def _quote(
    reward: Reward,
    kind: RedemptionKind,
    price: Price,
    member_id: UUID,
    slot_id: UUID | None,
    now: datetime,
) -> Quote:
    lines = QuoteLines(
        price.amount_of(PriceLineKind.FACE),
        price.amount_of(PriceLineKind.FEE),
        price.amount_of(PriceLineKind.DISCOUNT),
        price.amount_of(PriceLineKind.FX),
    )
    assert lines.total == price.total, "a quote has a place for every line of a price"
    is_exchanged = price.fx_rate_id is not None
    return Quote(
        quote_id=new_id(now),
        member_id=member_id,
        reward_id=reward.reward_id,
        version=reward.version,
        kind=kind,
        face=price.face,
        lines=lines,
        expires_at=now + QUOTE_LIFE,
        quoted_at=now,
        slot_id=slot_id,
        brand_id=None if reward.brand is None else reward.brand.brand_id,
        partner_id=reward.partner_id,
        cost=price.cost_total,
        fx_rate_id=price.fx_rate_id,
        fx_rate=price.fx_rate.value if is_exchanged else None,
    )
