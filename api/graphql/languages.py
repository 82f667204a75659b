"""Languages on the wire: any BCP 47 tag; and the two that the platform itself has words in."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, StrEnum
from typing import Annotated, Any

import strawberry
from graphql import EnumValueNode, GraphQLError, StringValueNode, ValueNode

from api.graphql.context import Context
from partners.networks import (
    InvalidLocale,
    check_locale,
    find_locale,
    is_right_to_left,
    nearest_locale,
)


class Locale(str):
    """A language as it was asked for: canonical if there is such a one, else as it was given."""

    __slots__ = ()


ENGLISH = Locale("en")


class Spoken(StrEnum):
    """The languages of the platform's own words: problems, explanations, documents."""

    EN = "en"
    AR = "ar"


@strawberry.enum(description="From where a text runs.")
class TextDirection(Enum):
    """The two directions of lines."""

    LTR = "ltr"
    RTL = "rtl"


def read_locale(value: Any) -> Locale:
    """Read a language; which ones there are is checked where it is used, so that a problem can
    name the part of the input that it is about.
    """
    if not isinstance(value, str):
        raise ValueError('is the tag of a language, such as EN, "fr" or "pt-BR"')
    return Locale(find_locale(value) or value)


def read_locale_literal(node: ValueNode, _variables: Mapping[str, Any] | None = None) -> Locale:
    """Read a language that stands in the document, bare as EN or quoted as "pt-BR"."""
    if isinstance(node, EnumValueNode | StringValueNode):
        return read_locale(node.value)
    return read_locale(None)


def asked_locale(locale: Locale | None) -> str | None:
    """Read a language that a query may name; a wrong one is answered as a wrong argument."""
    if locale is None:
        return None
    try:
        return check_locale(locale, "locale")
    except InvalidLocale as refusal:
        reason = f"{locale[:40]!a} is no language: {refusal.message}"
        extensions = {"code": "BAD_ARGUMENT", "path": list(refusal.path)}
        raise GraphQLError(reason, extensions=extensions) from None


def wanted_locales(context: Context, locale: Locale | None) -> Sequence[str]:
    """Tell which languages are wished, the dearest first: the one asked for, or the request's."""
    asked = asked_locale(locale)
    return context.languages if asked is None else (asked,)


def spoken_for(wanted: Iterable[str]) -> Spoken:
    """Tell in which of the platform's languages to speak to who wants these: the first of them
    whose language it is, ar for ar-EG, or else English.
    """
    known = [one.value for one in Spoken]
    nearest = (nearest_locale(known, one) for one in wanted)
    return Spoken(next((one for one in nearest if one is not None), Spoken.EN))


def direction_of(locale: str) -> TextDirection:
    """Tell from where texts of a language run."""
    return TextDirection.RTL if is_right_to_left(locale) else TextDirection.LTR


LocaleArgument = Annotated[Locale | None, strawberry.argument(description="Language of the texts.")]
