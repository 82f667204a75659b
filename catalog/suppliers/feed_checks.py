"""Reads the fields of one feed item and collects every reason against it."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.json_pages import DEPTH_MAX, BadNumber, Members
from catalog.suppliers.model import Reason
from payouts.money import CURRENCIES, Money, exponent_of

SKU_DIGITS_MAX = 18
NAME_LENGTH_MAX = 200
INSTRUCTIONS_LENGTH_MAX = 20_000
URL_LENGTH_MAX = 2_000
URLS_MAX = 20
PRICE_MINOR_MAX = 10**12
PERCENT_DIGITS_MAX = 6
REASONS_MAX = 20
SHOWN_MAX = 60

# Control characters and lone surrogates, what breaks lines or paragraphs, what turns the direction.
_REFUSED = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_REFUSED_IN_LINES = re.compile(f"[{_REFUSED}]")
_REFUSED_IN_LINE = re.compile(f"[{_REFUSED}\t\n]")
_LINE_BREAK = re.compile("\r\n|[\r\u2028\u2029]")
_URL = re.compile(r"https://[!-~\u00a1-\U0010ffff]+")


class ItemFields:
    """The fields of one item, each read with its type; what is wrong is kept in `reasons`.

    A method that finds something wrong notes it and answers None.
    """

    def __init__(self, item: Members) -> None:
        self.item = item
        self.reasons: list[Reason] = []

    def refuse(self, path: str, message: str) -> None:
        """Note a reason against the item."""
        if len(self.reasons) < REASONS_MAX:
            self.reasons.append(Reason(path, message))

    def raw(self, path: str) -> Any:
        """Look a value up by its dotted path; None when any part is missing."""
        if "." not in path:
            return self.item.get(path)
        value: Any = self.item
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def text(self, path: str, *, length_max: int = NAME_LENGTH_MAX) -> str | None:
        """Read a required line of text; blanks around it are dropped."""
        value = self.raw(path)
        if not isinstance(value, str):
            self.refuse(path, f"must be text, is {shown(value)}")
            return None
        line = value.strip()
        if not any(character.isprintable() for character in line):
            self.refuse(path, "is empty")
            return None
        return self._checked(path, line, length_max, lines=False)

    def lines(self, path: str) -> str | None:
        """Read optional text of several lines; none is the empty text.

        Line breaks become a line feed; every other character, non-breaking spaces included, is
        kept as it is.
        """
        value = self.raw(path)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(path, f"must be text, is {shown(value)}")
            return None
        text = _LINE_BREAK.sub("\n", value)
        return self._checked(path, text, INSTRUCTIONS_LENGTH_MAX, lines=True)

    def _checked(self, path: str, text: str, length_max: int, *, lines: bool) -> str | None:
        if len(text) > length_max:
            self.refuse(path, f"is {len(text)} characters long, at most {length_max} are taken")
            return None
        refused = (_REFUSED_IN_LINES if lines else _REFUSED_IN_LINE).search(text)
        if refused is not None:
            point = f"U+{ord(refused[0]):04X}"
            self.refuse(path, f"has a control or text direction character ({point})")
            return None
        return text

    def number(self, path: str, value: Any) -> Decimal | None:
        """Take a JSON number as an exact decimal; texts and truth values are not numbers."""
        if type(value) is int:
            return Decimal(value)
        if isinstance(value, Decimal):
            return value
        self.refuse(path, f"must be a number, is {shown(value)}")
        return None

    def money(
        self, path: str, value: Any, currency: str | None, *, zero: bool = False
    ) -> Money | None:
        """Take a number of major units as money; it may not have more digits than the currency.

        Trailing zeros do not count as digits: 20.0 is a fine amount of yen.
        """
        # A whole number stays as it is: most are, and a catalogue has millions of them.
        number = value if type(value) is int else self.number(path, value)
        if number is None or currency is None:
            return None
        if number < 0 or (number == 0 and not zero):
            self.refuse(path, f"must be {'zero or ' if zero else ''}more than zero, is {number}")
            return None
        exponent = exponent_of(currency)
        above, below = number.as_integer_ratio()
        minor, rest = divmod(above * 10**exponent, below)
        if rest:
            self.refuse(path, f"{number} has more digits than {currency} has ({exponent})")
            return None
        if minor > PRICE_MINOR_MAX:
            self.refuse(path, f"{number} {currency} is beyond any price")
            return None
        return Money(minor, currency)

    def percent(self, path: str) -> Decimal | None:
        """Read an optional percentage from 0 to 100; none is 0."""
        value = self.raw(path)
        number = Decimal(0) if value is None else self.number(path, value)
        if number is None:
            return None
        if not 0 <= number <= 100:
            self.refuse(path, f"must be from 0 to 100, is {number}")
            return None
        if Fraction(number).denominator > 10**PERCENT_DIGITS_MAX:
            self.refuse(path, f"has more than {PERCENT_DIGITS_MAX} decimal digits")
            return None
        return number.copy_abs()

    def currency(self, path: str) -> str | None:
        """Read a currency code (ISO 4217)."""
        value = self.raw(path)
        if isinstance(value, str) and value in CURRENCIES:
            return value
        self.refuse(path, f"must be a known currency, is {shown(value)}")
        return None

    def country(self, path: str) -> str | None:
        """Read a country code (ISO 3166-1 alpha-2)."""
        value = self.raw(path)
        if isinstance(value, str) and value in COUNTRIES:
            return value
        self.refuse(path, f"must be a known country, is {shown(value)}")
        return None

    def key(self, path: str) -> str | None:
        """Read a positive whole number, or digits, as the text of a key."""
        key = key_text(self.raw(path))
        if key is None:
            self.refuse(path, f"must be a positive whole number, is {shown(self.raw(path))}")
        return key

    def flag(self, path: str, *, default: bool) -> bool | None:
        """Read an optional truth value."""
        value = self.raw(path)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self.refuse(path, f"must be true or false, is {shown(value)}")
        return None

    def urls(self, path: str) -> tuple[str, ...]:
        """Read an optional list of https addresses."""
        values = self.raw(path)
        if values is None:
            return ()
        if not isinstance(values, list) or len(values) > URLS_MAX:
            self.refuse(path, f"must be a list of at most {URLS_MAX} addresses")
            return ()
        for index, value in enumerate(values):
            if not _is_https(value):
                self.refuse(f"{path}.{index}", f"must be an https address, is {shown(value)}")
        return tuple(value for value in values if isinstance(value, str))

    def url(self, path: str) -> str | None:
        """Read an optional https address."""
        value = self.raw(path)
        if value is None or value == "":
            return None
        if not _is_https(value):
            self.refuse(path, f"must be an https address, is {shown(value)}")
            return None
        return str(value)

    def refuse_shape(self) -> None:
        """Note what is wrong with the item as a whole: depth, and names given twice."""
        if _is_plain(self.item, DEPTH_MAX - 1):
            return  # nearly all are; the paths of what is wrong are written for the others alone
        level: list[tuple[str, Any]] = [("", self.item)]
        for _ in range(DEPTH_MAX):
            level = [child for path, value in level for child in self._children(path, value)]
            if not level:
                return
        self.refuse("$", f"is nested more than {DEPTH_MAX} levels deep")

    def _children(self, path: str, value: Any) -> list[tuple[str, Any]]:
        if isinstance(value, Members):
            for name in value.repeated:
                self.refuse(path.lstrip("."), f"has {shown(name)} twice")
            return [(f"{path}.{shown(name)[1:-1]}", child) for name, child in value.items()]
        if isinstance(value, list):
            return [(f"{path}.{index}", child) for index, child in enumerate(value)]
        return []


def _is_plain(value: Any, depth: int) -> bool:
    """Whether nothing in it is given twice, and it is nested no deeper than that."""
    if isinstance(value, Members):
        if value.repeated:
            return False
        children: Any = value.values()
    elif isinstance(value, list):
        children = value
    else:
        return True
    return depth > 0 and all(
        _is_plain(child, depth - 1) for child in children if isinstance(child, (dict, list))
    )


def key_text(value: Any) -> str | None:
    """Write a key in one way: the digits of a positive whole number."""
    if type(value) is int:
        value = str(value)
    if not (isinstance(value, str) and value.isascii() and value.isdigit()):
        return None
    if value.startswith("0") or len(value) > SKU_DIGITS_MAX:
        return None
    return value


def shown(value: Any) -> str:
    """Quote a value in a reason: short, and in plain ASCII."""
    if isinstance(value, BadNumber):
        return f"a number out of bounds ({value.text[:SHOWN_MAX]!a})"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "missing or null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return ascii(value[:SHOWN_MAX])
    return str(value)


def _is_https(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > URL_LENGTH_MAX or not _URL.fullmatch(value):
        return False
    if _REFUSED_IN_LINE.search(value):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
