"""Reads Tremendous' catalogue: the answer of `GET /products`.

A product may be sold in several currencies; each is an item of its own, whose sku is the product's
id with the currency. The adapter puts facts before the products: `country`, which the file is
about; `forex`, what one dollar is in other currencies; and `isWhole`. A file without them is read
for all countries, and only what is in dollars has a cost.

Assumed: an item costs its face value, in dollars at the rate of the day; what was really charged,
with fees, is in the order. The values of a product with several currencies each say theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

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
from payouts.money import CURRENCIES, Money, Rate, Rounding, convert

COST_CURRENCY = "USD"
LIST_PATH = "products"
VALUES_MAX = 500
CURRENCIES_MAX = 50
RATE_DIGITS = 12

_TEXTS = ("description", "disclosure", "usage_instructions")
_RULES = ("usage_instructions", "disclosure")


@dataclass(frozen=True, slots=True)
class _Terms:
    """On which terms a file is read."""

    country: str | None
    rates: Mapping[str, Decimal]
    """What one unit of a currency costs in dollars."""
    doubts: tuple[Reason, ...]


def read_tremendous_feed(raw: bytes) -> Feed:
    """Read a catalogue file; changes nothing.

    Every item stands alone: a bad one is refused with its reasons, the others are taken. Raises
    FeedUnreadable when the bytes hold no list of products at all.
    """
    page = read_page(raw, list_path=LIST_PATH)
    terms = _terms(page.facts)
    elements = [element for product, _ in page.items for element in _elements_of(product)]
    read = [
        _read_element(index, element, terms)
        for index, element in enumerate(elements)
        if not is_elsewhere(element, terms.country)
    ]
    read = refuse_absurd_prices(refuse_duplicates(read, elements, path="id"))
    return put_together(
        page,
        elements,
        read,
        country=terms.country,
        doubts=terms.doubts,
        list_path=LIST_PATH,
    )


def split_sku(sku: str) -> tuple[str, str] | None:
    """Take a sku apart into the product's id and the currency; None when it is none."""
    product, _, currency = sku.rpartition("-")
    is_sound = opaque_key(product) is not None and currency in CURRENCIES
    return (product, currency) if is_sound else None


def _terms(facts: Mapping[str, Any]) -> _Terms:
    country, doubts = read_country(facts)
    forex = facts.get("forex")
    rates = {COST_CURRENCY: Decimal(1)}
    for currency, amount in forex.items() if isinstance(forex, Members) else ():
        rate = _inverse(amount)
        if rate is not None and currency != COST_CURRENCY:
            rates[currency] = rate
    return _Terms(country, rates, tuple(doubts))


def _inverse(amount: Any) -> Decimal | None:
    """Turn units a dollar into dollars a unit, to so many digits; None when that is no rate."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal) or amount <= 0:
        return None
    scaled = round(10**RATE_DIGITS / Fraction(amount))
    return Decimal(scaled).scaleb(-RATE_DIGITS) if 0 < scaled <= 10**18 else None


def _elements_of(product: Any) -> list[Element]:
    """Give one element for each currency of a product; or why there is none."""
    if not isinstance(product, Members):
        return [Reason("$", f"must be an object, is {shown(product)}")]
    currencies = product.get("currency_codes")
    if not isinstance(currencies, list) or not 0 < len(currencies) <= CURRENCIES_MAX:
        return [Reason("currency_codes", "must be a list of currencies")]
    about = Members({**product, "images": _addresses(product.get("images"))})
    about["countries"] = _abbreviations(product.get("countries"))
    about.repeated = product.repeated
    for name in _TEXTS:
        about[name] = cleaned(product.get(name))
    elements: list[Element] = []
    for currency in currencies:
        element = Members({**about, "currency": currency})
        element.repeated = about.repeated
        elements.append(element)
    return elements


def _addresses(images: Any) -> Any:
    """Pictures are objects with their address."""
    if not isinstance(images, list):
        return images
    return [one.get("src") if isinstance(one, Members) else one for one in images]


def _abbreviations(countries: Any) -> Any:
    """Countries are objects with their code."""
    if not isinstance(countries, list):
        return countries
    return [one.get("abbr") if isinstance(one, Members) else one for one in countries]


def _sku(element: Members) -> str | None:
    product, currency = element.get("id"), element.get("currency")
    sku = f"{product}-{currency}"
    is_named = isinstance(product, str) and isinstance(currency, str)
    return sku if is_named and len(sku) <= KEY_LENGTH_MAX and split_sku(sku) else None


def _read_element(index: int, element: Element, terms: _Terms) -> ReadItem:
    if isinstance(element, Reason):
        return ReadItem(index, None, None, (element,))
    fields = ItemFields(element)
    fields.refuse_shape()
    item = _read_item(fields, terms)
    reasons = tuple(fields.reasons)
    return ReadItem(index, _sku(element), None if reasons else item, reasons)


def _read_item(fields: ItemFields, terms: _Terms) -> FeedItem | None:
    currency = fields.currency("currency")
    sku = _sku(fields.item)
    if sku is None:
        fields.refuse("id", f"must be a key of letters and digits, is {shown(fields.raw('id'))}")
    denominations, face_range = _read_offer(fields, currency, terms)
    values = {
        "supplier_sku": sku,
        "name": fields.text("name"),
        "brand_key": opaque_key(fields.raw("id")),
        "brand_name": fields.text("name"),
        "country": read_first_country(fields),
    }
    category = fields.text("category") if fields.raw("category") is not None else None
    logo_urls = fields.urls("images")
    about = fields.lines("description")
    rules = read_rules(fields, _RULES, path="disclosure", what="instructions and disclosure")
    if fields.reasons or currency is None:
        return None
    return FeedItem(
        **{name: value for name, value in values.items() if value is not None},  # type: ignore[arg-type]
        category=category,
        face_currency=currency,
        cost_currency=COST_CURRENCY,
        denominations=denominations,
        face_range=face_range,
        fee=Money.zero(COST_CURRENCY),
        fee_percent=Decimal(0),
        discount_percent=Decimal(0),
        logo_urls=logo_urls,
        instructions_concise=about or "",
        instructions_verbose=rules,
        is_active=True,
    )


def _read_offer(
    fields: ItemFields, currency: str | None, terms: _Terms
) -> tuple[tuple[Denomination, ...], FaceRange | None]:
    """Read the values in one currency: single ones, or one range."""
    nothing: tuple[tuple[Denomination, ...], None] = (), None
    bounds = _read_values(fields, currency)
    if bounds is None or currency is None:
        return nothing
    if currency not in terms.rates:
        fields.refuse("currency", f"no rate says what {currency} costs in {COST_CURRENCY}")
        return nothing
    rate = Rate(currency, COST_CURRENCY, terms.rates[currency])
    costs = [[_cost(fields, face, rate) for face in pair] for pair in bounds]
    singles = [
        Denomination(low, cost[0])
        for (low, high), cost in zip(bounds, costs, strict=True)
        if low == high and cost[0] is not None
    ]
    if len(singles) == len(bounds):
        if len({one.face for one in singles}) != len(singles):
            fields.refuse("skus", "names a face value twice")
        return tuple(sorted(singles, key=lambda one: one.face.minor)), None
    if len(bounds) > 1:
        fields.refuse("skus", "has ranges beside other values")
        return nothing
    (low, high), (min_cost, max_cost) = bounds[0], costs[0]
    if min_cost is None or max_cost is None:
        return nothing
    return (), FaceRange(low, high, Money(1, low.currency), min_cost, max_cost, rate.value)


def _read_values(fields: ItemFields, currency: str | None) -> list[tuple[Money, Money]] | None:
    """Read the bounds of every value in a currency; None when any cannot be read."""
    values = fields.raw("skus")
    if not isinstance(values, list) or not 0 < len(values) <= VALUES_MAX:
        fields.refuse("skus", f"must be a list of at most {VALUES_MAX} values, and not empty")
        return None
    read = [_read_value(fields, index, value, currency) for index, value in enumerate(values)]
    bounds = [one for one in read if one is not None]
    if not bounds and not fields.reasons:
        fields.refuse("skus", f"has no values in {currency}")
    return bounds if bounds and not fields.reasons else None


def _read_value(
    fields: ItemFields, index: int, value: Any, currency: str | None
) -> tuple[Money, Money] | None:
    path, currencies = f"skus.{index}", fields.raw("currency_codes")
    if not isinstance(value, Members):
        fields.refuse(path, f"must be an object, is {shown(value)}")
        return None
    named = value.get("currency_code", currencies[0] if len(currencies) == 1 else None)
    if named not in currencies:
        reason = f"must be one of the product's currencies, is {shown(named)}"
        fields.refuse(f"{path}.currency_code", reason)
    if named != currency:
        return None
    low, high = (fields.money(f"{path}.{end}", value.get(end), currency) for end in ("min", "max"))
    if low is None or high is None:
        return None
    if high < low:
        fields.refuse(f"{path}.min", "is more than max")
    return low, high


def _cost(fields: ItemFields, face: Money, rate: Rate) -> Money | None:
    cost = convert(face, rate, Rounding.HALF_UP)
    if not 0 < cost.minor <= PRICE_MINOR_MAX:
        fields.refuse("skus", f"{face} costs {cost}, which is no price")
        return None
    return cost
