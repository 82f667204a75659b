"""Reads Reloadly's product catalogue: the answer of `GET /countries/{code}/products`."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from catalog.suppliers.feed_checks import ItemFields, key_text, shown
from catalog.suppliers.feed_rules import ReadItem, refuse_absurd_prices, refuse_duplicates
from catalog.suppliers.json_pages import Members, Page, read_page
from catalog.suppliers.model import (
    Denomination,
    FaceRange,
    Feed,
    FeedItem,
    Reason,
    RefusedItem,
)
from payouts.money import Money, exponent_of

DENOMINATIONS_MAX = 500
RATE_DIGITS_MAX = 12


def read_reloadly_feed(raw: bytes) -> Feed:
    """Read a catalogue file; changes nothing.

    Every item stands alone: a bad one is refused with its reasons, the others are taken. Raises
    FeedUnreadable when the bytes hold no list of items at all.
    """
    page = read_page(raw)
    read = [_read_element(index, value) for index, (value, _) in enumerate(page.items)]
    read = refuse_duplicates(read, [value for value, _ in page.items], path="productId")
    read = refuse_absurd_prices(read)
    refused = [RefusedItem(one.index, one.sku, one.reasons) for one in read if one.item is None]
    if page.cut is not None:
        reason = Reason("$", f"the rest of the list cannot be read: {page.cut}")
        refused.append(RefusedItem(len(read), None, (reason,)))
    remarks = (*page.remarks, *_doubts(page, refused))
    return Feed(
        items=tuple(one.item for one in read if one.item is not None),
        refused=tuple(refused),
        is_complete=not remarks,
        remarks=remarks,
    )


def _doubts(page: Page, refused: Sequence[RefusedItem]) -> list[Reason]:
    """Say why the page may not be the whole catalogue."""
    doubts = []
    if page.cut is not None:
        doubts.append(Reason("content", page.cut))
    elif any(one.supplier_sku is None for one in refused):
        doubts.append(Reason("content", "a refused item does not say which product it is"))
    if not page.items:
        doubts.append(Reason("content", "there are no items"))
    if page.facts.get("last") not in (None, True):
        doubts.append(Reason("last", "this is not the last page"))
    if page.facts.get("first") not in (None, True):
        doubts.append(Reason("first", "this is not the first page"))
    total = page.facts.get("totalElements")
    if total is not None and total != len(page.items):
        doubts.append(
            Reason("totalElements", f"says {shown(total)}, the list has {len(page.items)}")
        )
    return doubts


def _read_element(index: int, value: Any) -> ReadItem:
    if not isinstance(value, Members):
        reason = Reason("$", f"must be an object, is {shown(value)}")
        return ReadItem(index, None, None, (reason,))
    fields = ItemFields(value)
    fields.refuse_shape()
    item = _read_item(fields)
    sku = key_text(value.get("productId"))
    reasons = tuple(fields.reasons)
    return ReadItem(index, sku, None if reasons else item, reasons)


def _read_item(fields: ItemFields) -> FeedItem | None:
    face_currency = fields.currency("recipientCurrencyCode")
    cost_currency = fields.currency("senderCurrencyCode")
    has_category = fields.raw("category") is not None
    denominations, face_range = _read_offer(fields, face_currency, cost_currency)
    fee = fields.raw("senderFee")
    values = {
        "supplier_sku": fields.key("productId"),
        "name": fields.text("productName"),
        "brand_key": fields.key("brand.brandId"),
        "brand_name": fields.text("brand.brandName"),
        "country": fields.country("country.isoName"),
        "fee": fields.money("senderFee", 0 if fee is None else fee, cost_currency, zero=True),
        "fee_percent": fields.percent("senderFeePercentage"),
        "discount_percent": fields.percent("discountPercentage"),
        "instructions_concise": fields.lines("redeemInstruction.concise"),
        "instructions_verbose": fields.lines("redeemInstruction.verbose"),
        "is_active": _read_status(fields),
        "needs_user_id": fields.flag("additionalRequirements.userIdRequired", default=False),
    }
    category = fields.text("category.name") if has_category else None
    logo_urls = fields.urls("logoUrls")
    if fields.reasons or face_currency is None or cost_currency is None:
        return None
    return FeedItem(
        **{name: value for name, value in values.items() if value is not None},  # type: ignore[arg-type]
        category=category,
        face_currency=face_currency,
        cost_currency=cost_currency,
        denominations=denominations,
        face_range=face_range,
        logo_urls=logo_urls,
    )


def _read_status(fields: ItemFields) -> bool:
    """A status other than ACTIVE is not on sale; a catalogue without one lists what is."""
    status = fields.raw("status")
    if status is not None and not isinstance(status, str):
        fields.refuse("status", f"must be text, is {shown(status)}")
    return status in (None, "ACTIVE")


def _read_offer(
    fields: ItemFields, face_currency: str | None, cost_currency: str | None
) -> tuple[tuple[Denomination, ...], FaceRange | None]:
    kind = fields.raw("denominationType")
    if kind == "FIXED":
        return _read_denominations(fields, face_currency, cost_currency), None
    if kind == "RANGE":
        return (), _read_range(fields, face_currency, cost_currency)
    fields.refuse("denominationType", f"must be FIXED or RANGE, is {shown(kind)}")
    return (), None


def _read_denominations(
    fields: ItemFields, face_currency: str | None, cost_currency: str | None
) -> tuple[Denomination, ...]:
    faces = _money_list(fields, "fixedRecipientDenominations", face_currency)
    if not faces:
        if not fields.reasons:
            fields.refuse("fixedRecipientDenominations", "is empty")
        return ()
    costs = _costs(fields, faces, cost_currency)
    if costs is None or len(costs) != len(faces):
        return ()
    if len(set(faces)) != len(faces):
        fields.refuse("fixedRecipientDenominations", "names a face value twice")
    return tuple(
        Denomination(face, cost)
        for face, cost in sorted(zip(faces, costs, strict=True), key=lambda pair: pair[0].minor)
    )


def _costs(
    fields: ItemFields, faces: Sequence[Money], cost_currency: str | None
) -> list[Money] | None:
    """Read the cost of each face value from the list, the map, or both where they agree."""
    list_path, map_path = (
        "fixedSenderDenominations",
        "fixedRecipientToSenderDenominationsMap",
    )
    mapped = _cost_map(fields, map_path, faces[0].currency, cost_currency)
    if fields.raw(list_path) is None and mapped is not None:
        costs = [mapped[face] for face in faces if face in mapped]
    else:
        listed = _money_list(fields, list_path, cost_currency)
        if listed is None:
            return None
        costs = listed
    if len(costs) != len(faces):
        fields.refuse(list_path, f"has {len(costs)} costs for {len(faces)} face values")
    elif mapped is not None and mapped != dict(zip(faces, costs, strict=True)):
        fields.refuse(map_path, "disagrees with the lists of face values and costs")
    return costs


def _money_list(fields: ItemFields, path: str, currency: str | None) -> list[Money] | None:
    values = fields.raw(path)
    if not isinstance(values, list):
        fields.refuse(path, f"must be a list, is {shown(values)}")
        return None
    if len(values) > DENOMINATIONS_MAX:
        fields.refuse(path, f"has more than {DENOMINATIONS_MAX} values")
        return None
    amounts = [
        fields.money(f"{path}.{index}", value, currency) for index, value in enumerate(values)
    ]
    known = [amount for amount in amounts if amount is not None]
    return known if len(known) == len(amounts) else None


def _cost_map(
    fields: ItemFields, path: str, face_currency: str, cost_currency: str | None
) -> dict[Money, Money] | None:
    """Read the map of face value to cost; also in its documented form, a list of single pairs."""
    value = fields.raw(path)
    if value is None:
        return None
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, Members) for part in parts):
        fields.refuse(path, "must be a map of face values to costs")
        return None
    pairs = [pair for part in parts for pair in part.items()]
    if len(pairs) > DENOMINATIONS_MAX:
        fields.refuse(path, f"has more than {DENOMINATIONS_MAX} values")
        return None
    costs: dict[Money, Money] = {}
    for name, number in pairs:
        place = f"{path}.{shown(name)[1:-1]}"
        face = fields.money(place, _face_of_name(name), face_currency)
        cost = fields.money(place, number, cost_currency)
        if face is not None and cost is not None:
            if face in costs:
                fields.refuse(place, "names a face value twice")
            costs[face] = cost
    return costs


def _face_of_name(name: str) -> Decimal | str:
    whole, point, digits = name.partition(".")
    is_number = name.isascii() and whole.isdigit() and (digits.isdigit() or not point)
    return Decimal(name) if is_number and len(name) <= 20 else name


def _read_range(
    fields: ItemFields, face_currency: str | None, cost_currency: str | None
) -> FaceRange | None:
    names = {
        "minRecipientDenomination": face_currency,
        "maxRecipientDenomination": face_currency,
        "minSenderDenomination": cost_currency,
        "maxSenderDenomination": cost_currency,
    }
    amounts = [fields.money(name, fields.raw(name), currency) for name, currency in names.items()]
    bounds = [amount for amount in amounts if amount is not None]
    if len(bounds) != len(names):
        return None
    min_face, max_face, min_cost, max_cost = bounds
    if max_face < min_face:
        fields.refuse("minRecipientDenomination", "is more than maxRecipientDenomination")
    if max_cost < min_cost:
        fields.refuse("minSenderDenomination", "is more than maxSenderDenomination")
    if fields.raw("fixedRecipientDenominations"):
        fields.refuse("fixedRecipientDenominations", "must be empty for a range")
    rate = _rate(min_face, max_face, min_cost, max_cost)
    if rate is None:
        fields.refuse("minSenderDenomination", "the costs at both ends follow no one rate")
        return None
    return FaceRange(min_face, max_face, Money(1, min_face.currency), min_cost, max_cost, rate)


def _rate(min_face: Money, max_face: Money, min_cost: Money, max_cost: Money) -> Decimal | None:
    """Find the shortest rate that gives both costs, each to within one minor unit."""
    faces = (Fraction(min_face.decimal), Fraction(max_face.decimal))
    costs = (Fraction(min_cost.decimal), Fraction(max_cost.decimal))
    unit = Fraction(1, 10 ** exponent_of(min_cost.currency))
    exact = costs[1] / faces[1]
    for tolerance in (unit / 2, unit):
        for digits in range(RATE_DIGITS_MAX + 1):
            scaled = round(exact * 10**digits)
            rate = Fraction(scaled, 10**digits)
            errors = [abs(rate * face - cost) for face, cost in zip(faces, costs, strict=True)]
            if rate > 0 and max(errors) <= tolerance:
                return Decimal(scaled).scaleb(-digits)
    return None
