"""Reads numbers that are written as text, exactly: in Latin or Arabic digits, with separators."""

import re
from decimal import Decimal

LENGTH_MAX = 40

_DIGITS: dict[int, str | None] = {
    ord(digit): str(n % 10) for n, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")
}
_SIGNS: dict[int, str | None] = {
    ord("−"): "-",
    ord("\u200e"): None,
    ord("\u200f"): None,
    ord("\u061c"): None,
}
"""The minus sign, and marks of direction that stand around numbers in Arabic text."""
_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_EXPONENT = re.compile(r"-?[\d.,]+[eE][+-]?\d+", re.ASCII)


def read_number(text: str, *, decimal_separator: str) -> Decimal | str:
    """Take a text as an exact number, or tell why it is none.

    The Arabic separators mean the same wherever they stand; of dot and comma `decimal_separator`
    says which is which. Thousands are three digits each, or are not taken for thousands at all.
    """
    if len(text) > LENGTH_MAX:
        return "is too long for a number"
    plain = text.strip().translate(_DIGITS | _SIGNS)
    if decimal_separator == ",":
        plain = plain.translate({ord(","): ".", ord("."): ","})
    plain = plain.replace("٫", ".").replace("٬", ",")
    if _PLAIN.fullmatch(plain):
        return Decimal(plain)
    if _GROUPED.fullmatch(plain):
        return Decimal(plain.replace(",", ""))
    if _EXPONENT.fullmatch(plain):
        return "is written with an exponent"
    return "must be a number"
