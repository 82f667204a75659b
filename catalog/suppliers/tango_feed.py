"""Reads Tango's catalogue: the answer of `GET /catalogs`, brands with their items.

The adapter puts facts before the brands that the catalogue itself does not tell: `country`, which
the file is about; `currency`, in which the account is charged; `exchangeRates`; and `isWhole`. A
file without a country is read for all of them; without a currency no cost is known, and every item
is refused.

Assumed: an item costs its face value, at the rate of the day when the account has another
currency (`baseFx` is what one unit of the reward's currency costs); what was really charged is in
the order. An item that takes whole amounts only is a range of those between its bounds.
What is active is in stock; what is not is off sale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from catalog.availability import Availability
from catalog.suppliers.country_feed import (
    Element,
    cleaned,
    is_elsewhere,
    put_together,
    read_country,
    read_first_country,
    read_rules,
)
from catalog.suppliers.exact_answers import KEY_LENGTH_MAX, opaque_key
from catalog.suppliers.feed_checks import (
    PRICE_MINOR_MAX,
    ItemFields,
    shown,
)
from catalog.suppliers.feed_rules import ReadItem, refuse_absurd_prices, refuse_duplicates
from catalog.suppliers.json_pages import Members, read_page
from catalog.suppliers.model import (
    Denomination,
    FaceRange,
    Feed,
    FeedItem,
    Reason,
)
from payouts.money import CURRENCIES, Money, Rate, Rounding, convert, exponent_of

LIST_PATH = "brands"
RATE_DIGITS_MAX = 12
RATE_MAX = 10**6

_BRAND_TEXTS = ("description", "shortDescription", "disclaimer", "terms")
_RULES = ("redemptionInstructions", "brand.disclaimer", "brand.terms")


@dataclass(frozen=True, slots=True)
class _Terms:
    """On which terms a file is read."""

    country: str | None
    currency: str | None
    rates: Mapping[str, Decimal]
    doubts: tuple[Reason, ...]


def read_tango_feed(raw: bytes) -> Feed:
    """Read a catalogue file; changes nothing.

    Every item stands alone: a bad one is refused with its reasons, the others are taken. Raises
    FeedUnreadable when the bytes hold no list of brands at all.
    """
    page = read_page(raw, list_path=LIST_PATH)
    terms = _terms(page.facts)
    elements = [element for brand, _ in page.items for element in _elements_of(brand)]
    read = [
        _read_element(index, element, terms)
        for index, element in enumerate(elements)
        if not is_elsewhere(element, terms.country)
    ]
    read = refuse_absurd_prices(refuse_duplicates(read, elements, path="utid"))
    return put_together(
        page,
        elements,
        read,
        country=terms.country,
        doubts=terms.doubts,
        list_path=LIST_PATH,
    )


def _terms(facts: Mapping[str, Any]) -> _Terms:
    country, doubts = read_country(facts)
    currency = facts.get("currency")
    if currency is not None and not (isinstance(currency, str) and currency in CURRENCIES):
        doubts.append(Reason("currency", f"must be a known currency, is {shown(currency)}"))
        currency = None
    rates = facts.get("exchangeRates") if currency is not None else None
    return _Terms(country, currency, _rates(rates, currency), tuple(doubts))


def _rates(values: Any, currency: str | None) -> dict[str, Decimal]:
    """What one unit of each currency costs in ours; rates that cannot be read are not there."""
    rates = {}
    for value in values if isinstance(values, list) else []:
        if not isinstance(value, Members) or value.get("baseCurrency") != currency:
            continue
        reward, rate = value.get("rewardCurrency"), value.get("baseFx")
        if type(rate) is int:
            rate = Decimal(rate)
        if isinstance(reward, str) and isinstance(rate, Decimal) and _is_usable(rate):
            rates[reward] = rate
    return rates


def _is_usable(rate: Decimal) -> bool:
    return 0 < rate <= RATE_MAX and Fraction(rate).denominator <= 10**RATE_DIGITS_MAX


def _elements_of(brand: Any) -> list[Element]:
    """Give the items of a brand, each with what is said of the brand; or why there are none."""
    if not isinstance(brand, Members):
        return [Reason("$", f"must be an object, is {shown(brand)}")]
    items = brand.get("items")
    if not isinstance(items, list):
        return [Reason("items", f"must be a list, is {shown(items)}")]
    about = Members({name: value for name, value in brand.items() if name != "items"})
    about.repeated = brand.repeated
    for name in _BRAND_TEXTS:
        about[name] = cleaned(brand.get(name))
    about["imageUrls"] = _listed(brand.get("imageUrls"))
    return [_element(about, item) for item in items]


def _element(about: Members, item: Any) -> Element:
    if not isinstance(item, Members):
        return Reason("$", f"must be an object, is {shown(item)}")
    text = cleaned(item.get("redemptionInstructions"))
    element = Members({**item, "redemptionInstructions": text, "brand": about})
    element.repeated = item.repeated
    return element


def _listed(images: Any) -> Any:
    """Pictures are named by their width, such as 300w-326ppi; the widest comes first."""
    if not isinstance(images, Members):
        return images
    return [images[name] for name in sorted(images, key=_width, reverse=True)]


def _width(name: str) -> tuple[int, str]:
    digits = name.partition("w")[0]
    is_width = digits.isascii() and digits.isdigit() and len(digits) <= 6
    return int(digits) if is_width else 0, name


def _read_element(index: int, element: Element, terms: _Terms) -> ReadItem:
    if isinstance(element, Reason):
        return ReadItem(index, None, None, (element,))
    fields = ItemFields(element)
    fields.refuse_shape()
    item = _read_item(fields, terms)
    reasons = tuple(fields.reasons)
    return ReadItem(index, opaque_key(element.get("utid")), None if reasons else item, reasons)


def _read_item(fields: ItemFields, terms: _Terms) -> FeedItem | None:
    face_currency = fields.currency("currencyCode")
    cost_currency = terms.currency
    if cost_currency is None:
        fields.refuse("currency", "the file does not say what the account is charged in")
    rate = _rate(fields, face_currency, cost_currency, terms)
    denominations, face_range = _read_offer(fields, face_currency, rate)
    values = {
        "supplier_sku": _key(fields, "utid"),
        "name": fields.text("rewardName"),
        "brand_key": _key(fields, "brand.brandKey"),
        "brand_name": fields.text("brand.brandName"),
        "country": read_first_country(fields),
    }
    is_active = [_is_active(fields, path) for path in ("status", "brand.status")]
    logo_urls = fields.urls("brand.imageUrls")
    about = fields.lines("brand.shortDescription") or fields.lines("brand.description")
    rules = read_rules(fields, _RULES, path="brand.terms", what="instructions and terms")
    if fields.reasons or face_currency is None or cost_currency is None:
        return None
    return FeedItem(
        **{name: value for name, value in values.items() if value is not None},  # type: ignore[arg-type]
        category=None,
        face_currency=face_currency,
        cost_currency=cost_currency,
        denominations=denominations,
        face_range=face_range,
        fee=Money.zero(cost_currency),
        fee_percent=Decimal(0),
        discount_percent=Decimal(0),
        logo_urls=logo_urls,
        instructions_concise=about or "",
        instructions_verbose=rules,
        is_active=all(is_active),
        availability=Availability.IN_STOCK if all(is_active) else Availability.OUT,
    )


def _key(fields: ItemFields, path: str) -> str | None:
    key = opaque_key(fields.raw(path))
    if key is None:
        rule = f"must be a key of at most {KEY_LENGTH_MAX} letters and digits"
        fields.refuse(path, f"{rule}, is {shown(fields.raw(path))}")
    return key


def _is_active(fields: ItemFields, path: str) -> bool:
    """Anything but active is not on sale, also for a while; a file without it lists what is."""
    status = fields.raw(path)
    if status is not None and not isinstance(status, str):
        fields.refuse(path, f"must be text, is {shown(status)}")
        return False
    return status is None or status.lower() == "active"


def _rate(
    fields: ItemFields, face_currency: str | None, cost_currency: str | None, terms: _Terms
) -> Rate | None:
    if face_currency is None or cost_currency is None:
        return None
    value = Decimal(1) if face_currency == cost_currency else terms.rates.get(face_currency)
    if value is None:
        fields.refuse("currencyCode", f"no rate says what {face_currency} costs in {cost_currency}")
        return None
    return Rate(face_currency, cost_currency, value)


def _read_offer(
    fields: ItemFields, currency: str | None, rate: Rate | None
) -> tuple[tuple[Denomination, ...], FaceRange | None]:
    kind = fields.raw("valueType")
    if kind == "FIXED_VALUE":
        face = fields.money("faceValue", fields.raw("faceValue"), currency)
        cost = _cost(fields, "faceValue", face, rate)
        return (() if face is None or cost is None else (Denomination(face, cost),)), None
    if kind == "VARIABLE_VALUE":
        return (), _read_range(fields, currency, rate)
    fields.refuse("valueType", f"must be FIXED_VALUE or VARIABLE_VALUE, is {shown(kind)}")
    return (), None


def _read_range(fields: ItemFields, currency: str | None, rate: Rate | None) -> FaceRange | None:
    least = fields.money("minValue", fields.raw("minValue"), currency)
    most = fields.money("maxValue", fields.raw("maxValue"), currency)
    is_whole = fields.flag("isWholeAmountValueRequired", default=False)
    if least is None or most is None or is_whole is None or rate is None:
        return None
    if most < least:
        fields.refuse("minValue", "is more than maxValue")
        return None
    step = 10 ** exponent_of(least.currency) if is_whole else 1
    low, high = (
        Money(minor, least.currency)
        for minor in (-(-least.minor // step) * step, most.minor // step * step)
    )
    if high < low:
        fields.refuse("minValue", "there is no whole amount up to maxValue")
        return None
    min_cost, max_cost = _cost(fields, "minValue", low, rate), _cost(fields, "maxValue", high, rate)
    if min_cost is None or max_cost is None:
        return None
    return FaceRange(low, high, Money(step, low.currency), min_cost, max_cost, rate.value)


def _cost(fields: ItemFields, path: str, face: Money | None, rate: Rate | None) -> Money | None:
    if face is None or rate is None:
        return None
    cost = convert(face, rate, Rounding.HALF_UP)
    if cost.minor <= 0:
        fields.refuse(path, f"{face} costs less than the smallest unit of {rate.quote}")
        return None
    if cost.minor > PRICE_MINOR_MAX:
        fields.refuse(path, f"{face} costs {cost}, which is beyond any price")
        return None
    return cost
