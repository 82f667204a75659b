"""What a supplier offers, as read from its catalogue, and the secrets it delivers."""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from catalog.availability import Availability
from payouts.money import Money, Rate, Rounding, convert, exponent_of

FEED_LOCALE = "en"
"""What a feed is taken to be written in where nothing says otherwise."""


@dataclass(frozen=True, slots=True)
class Denomination:
    """One face value on sale, and what the supplier charges for it before fee and discount."""

    face: Money
    cost: Money


@dataclass(frozen=True, slots=True)
class FaceRange:
    """Any face value between two bounds, at one rate: each in steps from the least, and the
    greatest."""

    min_face: Money
    max_face: Money
    step: Money
    min_cost: Money
    max_cost: Money
    cost_rate: Decimal
    """Cost per face, in major units of both currencies."""

    def has(self, face: Money) -> bool:
        """Whether a face value of its currency can be had."""
        is_on_step = (face.minor - self.min_face.minor) % self.step.minor == 0
        return self.min_face <= face <= self.max_face and (is_on_step or face == self.max_face)

    def cost_of(self, face: Money) -> Money | None:
        """Price a face value (half up to the minor unit); None if it cannot be had."""
        if not self.has(face):
            return None
        if face == self.min_face:
            return self.min_cost
        if face == self.max_face:
            return self.max_cost
        rate = Rate(face.currency, self.min_cost.currency, self.cost_rate)
        return max(convert(face, rate, Rounding.HALF_UP), self.min_cost)


@dataclass(frozen=True, slots=True)
class Translation:
    """What an item is called in a language other than that of its own texts."""

    locale: str
    name: str
    instructions_concise: str = ""
    instructions_verbose: str = ""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One thing a supplier sells in one country. Either `denominations` or `face_range` is set."""

    supplier_sku: str
    name: str
    brand_key: str
    brand_name: str
    category: str | None
    country: str
    face_currency: str
    cost_currency: str
    denominations: tuple[Denomination, ...]
    face_range: FaceRange | None
    fee: Money
    fee_percent: Decimal
    discount_percent: Decimal
    logo_urls: tuple[str, ...]
    instructions_concise: str
    instructions_verbose: str
    is_active: bool
    needs_user_id: bool = False
    translations: tuple[Translation, ...] = ()
    locale: str = FEED_LOCALE
    """The language of its own texts."""
    availability: Availability | None = None
    """What its catalogue says of its stock, None nothing. It is no part of the content: no version
    of a reward comes of it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the content, by which an unchanged item is recognised."""
        return _digest(self)

    def cost_of(self, face: Money) -> Money | None:
        """Tell what the supplier charges for a face value; None when it is not on sale."""
        if face.currency != self.face_currency:
            return None
        if self.face_range is not None:
            return self.face_range.cost_of(face)
        return next((one.cost for one in self.denominations if one.face == face), None)

    @property
    def prices(self) -> tuple[tuple[Money, Money], ...]:
        """Every pair of face and cost the supplier names."""
        if self.face_range is not None:
            bounds = self.face_range
            return (
                (bounds.min_face, bounds.min_cost),
                (bounds.max_face, bounds.max_cost),
            )
        return tuple((one.face, one.cost) for one in self.denominations)

    @property
    def ratios(self) -> tuple[Fraction, ...]:
        """Cost per face of every price, as bare numbers of major units."""
        above, below = 10 ** exponent_of(self.face_currency), 10 ** exponent_of(self.cost_currency)
        return tuple(_ratio(cost.minor * above, face.minor * below) for face, cost in self.prices)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused: the path inside the item and a sentence."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An item of a file that is not taken over."""

    index: int
    supplier_sku: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A supplier's catalogue as read from one file.

    Only a complete feed may withdraw what it does not name. Items refused by name are named: they
    are not withdrawn either. `remarks` say why a feed is not complete.
    """

    items: tuple[FeedItem, ...]
    refused: tuple[RefusedItem, ...]
    is_complete: bool
    remarks: tuple[Reason, ...] = ()

    @property
    def named_skus(self) -> frozenset[str]:
        """Every sku the file names, readable or refused."""
        refused = (one.supplier_sku for one in self.refused)
        return frozenset(item.supplier_sku for item in self.items) | frozenset(
            sku for sku in refused if sku is not None
        )


class Secret:
    """A text that shows itself only when asked to; repr, str and format are masked."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Hand out the text, exactly as it was given."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("A secret is not pickled.")


def plain(number: Decimal) -> str:
    """Write a number in one way only: no exponent, no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=10_000)
def _ratio(above: int, below: int) -> Fraction:
    """The same few faces stand in a catalogue again and again."""
    return Fraction(above, below)


def _digest(item: FeedItem) -> str:
    bounds = item.face_range
    content: list[Any] = [
        item.supplier_sku,
        item.name,
        item.brand_key,
        item.brand_name,
        item.category,
        item.country,
        item.face_currency,
        item.cost_currency,
        [[face.minor, cost.minor] for face, cost in item.prices],
        None if bounds is None else plain(bounds.cost_rate),
        # In the place of the least step nothing stands: what was read before keeps its digest.
        *([] if bounds is None or bounds.step.minor == 1 else [bounds.step.minor]),
        item.fee.minor,
        plain(item.fee_percent),
        plain(item.discount_percent),
        item.logo_urls,
        item.instructions_concise,
        item.instructions_verbose,
        item.is_active,
        item.needs_user_id,
    ]
    if item.translations:  # what was imported before there were any is still recognised
        content.append(
            [
                [one.locale, one.name, one.instructions_concise, one.instructions_verbose]
                for one in item.translations
            ]
        )
    if item.locale != FEED_LOCALE:
        content.append(item.locale)
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
