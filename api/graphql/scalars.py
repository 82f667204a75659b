"""Money on the wire: text, never a float."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from api.graphql.languages import (
    ENGLISH,
    Locale,
    asked_locale,
    read_locale,
    read_locale_literal,
)
from api.graphql.problems import InvalidInput
from payouts.money import MINOR_MAX, AmountOutOfRange, InvalidAmount, exponent_of
from payouts.money import Money as Amount
from payouts.money import Points as PointsAmount
from payouts.refusal import Refusal

MinorUnits = NewType("MinorUnits", str)
Decimal = NewType("Decimal", str)
CurrencyCode = NewType("CurrencyCode", str)
_MINOR = re.compile(r"-?\d{1,19}", re.ASCII)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is a string")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    MinorUnits: strawberry.scalar(
        name="MinorUnits",
        description='Whole minor units of a currency, as text: "10000" is 100.00 SAR.',
        serialize=str,
        parse_value=_text,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='A decimal number as text: "100.00". Never a float.',
        serialize=str,
        parse_value=_text,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="An ISO 4217 code such as SAR.",
        serialize=str,
        parse_value=_text,
    ),
    Locale: strawberry.scalar(
        name="Locale",
        description='A language, by its BCP 47 tag: EN, AR and other bare names, or "pt-BR" and'
        ' "zh-Hant" as text. Case makes no difference; it is answered in its canonical form.',
        specified_by_url="https://www.rfc-editor.org/info/bcp47",
        serialize=str,
        parse_value=read_locale,
        parse_literal=read_locale_literal,
    ),
}


@strawberry.type(description="An exact amount of one currency.")
class Money:
    """Money as it is shown."""

    minor: MinorUnits
    decimal: Decimal
    currency: CurrencyCode

    @strawberry.field(description="For people, such as SAR 100.00.")
    def formatted(self, locale: Locale = ENGLISH) -> str:
        """Write the amount as people of a language do."""
        return write_amount(self.decimal, self.currency, asked_locale(locale) or ENGLISH)


def write_amount(decimal: str, currency: str, locale: str) -> str:
    """Write an amount as people of a language do, in Latin digits."""
    from decimal import Decimal as Number

    from babel.numbers import format_currency

    return format_currency(Number(decimal), currency, locale=place_of(locale))


@lru_cache(maxsize=4_000)
def place_of(locale: str) -> str:
    """Tell by whose customs to write amounts and days for a language: its own, its parents', or
    else English ones. Arabic without a country is that of Saudi Arabia.
    """
    from babel.core import Locale as Place
    from babel.core import UnknownLocaleError

    if locale == "ar":
        return "ar_SA"
    tag = locale
    while tag:
        try:
            return str(Place.parse(tag, sep="-"))
        except UnknownLocaleError:
            tag = tag.rpartition("-")[0]
    return "en"


def show_money(amount: Amount) -> Money:
    """Show an amount."""
    return Money(
        minor=MinorUnits(str(amount.minor)),
        decimal=Decimal(amount.decimal),
        currency=CurrencyCode(amount.currency),
    )


@strawberry.type(description="Points: whole, of no currency; what they are worth a rate says.")
class Points:
    """Points on the wire."""

    points: MinorUnits = strawberry.field(description='How many, as text: "500" is 500 points.')


def show_points(amount: PointsAmount) -> Points:
    """Show points."""
    return Points(points=MinorUnits(str(amount.minor)))


def money_of(amount: Amount | PointsAmount | None) -> Money | None:
    """Show an amount if it is of money."""
    return show_money(amount) if isinstance(amount, Amount) else None


def points_of(amount: Amount | PointsAmount | None) -> Points | None:
    """Show an amount if it is of points."""
    return show_points(amount) if isinstance(amount, PointsAmount) else None


@strawberry.input(description="An amount: its currency and either `minor` or `decimal`.")
class MoneyInput:
    """Money as it is sent."""

    currency: CurrencyCode
    minor: MinorUnits | None = None
    decimal: Decimal | None = None

    def amount(self, *path: str) -> Amount:
        """Read the amount; raises a refusal that carries `path`."""
        try:
            return self._read()
        except Refusal as refusal:
            refusal.path = refusal.path or path
            raise

    def _read(self) -> Amount:
        if (self.minor is None) == (self.decimal is None):
            raise InvalidInput(reason="Give either minor or decimal.")
        exponent_of(self.currency)
        if self.decimal is not None:
            return Amount.of_decimal(self.decimal, self.currency)
        assert self.minor is not None
        if not _MINOR.fullmatch(self.minor):
            raise InvalidAmount(amount=self.minor[:40])
        if abs(int(self.minor)) > MINOR_MAX:
            raise AmountOutOfRange(amount=self.minor)
        return Amount(int(self.minor), self.currency)

    def positive(self, *path: str) -> Amount:
        """Read an amount that must be above zero."""
        amount = self.amount(*path)
        if amount.minor <= 0:
            raise AmountOutOfRange(path=path)
        return amount


def instant(value: datetime, *path: str) -> datetime:
    """Read an instant; one without a time zone is refused."""
    if value.tzinfo is None:
        raise InvalidInput(
            reason="An instant has a time zone, such as 2026-03-15T09:00:00Z.", path=path
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(reason="An instant of the years 1 to 9999.", path=path) from None


def asked_instant(value: datetime | None) -> datetime | None:
    """Read an instant that a query may name; a wrong one is answered as a wrong argument."""
    try:
        return None if value is None else instant(value)
    except InvalidInput as refusal:
        reason = str(refusal.facts["reason"])
        raise GraphQLError(reason, extensions={"code": "BAD_ARGUMENT"}) from None


def bounded(value: str, *path: str, longest: int, shortest: int = 1) -> str:
    """Read a text of bounded length without control characters."""
    if not shortest <= len(value) <= longest:
        raise InvalidInput(reason=f"A text of {shortest} to {longest} characters.", path=path)
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in value):
        raise InvalidInput(reason="A text without control characters.", path=path)
    return value


AsOf = Annotated[
    datetime | None, strawberry.argument(description="Only what had happened before it.")
]
