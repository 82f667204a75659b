"""Reads Xoxoday's catalogue: the answers of `getVouchers`, page by page, joined by the adapter.

The joined file is an object: `content` holds the pages as they came, `country` and `currency` say
for which country they were asked and in which currency the account pays, `last` whether the end
was reached.

Where its documentation is silent, this is assumed: `exchangeRate` is what one unit of the
product's currency costs in the account's, and may be missing where both are the same (the older
`exchangeRateRule` is not read); `fee` and `discount` are percentages of that cost; a product that
is listed is on sale. The shape of `brand` is not documented, so a product is its own brand.
"""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.errors import FeedUnreadable
from catalog.suppliers.feed_checks import ItemFields, key_text, shown
from catalog.suppliers.feed_rules import ReadItem, refuse_absurd_prices, refuse_duplicates
from catalog.suppliers.html_text import whole_text
from catalog.suppliers.json_pages import ITEMS_MAX, Members, Page, read_page
from catalog.suppliers.model import Denomination, FaceRange, Feed, FeedItem, Reason, RefusedItem
from payouts.money import CURRENCIES, Money, Rate, Rounding, convert

DENOMINATIONS_MAX = 500
LIST_LENGTH_MAX = 5_000
RATE_MAX = 10**9
RATE_DIGITS_MAX = 12

_FACE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


def read_xoxoday_feed(raw: bytes) -> Feed:
    """Read a joined catalogue file; changes nothing.

    Every item stands alone: a bad one is refused with its reasons, the others are taken. Raises
    FeedUnreadable when the file has no pages, or does not say for which country and currency.
    """
    page = read_page(raw)
    country, currency = page.facts.get("country"), page.facts.get("currency")
    if country not in COUNTRIES or currency not in CURRENCIES:
        raise FeedUnreadable("The file does not say for which country and currency it is.")
    values, doubts = _flattened(page)
    read = [_read_element(index, one, country, currency) for index, one in enumerate(values)]
    read = refuse_absurd_prices(refuse_duplicates(read, values, path="productId"))
    refused = [RefusedItem(one.index, one.sku, one.reasons) for one in read if one.item is None]
    if any(one.supplier_sku is None for one in refused):
        doubts.append(Reason("content", "a refused item does not say which product it is"))
    return Feed(
        items=tuple(one.item for one in read if one.item is not None),
        refused=tuple(refused),
        is_complete=not doubts,
        remarks=tuple(doubts),
    )


def _flattened(page: Page) -> tuple[list[Any], list[Reason]]:
    """Join the items of all pages, and say why they may not be the whole catalogue."""
    doubts = list(page.remarks)
    values: list[Any] = []
    for number, (answer, _) in enumerate(page.items):
        items = listed_in(answer)
        if items is None:
            doubts.append(Reason(f"content.{number}", "is not a page of vouchers"))
        else:
            values.extend(items)
    if page.cut is not None:
        doubts.append(Reason("content", page.cut))
    if not values:
        doubts.append(Reason("content", "there are no items"))
    if len(values) > ITEMS_MAX:
        doubts.append(Reason("content", f"more than {ITEMS_MAX} items are not taken"))
    if page.facts.get("last") is not True:
        doubts.append(Reason("last", "this is not the last page"))
    return values[:ITEMS_MAX], doubts


def listed_in(answer: Any) -> list[Any] | None:
    """Find the items in one answer; None when it is not a page."""
    value = answer
    for name in ("data", "getVouchers"):
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, dict) or value.get("status") != 1:
        return None
    items = value.get("data")
    return items if isinstance(items, list) else None


def _read_element(index: int, value: Any, country: str, currency: str) -> ReadItem:
    if not isinstance(value, Members):
        reason = Reason("$", f"must be an object, is {shown(value)}")
        return ReadItem(index, None, None, (reason,))
    fields = ItemFields(value)
    fields.refuse_shape()
    item = _read_item(fields, country, currency)
    reasons = tuple(fields.reasons)
    return ReadItem(index, key_text(value.get("productId")), None if reasons else item, reasons)


def _read_item(fields: ItemFields, country: str, currency: str) -> FeedItem | None:
    sku, name = fields.key("productId"), _line(fields, "name")
    face_currency = fields.currency("currencyCode")
    rate = _rate(fields, face_currency, currency)
    denominations, face_range = _read_offer(fields, face_currency, rate)
    fee_percent, discount_percent = fields.percent("fee"), fields.percent("discount")
    concise = _lines(fields, "redemptionInstructions")
    verbose = _lines(fields, "termsAndConditionsInstructions")
    validity = _lines(fields, "expiryAndValidity")
    needs_user_id = fields.flag("isPhoneNumberMandatory", default=False)
    logo = fields.url("imageUrl")
    _refuse_unknown_delivery(fields)
    _refuse_elsewhere(fields, country)
    if fields.reasons or sku is None or name is None or face_currency is None:
        return None
    return FeedItem(
        supplier_sku=sku,
        name=name,
        brand_key=sku,
        brand_name=name,
        category=_category(fields),
        country=country,
        face_currency=face_currency,
        cost_currency=currency,
        denominations=denominations,
        face_range=face_range,
        fee=Money(0, currency),
        fee_percent=fee_percent or Decimal(0),
        discount_percent=discount_percent or Decimal(0),
        logo_urls=() if logo is None else (logo,),
        instructions_concise=concise,
        instructions_verbose="\n".join(part for part in (validity, verbose) if part),
        is_active=True,
        needs_user_id=bool(needs_user_id),
    )


def _line(fields: ItemFields, path: str) -> str | None:
    """Read a line of text in which characters may be escaped."""
    return _plain(fields, path, fields.text(path))


def _lines(fields: ItemFields, path: str) -> str:
    """Read optional text with markup."""
    return _plain(fields, path, fields.lines(path)) or ""


def _plain(fields: ItemFields, path: str, text: str | None) -> str | None:
    plain = None if text is None else _whole(text)
    if text is not None and plain is None:
        fields.refuse(path, "has markup that is not whole")
    # What was escaped is a character like any other now.
    elif plain and any((ord(mark) < 32 and mark != "\n") or mark in _HIDDEN for mark in plain):
        fields.refuse(path, "has a control or text direction character, escaped")
    return plain


def _whole(text: str) -> str | None:
    """Read text with markup, in which blanks that do not break are blanks like any other."""
    plain = whole_text(text)
    return None if plain is None else _BLANKS.sub(" ", plain).strip()


_BLANKS = re.compile(r"[ \t\r\u00a0]+")
_HIDDEN = frozenset("\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _refuse_unknown_delivery(fields: ItemFields) -> None:
    kind = fields.raw("deliveryType")
    if kind not in ("realtime", "delayed"):
        fields.refuse("deliveryType", f"must be realtime or delayed, is {shown(kind)}")
    # The days until delivery come as a number or as its digits.
    days = fields.raw("tatInDays")
    text = days if isinstance(days, str) else str(days)
    if days not in (None, "") and not (text.isascii() and text.isdigit() and len(text) <= 3):
        fields.refuse("tatInDays", f"must be a number of days, is {shown(days)}")


def _refuse_elsewhere(fields: ItemFields, country: str) -> None:
    """Refuse a product that cannot be used in the country that was asked for."""
    listed = fields.raw("countries")
    codes = [one.get("code") for one in listed if isinstance(one, dict)] if _is_list(listed) else []
    if country not in codes and fields.raw("countryCode") != country:
        fields.refuse("countries", f"does not have {country}")


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= len(COUNTRIES)


def _category(fields: ItemFields) -> str | None:
    """Take the first of the product's categories."""
    value = fields.raw("categories")
    if not isinstance(value, str):
        return None
    first = _whole(value[:LIST_LENGTH_MAX].replace("&amp;", "&").split(",")[0])
    return first[:100] if first and first.isprintable() else None


def _rate(fields: ItemFields, face_currency: str | None, currency: str) -> Rate | None:
    """Read what one unit of the face's currency costs."""
    if face_currency is None:
        return None
    value = fields.raw("exchangeRate")
    if value is None and face_currency == currency:
        value = 1
    number = fields.number("exchangeRate", value)
    if number is None:
        return None
    if not 0 < number <= RATE_MAX or Fraction(number).denominator > 10**RATE_DIGITS_MAX:
        fields.refuse("exchangeRate", f"is out of bounds: {number}")
        return None
    return Rate(face_currency, currency, number)


def _read_offer(
    fields: ItemFields, currency: str | None, rate: Rate | None
) -> tuple[tuple[Denomination, ...], FaceRange | None]:
    kind = fields.raw("valueType")
    if kind == "fixed_denomination":
        return _read_denominations(fields, currency, rate), None
    if kind == "open_value":
        return (), _read_range(fields, currency, rate)
    fields.refuse("valueType", f"must be fixed_denomination or open_value, is {shown(kind)}")
    return (), None


def _read_denominations(
    fields: ItemFields, currency: str | None, rate: Rate | None
) -> tuple[Denomination, ...]:
    path = "valueDenominations"
    value = fields.raw(path)
    if not isinstance(value, str) or not 0 < len(value) <= LIST_LENGTH_MAX:
        fields.refuse(path, f"must be a list of face values in a text, is {shown(value)}")
        return ()
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > DENOMINATIONS_MAX or not all(_FACE.fullmatch(part) for part in parts):
        fields.refuse(path, f"must be numbers between commas, is {shown(value)}")
        return ()
    if currency is None or rate is None:
        return ()
    faces = [fields.money(path, Decimal(part), currency) for part in parts]
    known = sorted((one for one in faces if one is not None), key=lambda one: one.minor)
    if len(set(known)) != len(known):
        fields.refuse(path, "names a face value twice")
    priced = [(face, _cost(fields, path, face, rate)) for face in known]
    return tuple(Denomination(face, cost) for face, cost in priced if cost is not None)


def _read_range(fields: ItemFields, currency: str | None, rate: Rate | None) -> FaceRange | None:
    least, most = (fields.money(one, fields.raw(one), currency) for one in ("minValue", "maxValue"))
    if least is None or most is None or rate is None:
        return None
    if most < least:
        fields.refuse("minValue", "is more than maxValue")
        return None
    costs = [_cost(fields, "exchangeRate", face, rate) for face in (least, most)]
    if costs[0] is None or costs[1] is None:
        return None
    return FaceRange(least, most, Money(1, least.currency), costs[0], costs[1], rate.value)


def _cost(fields: ItemFields, path: str, face: Money, rate: Rate) -> Money | None:
    """Price a face in the account's currency, half up to its minor unit."""
    if Fraction(face.decimal) * Fraction(rate.value) > RATE_MAX:
        fields.refuse(path, f"the cost of {face} is beyond any price")
        return None
    cost = convert(face, rate, Rounding.HALF_UP)
    if cost.minor <= 0:
        fields.refuse(path, f"the cost of {face} is nothing")
        return None
    return cost
