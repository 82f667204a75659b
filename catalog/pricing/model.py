"""Prices: what a member pays, line by line, and what the network owes the supplier for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from catalog.margins import Margin, Subject, deciding_margin, subjects_of
from catalog.pricing.errors import CurrencyNotOffered, RewardHasNoPrice
from catalog.pricing.points import points_for
from catalog.rewards import FaceNotOnSale, GiftCardTerms, OfferTerms, Reward
from catalog.suppliers import SupplierTerms
from payouts.fx import FxRate, FxRateMissing, FxRateStale, usable_rate
from payouts.money import POINTS_UNIT, Money, Points, Rounding, proportion, share_of
from payouts.refusal import Refusal

PERCENT_SCALE = 10**6
"""Percentages of suppliers have at most six digits after the point."""


class PriceLineKind(StrEnum):
    """What a line of a price is for."""

    FACE = "face"
    MARGIN = "margin"
    FEE = "fee"
    DISCOUNT = "discount"
    FX = "fx"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of a price, in the member's currency; a discount is negative."""

    kind: PriceLineKind
    amount: Money


@dataclass(frozen=True, slots=True)
class CostLines:
    """What a supplier charges, in its currency: its cost of the face, its fees, its discount."""

    cost: Money
    fee: Money
    discount: Money
    """Below zero."""

    @property
    def total(self) -> Money:
        """What the network owes the supplier."""
        return self.cost + self.fee + self.discount


@dataclass(frozen=True, slots=True)
class Price:
    """What one piece costs: lines that sum to the total, and the rate that was used.

    `costs` is what the network owes the supplier, in the supplier's currency: cost and fees less
    the whole discount; `cost_in_wallet` is their sum in the member's currency. Both are None when
    nothing is bought from a supplier. `points_rate` is what a point counts for, when that is known.
    """

    lines: tuple[PriceLine, ...]
    face: Money
    costs: CostLines | None
    cost_in_wallet: Money | None
    fx_rate: FxRate
    supplier_id: UUID | None = None
    margin_id: UUID | None = None
    points_rate: FxRate | None = None

    @property
    def cost_total(self) -> Money | None:
        """What the network owes the supplier."""
        return None if self.costs is None else self.costs.total

    @property
    def points(self) -> Points | None:
        """How many points pay all of it; None when no rate of points is in force."""
        if self.points_rate is None or self.total.minor <= 0:
            return None
        return points_for(self.total, self.points_rate)

    @property
    def total(self) -> Money:
        """What the member pays."""
        total = Money.zero(self.fx_rate.quote)
        for line in self.lines:
            total += line.amount
        return total

    @property
    def fx_rate_id(self) -> UUID | None:
        """The rate's publication; None when no exchange was needed."""
        return self.fx_rate.fx_rate_id

    def amount_of(self, kind: PriceLineKind) -> Money:
        """What a line comes to; zero when there is none."""
        zero = Money.zero(self.fx_rate.quote)
        return next((line.amount for line in self.lines if line.kind is kind), zero)


@dataclass(frozen=True, slots=True)
class PriceBook:
    """What prices in one currency depend on besides the rewards, read once for a whole page."""

    currency: str
    suppliers: Mapping[UUID, SupplierTerms]
    rates: Mapping[str, FxRate]
    now: datetime
    margins: Mapping[Subject, Margin] = field(default_factory=dict)

    def rate_from(self, base: str) -> FxRate:
        """The rate into the book's currency. Raises FxRateMissing or FxRateStale."""
        return usable_rate(self.rates.get(base), base=base, quote=self.currency, now=self.now)

    @property
    def points_rate(self) -> FxRate | None:
        """What a point counts for; None when no rate is in force."""
        try:
            return self.rate_from(POINTS_UNIT)
        except (FxRateMissing, FxRateStale):
            return None


def price_reward(
    reward: Reward, *, face: Money | None, book: PriceBook, shown: Reward | None = None
) -> Price:
    """Price one piece of a reward in the book's currency.

    A card of a supplier: FACE is its cost converted, MARGIN what the network adds to that or gives
    of it, FEE the flat and the percentage fee converted, DISCOUNT the member's share of the
    supplier's discount converted, and FX the network's margin on FACE when the currencies differ.
    A line that is always zero, for want of a margin or of another currency, is not there. Every
    step rounds half to even: the percentages and the share in the supplier's currency, then each
    line on its own when it is converted. A card of the network costs its face, an experience its
    price. `shown` is the reward that this one is sold as: of that are the brand and the category
    whose margin counts.

    Raises RewardHasNoPrice, FaceNotOnSale, CurrencyNotOffered, FxRateMissing or FxRateStale.
    """
    terms = reward.terms
    if isinstance(terms, OfferTerms):
        raise RewardHasNoPrice(reward_id=reward.reward_id)
    if not isinstance(terms, GiftCardTerms):
        return _plain_price(terms.price, book)
    if face is None:
        raise RewardHasNoPrice(
            "A gift card is priced by its face.", reward_id=reward.reward_id, path=("face",)
        )
    cost = terms.cost_of(face)
    if reward.supplier is None:
        return _plain_price(face, book)
    supplier = book.suppliers[reward.supplier.supplier_id]
    seen = reward if shown is None else shown
    brand_id = None if seen.brand is None else seen.brand.brand_id
    subjects = subjects_of(
        brand_id=brand_id, category=seen.category, supplier_id=supplier.supplier_id
    )
    margin = deciding_margin(book.margins, subjects)
    return price_card(terms, face=face, cost=cost, supplier=supplier, margin=margin, book=book)


def price_cheapest(sources: Sequence[Reward], *, face: Money | None, book: PriceBook) -> Price:
    """Price one piece as bought from the source that costs the network least, the own one first.

    Of equally dear ones that with the lower price counts. Another's item that wants an account of
    the member's does not count, and it is not asked how suppliers deliver. Raises what the pricing
    of the first raises, when none has a price.
    """
    prices, refusals = list[Price](), list[Refusal]()
    own, *others = sources
    for one in [own, *(each for each in others if not each.gift_card.needs_user_id)]:
        try:
            prices.append(price_reward(one, face=face, book=book, shown=own))
        except (FaceNotOnSale, FxRateMissing, FxRateStale) as refusal:
            refusals.append(refusal)
    if not prices:
        raise refusals[0]
    return min(prices, key=_dearness)


def _dearness(price: Price) -> tuple[int, int]:
    cost = price.total if price.cost_in_wallet is None else price.cost_in_wallet
    return cost.minor, price.total.minor


def price_card(
    terms: GiftCardTerms,
    *,
    face: Money,
    cost: Money,
    supplier: SupplierTerms,
    margin: Margin | None = None,
    book: PriceBook,
) -> Price:
    """Price a card that is bought from a supplier; the rules are those of price_reward."""
    fx = book.rate_from(terms.cost_currency)
    costs = _costs_of(terms, cost)
    passed_on = share_of(
        -costs.discount, basis_points=supplier.discount_share_bps, rounding=Rounding.HALF_EVEN
    )
    in_wallet = fx.convert(cost, Rounding.HALF_EVEN)
    lines = [
        PriceLine(PriceLineKind.FACE, in_wallet),
        *_margin_line(in_wallet, margin),
        PriceLine(PriceLineKind.FEE, fx.convert(costs.fee, Rounding.HALF_EVEN)),
        PriceLine(PriceLineKind.DISCOUNT, -fx.convert(passed_on, Rounding.HALF_EVEN)),
    ]
    if fx.base != fx.quote:
        exchange = share_of(
            in_wallet, basis_points=supplier.fx_margin_bps, rounding=Rounding.HALF_EVEN
        )
        lines.append(PriceLine(PriceLineKind.FX, exchange))
    return Price(
        lines=tuple(lines),
        face=face,
        costs=costs,
        cost_in_wallet=fx.convert(costs.total, Rounding.HALF_EVEN),
        fx_rate=fx,
        supplier_id=supplier.supplier_id,
        margin_id=None if margin is None else margin.margin_id,
        points_rate=book.points_rate,
    )


def shown_to_members(lines: Iterable[PriceLine]) -> tuple[PriceLine, ...]:
    """Show a price without what the network earns by it: the margin is part of FACE."""
    told = tuple(lines)
    margins = [one.amount for one in told if one.kind is PriceLineKind.MARGIN]
    return tuple(
        replace(one, amount=sum(margins, start=one.amount))
        if one.kind is PriceLineKind.FACE
        else one
        for one in told
        if one.kind is not PriceLineKind.MARGIN
    )


def cost_of_card(terms: GiftCardTerms, face: Money) -> Money:
    """Tell what a supplier charges for a face in all, in its currency. Raises FaceNotOnSale."""
    return _costs_of(terms, terms.cost_of(face)).total


def _costs_of(terms: GiftCardTerms, cost: Money) -> CostLines:
    fee = terms.fee + percent_of(cost, terms.fee_percent)
    return CostLines(cost, fee, -percent_of(cost, terms.discount_percent))


def percent_of(amount: Money, percent: Decimal) -> Money:
    """Take a percentage, rounded half to even."""
    part = Fraction(percent) * PERCENT_SCALE
    assert part.denominator == 1, "a percentage has at most six digits after the point"
    return proportion(
        amount, part=int(part), whole=100 * PERCENT_SCALE, rounding=Rounding.HALF_EVEN
    )


def _margin_line(in_wallet: Money, margin: Margin | None) -> tuple[PriceLine, ...]:
    if margin is None or margin.margin_bps == 0:
        return ()
    amount = share_of(in_wallet, basis_points=margin.margin_bps, rounding=Rounding.HALF_EVEN)
    return (PriceLine(PriceLineKind.MARGIN, amount),)


def _plain_price(amount: Money, book: PriceBook) -> Price:
    if amount.currency != book.currency:
        raise CurrencyNotOffered(offered=amount.currency, asked=book.currency)
    return Price(
        lines=(PriceLine(PriceLineKind.FACE, amount),),
        face=amount,
        costs=None,
        cost_in_wallet=None,
        fx_rate=book.rate_from(amount.currency),
        points_rate=book.points_rate,
    )
