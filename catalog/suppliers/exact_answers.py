"""What adapters read out of answers: exact objects, amounts, keys, card texts and chosen orders."""

import json
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from catalog.suppliers.errors import FeedUnreadable, SupplierAnswerInvalid
from catalog.suppliers.json_pages import BadNumber, Page, read_page
from catalog.suppliers.model import Secret
from catalog.suppliers.port import OrderState, SupplierOrder
from payouts.money import CURRENCIES, Money, exponent_of

KEY_LENGTH_MAX = 80
CARD_LENGTH_MAX = 2_000
CHARGE_MINOR_MAX = 10**15
NUMBER_EXPONENT_MAX = 20

_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")


def opaque_key(value: Any) -> str | None:
    """Take a key of a supplier's own making; None when it is not safe in an address."""
    if not isinstance(value, str) or len(value) > KEY_LENGTH_MAX or not _KEY.fullmatch(value):
        return None
    return value


def exact_object(raw: bytes) -> dict[str, Any]:
    """Read a JSON object with exact numbers. Raises SupplierAnswerInvalid."""
    value = _value(raw, parse_float=_decimal)
    if not isinstance(value, dict):
        raise SupplierAnswerInvalid()
    return value


def read_digits(raw: bytes) -> Any:
    """Read JSON whose whole numbers stay texts, digit by digit. Raises SupplierAnswerInvalid.

    A number with a point or an exponent has lost digits and becomes a BadNumber.
    """
    return _value(raw, parse_int=str, parse_float=BadNumber)


def _value(raw: bytes, **readers: Any) -> Any:
    try:
        return json.loads(raw, parse_constant=BadNumber, **readers)
    except (ValueError, RecursionError):
        raise SupplierAnswerInvalid("The answer cannot be read.") from None


def _decimal(text: str) -> Decimal | BadNumber:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return BadNumber(text[:40])
    return number if abs(number.adjusted()) <= NUMBER_EXPONENT_MAX else BadNumber(text[:40])


def readable_page(raw: bytes, *, list_path: str) -> Page:
    """Read a page as far as it can be. Raises SupplierAnswerInvalid when it has no list at all."""
    try:
        return read_page(raw, list_path=list_path)
    except FeedUnreadable as unreadable:
        raise SupplierAnswerInvalid(unreadable.message) from None


def exact_page(raw: bytes, *, list_path: str) -> Page:
    """Read a page of which every item counts. Raises SupplierAnswerInvalid when any is damaged."""
    page = readable_page(raw, list_path=list_path)
    if page.cut is not None or page.remarks:
        raise SupplierAnswerInvalid("A page of the supplier's answer is damaged.")
    return page


def exact_money(amount: Any, currency: Any) -> Money | None:
    """Take an amount of major units that has no more digits than its currency."""
    exact = _minor(amount, currency)
    if exact is None or exact.denominator != 1:
        return None
    return Money(int(exact), currency)


def charged_money(amount: Any, currency: Any) -> Money | None:
    """Take what a supplier charged, half up: charges may have more digits than their currency."""
    exact = _minor(amount, currency)
    return None if exact is None else Money(int(exact + Fraction(1, 2)), currency)


def is_number(value: Any) -> bool:
    """Tell whether a value is an exact number; truth values are none."""
    return not isinstance(value, bool) and isinstance(value, int | Decimal | Fraction)


def differs(told: Any, asked: Money | int) -> bool:
    """Tell whether a number that an answer repeats is another than what was asked."""
    wanted = Decimal(asked.decimal) if isinstance(asked, Money) else asked
    return told is not None and not (is_number(told) and told == wanted)


def _minor(amount: Any, currency: Any) -> Fraction | None:
    if not is_number(amount):
        return None
    if not isinstance(currency, str) or currency not in CURRENCIES:
        return None
    exact = Fraction(amount) * 10 ** exponent_of(currency)
    return exact if 0 <= exact <= CHARGE_MINOR_MAX else None


def card_secret(value: Any) -> Secret | None:
    """Take a delivered text exactly as it is; None when there is none.

    Raises SupplierAnswerInvalid when it is no text, as a number may have lost its zeros.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > CARD_LENGTH_MAX:
        raise SupplierAnswerInvalid("A card cannot be read.")
    if any(ord(character) < 32 or 0xD800 <= ord(character) < 0xE000 for character in value):
        raise SupplierAnswerInvalid("A card cannot be read.")
    return Secret(value)


def chosen_order(found: list[SupplierOrder]) -> SupplierOrder | None:
    """Choose among orders of one key, earliest first, and name the others that are not failed.

    The one that succeeded counts, then the one that is pending, then the earliest.
    """
    rank = [OrderState.SUCCEEDED, OrderState.PENDING, OrderState.FAILED]
    ranked = sorted(found, key=lambda one: rank.index(one.state))
    if not ranked:
        return None
    first = ranked[0]
    others = tuple(
        one.reference
        for one in ranked[1:]
        if one.state is not OrderState.FAILED and one.reference != first.reference
    )
    return SupplierOrder(first.reference, first.state, first.cost, first.failure, others)
