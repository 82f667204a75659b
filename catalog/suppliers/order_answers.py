"""Reads answers about orders: exact numbers, money that is money, codes digit by digit."""

import json
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from catalog.suppliers.errors import SupplierAnswerInvalid
from catalog.suppliers.json_pages import BadNumber
from catalog.suppliers.model import Secret
from payouts.money import CURRENCIES, Money, exponent_of

CARD_LENGTH_MAX = 500
COST_MINOR_MAX = 10**15


def read_exactly(raw: bytes) -> dict[str, Any]:
    """Read a JSON object with exact numbers. Raises SupplierAnswerInvalid."""
    return _object(raw, parse_int=int, parse_float=_decimal)


def read_digits(raw: bytes) -> Any:
    """Read JSON whose whole numbers stay texts, digit by digit. Raises SupplierAnswerInvalid.

    A number with a point or an exponent has lost digits and becomes a BadNumber.
    """
    return _value(raw, parse_int=str, parse_float=BadNumber)


def card_text(value: Any) -> Secret | None:
    """Take a number or PIN exactly as it was delivered; none is None."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > CARD_LENGTH_MAX:
        raise SupplierAnswerInvalid("A card cannot be read.")
    if any(ord(character) < 32 or 0xD800 <= ord(character) < 0xE000 for character in value):
        raise SupplierAnswerInvalid("A card cannot be read.")
    return Secret(value)


def is_number(value: Any) -> bool:
    """Tell whether a value is an exact number; truth values are none."""
    return type(value) is int or isinstance(value, Decimal)


def exact_money(amount: Any, currency: Any) -> Money | None:
    """Take major units as money; None when they are not an amount of the currency, to the digit."""
    if not is_number(amount) or not isinstance(currency, str) or currency not in CURRENCIES:
        return None
    minor = Fraction(amount) * 10 ** exponent_of(currency)
    if minor.denominator != 1 or not 0 <= minor <= COST_MINOR_MAX:
        return None
    return Money(int(minor), currency)


def differs(told: Any, asked: Money | int) -> bool:
    """Tell whether a number that an answer repeats is another than what was asked."""
    wanted = Decimal(asked.decimal) if isinstance(asked, Money) else asked
    return told is not None and not (is_number(told) and told == wanted)


def _object(raw: bytes, **readers: Any) -> dict[str, Any]:
    value = _value(raw, **readers)
    if not isinstance(value, dict):
        raise SupplierAnswerInvalid()
    return value


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
    return number if abs(number.adjusted()) <= 20 else BadNumber(text[:40])
