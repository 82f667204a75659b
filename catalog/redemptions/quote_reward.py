"""Quoting rewards."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments import refuse_hidden
from catalog.availability import count_left
from catalog.experiences import SlotOver, SoldOut, get_slot
from catalog.pools import reserve_code
from catalog.pricing import PointsPart, Price, PriceLineKind, find_price, pay_in_points
from catalog.redemptions.consider_sources import consider_sources
from catalog.redemptions.errors import RewardNotRedeemable, SlotOfAnotherReward
from catalog.redemptions.model import (
    QUOTE_LIFE,
    Quote,
    QuoteLines,
    QuoteSource,
    RedemptionKind,
    points_account,
)
from catalog.redemptions.reserve_stock import reserve_stock
from catalog.redemptions.save_quote import save_quote
from catalog.redemptions.signature import content_of
from catalog.rewards import (
    GiftCardTerms,
    OfferTerms,
    Reward,
    RewardNotFound,
    RewardPaused,
    get_reward,
    note_counted,
)
from catalog.suppliers import is_pooled
from catalog.vouchers import Vault
from partners.members import get_member
from partners.networks import get_network
from payouts.fx import find_fx_rate
from payouts.ledger import BalanceTooLow, read_points
from payouts.money import POINTS_UNIT, Money, Points, new_id


async def quote_reward(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    member_id: UUID,
    reward_id: UUID,
    face: Money | None = None,
    slot_id: UUID | None = None,
    points: Points | None = None,
    connected: Collection[str] | None = None,
    now: datetime,
) -> Quote:
    """Keep a price for a member for fifteen minutes, with the rate and the cost it rests on, signed.

    A gift card is quoted by its face, an experience by its slot; `points` pay as much of it as they
    are worth. A seat, a card of a limited stock and a code of a pool are reserved while the quote
    lives; no value is set aside yet. Of several suppliers of a card the quote keeps the chosen one,
    and what it was chosen from (see consider_sources); `connected` names those that there is an
    account with, None that nobody knows. Raises RewardNotFound, RewardNotRedeemable, RewardPaused,
    FaceNotOnSale,
    SlotNotFound, SlotOver, SoldOut, CardsSoldOut, NoCodeLeft, TooManyReserved, SlotOfAnotherReward,
    OutOfStock, MemberNotFound, FxRateMissing, FxRateStale, PointsTooFew, PointsExceedPrice,
    BalanceTooLow.
    """
    await get_member(db, network_id=network_id, member_id=member_id)
    await refuse_hidden(
        db, network_id=network_id, member_id=member_id, reward_id=reward_id, now=now
    )
    reward = await get_reward(db, network_id=network_id, reward_id=reward_id)
    kind = _kind_of(reward, now)
    if kind is RedemptionKind.EXPERIENCE:
        await _check_slot(db, network_id, reward_id, slot_id, now)
        face = None
    else:
        slot_id = None
    pooled = kind is RedemptionKind.SUPPLIER_CARD and await _is_pooled(db, network_id, reward)
    # What a pool sells nobody is asked for.
    asked = None if pooled else connected
    price, sources = await _price(db, network_id, reward, kind, face, connected=asked, now=now)
    if price.total.minor <= 0:
        raise RewardNotRedeemable("The reward has no price.")
    part = await _points_part(db, network_id, member_id, price, points, now)
    chosen = sources[0] if sources else None
    unsigned = _quote(
        reward, kind, price, member_id, slot_id, chosen=chosen, points_part=part, now=now
    )
    signature = vault.sign(content_of(unsigned, network_id=network_id))
    made = replace(unsigned, signature=signature)
    counted = [reward_id] if pooled or kind is not RedemptionKind.SUPPLIER_CARD else []
    before = await count_left(db, network_id=network_id, reward_ids=counted, now=now)
    await reserve_stock(db, network_id=network_id, made=made, now=now)
    await save_quote(db, network_id=network_id, made=made, sources=sources)
    if pooled:
        await _reserve(db, network_id, made, now)
    await note_counted(db, network_id=network_id, before=before, now=now)
    return made


async def _price(
    db: AsyncConnection,
    network_id: int,
    reward: Reward,
    kind: RedemptionKind,
    face: Money | None,
    *,
    connected: Collection[str] | None,
    now: datetime,
) -> tuple[Price, Sequence[QuoteSource]]:
    """Price a reward as bought from what costs least, and tell what that was chosen from."""
    network = await get_network(db, network_id=network_id)
    if kind is RedemptionKind.SUPPLIER_CARD:
        return await consider_sources(
            db,
            network_id=network_id,
            shown=reward,
            face=face,
            currency=network.currency,
            connected=connected,
            now=now,
        )
    price = await find_price(
        db, network_id=network_id, reward=reward, face=face, currency=network.currency, now=now
    )
    return price, ()


async def _points_part(
    db: AsyncConnection,
    network_id: int,
    member_id: UUID,
    price: Price,
    points: Points | None,
    now: datetime,
) -> PointsPart | None:
    if points is None:
        return None
    unit = price.total.currency
    rate = await find_fx_rate(db, network_id=network_id, base=POINTS_UNIT, quote=unit, now=now)
    part = pay_in_points(price.total, points, rate)
    account = points_account(member_id)
    found = await read_points(db, network_id=network_id, accounts=[account])
    if part.points > found[account].available:
        raise BalanceTooLow(path=("points",))
    return part


async def _is_pooled(db: AsyncConnection, network_id: int, reward: Reward) -> bool:
    assert reward.supplier is not None
    return await is_pooled(db, network_id=network_id, supplier_id=reward.supplier.supplier_id)


async def _reserve(db: AsyncConnection, network_id: int, made: Quote, now: datetime) -> None:
    assert made.supplier_id is not None
    assert made.supplier_sku is not None
    await reserve_code(
        db,
        network_id=network_id,
        supplier_id=made.supplier_id,
        supplier_sku=made.supplier_sku,
        face=made.face,
        quote_id=made.quote_id,
        member_id=made.member_id,
        until=made.expires_at,
        now=now,
    )


def _kind_of(reward: Reward, now: datetime) -> RedemptionKind:
    terms = reward.terms
    if not reward.state.is_public:  # members are not told that there is one
        raise RewardNotFound(reward_id=reward.reward_id)
    if reward.state.is_interrupted:
        raise RewardPaused(path=("rewardId",))
    if not reward.is_listed(now) or isinstance(terms, OfferTerms):
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
    *,
    chosen: QuoteSource | None,
    points_part: PointsPart | None,
    now: datetime,
) -> Quote:
    lines = QuoteLines(
        price.amount_of(PriceLineKind.FACE),
        price.amount_of(PriceLineKind.MARGIN),
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
        supplier_id=None if chosen is None else chosen.supplier_id,
        supplier_sku=None if chosen is None else chosen.supplier_sku,
        cost=price.cost_total,
        fx_rate_id=price.fx_rate_id,
        fx_rate=price.fx_rate.value if is_exchanged else None,
        margin_id=price.margin_id,
        costs=price.costs,
        points_price=price.points,
        points_part=points_part,
    )
