"""Weighing what a reward can be bought from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, read_levels
from catalog.pricing import Price, PriceBook, price_reward, read_price_book
from catalog.redemptions.errors import OutOfStock, RewardNotRedeemable
from catalog.redemptions.model import PASSING, Exclusion, QuoteSource
from catalog.redemptions.read_health import read_health
from catalog.redemptions.sourcing import SupplierHealth, not_connected
from catalog.rewards import FaceNotOnSale, Reward, list_sources
from payouts.fx import FxRateMissing, FxRateStale
from payouts.money import Money
from payouts.refusal import Refusal

Weighed = tuple[QuoteSource, Price | Refusal]


@dataclass(frozen=True, slots=True)
class _Known:
    """What sources are weighed by."""

    book: PriceBook
    health: Mapping[UUID, SupplierHealth]
    levels: Mapping[UUID, Availability]
    connected: Collection[str] | None

    def is_out(self, item_id: UUID) -> bool:
        """Whether the supplier has none."""
        return self.levels[item_id] is Availability.OUT


async def consider_sources(
    db: AsyncConnection,
    *,
    network_id: int,
    shown: Reward,
    face: Money | None,
    currency: str,
    connected: Collection[str] | None = None,
    now: datetime,
) -> tuple[Price, list[QuoteSource]]:
    """Choose what a supplier's reward is bought as, and tell the price and all that were weighed.

    The chosen one comes first: of those that sell the face and whose supplier is connected and in
    good standing (or due to be tried again) the one that costs the network least in the member's
    currency; of equally dear ones that with the lower price for the member, then the reward's own
    item, then the one that was there first. The next ones follow in that order. When all suppliers
    are unconnected or passed over, the cheapest of them is chosen all the same, but never one that
    is out of stock: OutOfStock when there is no other. Raises what the pricing of the reward's own
    item raises when none has a price, or RewardNotRedeemable.
    """
    found = await list_sources(db, network_id=network_id, shown=[shown])
    sources = found[shown.reward_id]
    book = await read_price_book(
        db, network_id=network_id, rewards=sources, currency=currency, now=now
    )
    ids = {one.supplier.supplier_id for one in sources if one.supplier is not None}
    health = await read_health(db, network_id=network_id, supplier_ids=ids, now=now)
    item_ids = [one.reward_id for one in sources]
    levels = await read_levels(db, network_id=network_id, reward_ids=item_ids)
    known = _Known(book, health, levels, connected)
    weighed = [_weigh(one, shown, face, known) for one in sources]
    ranked = [
        weighed[place] for place in sorted(range(len(weighed)), key=lambda n: _rank(weighed[n], n))
    ]
    first, price = ranked[0]
    if first.excluded_because is Exclusion.OUT_OF_STOCK:
        raise OutOfStock(path=("rewardId",))
    if isinstance(price, Price) and first.may_be_bought:
        return price, [source for source, _ in ranked]
    own = weighed[0][1]
    raise own if isinstance(own, Refusal) else RewardNotRedeemable(path=("rewardId",))


def _rank(weighed: Weighed, place: int) -> tuple[int, int, int, int]:
    source, price = weighed
    if isinstance(price, Refusal) or source.cost_in_wallet is None:
        return 4, 0, 0, place
    because = source.excluded_because
    group = 0 if because is None else 1 if because in PASSING else 3
    if because is Exclusion.OUT_OF_STOCK:
        group = 2
    return group, source.cost_in_wallet.minor, price.total.minor, place


def _weigh(one: Reward, shown: Reward, face: Money | None, known: _Known) -> Weighed:
    assert one.supplier is not None
    supplier_id = one.supplier.supplier_id
    found = known.health[supplier_id]
    price: Price | Refusal
    because: Exclusion | None = None
    try:
        price = price_reward(one, face=face, book=known.book, shown=shown)
    except FaceNotOnSale as refusal:
        price, because = refusal, Exclusion.FACE_NOT_ON_SALE
    except (FxRateMissing, FxRateStale) as refusal:
        price, because = refusal, Exclusion.NO_RATE
    if because is None and one.gift_card.needs_user_id:
        because = Exclusion.NEEDS_ACCOUNT
    if because is None and known.is_out(one.reward_id):
        because = Exclusion.OUT_OF_STOCK
    terms = known.book.suppliers[supplier_id]
    because = because or not_connected(terms, known.connected) or found.exclusion
    priced = price if isinstance(price, Price) else None
    is_exchanged = priced is not None and priced.fx_rate_id is not None
    source = QuoteSource(
        source_id=one.reward_id,
        version=one.version,
        supplier_id=supplier_id,
        supplier_sku=one.supplier.sku,
        cost=None if priced is None else priced.cost_total,
        cost_in_wallet=None if priced is None else priced.cost_in_wallet,
        fx_rate_id=None if priced is None else priced.fx_rate_id,
        fx_rate=priced.fx_rate.value if priced is not None and is_exchanged else None,
        score=found.score,
        excluded_because=because,
    )
    return source, price
