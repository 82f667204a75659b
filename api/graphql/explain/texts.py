"""The sentences of an explanation, in English and Arabic."""

from collections.abc import Mapping
from datetime import UTC, datetime

from api.graphql.explain.graph import Exact, Link, Said, Value, Who
from api.graphql.explain.relations import RELATIONS
from api.graphql.explain.wording import WORDING
from api.graphql.languages import Spoken
from api.graphql.scalars import write_amount
from partners.networks import in_locale
from payouts.money import Money, Points

Names = Mapping[Who, Mapping[str, str]]
_SOMEBODY: Mapping[str, tuple[str, str]] = {
    "partner": ("another partner", "شريك آخر"),
    "member": ("the member", "العضو"),
    "card": ("the card", "البطاقة"),
    "cycle": ("the settlement cycle", "دورة التسوية"),
    "supplier": ("the supplier", "المورّد"),
    "brand": ("the brand", "العلامة التجارية"),
}
_NETWORK = ("the network", "الشبكة")


def write_instant(at: datetime) -> str:
    """Write an instant so that it means the same everywhere."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def say(said: Said, locale: Spoken, names: Names) -> str:
    """Write a sentence in a language."""
    values = {name: _write(one, locale, names) for name, one in said.values.items()}
    return _in(WORDING[said.text], locale).format(**values)


def say_link(link: Link, labels: Mapping[object, Said], locale: Spoken, names: Names) -> str:
    """Write how one object follows from another."""
    whole, partial = RELATIONS[link.relation]
    ends = {
        "source": say(labels[link.source], locale, names),
        "target": say(labels[link.target], locale, names),
    }
    if link.amount is None:
        return _in(whole, locale).format(**ends)
    amount = _write(link.amount, locale, names)
    return _in(partial, locale).format(amount=amount, **ends)


def _in(both: tuple[str, str], locale: Spoken) -> str:
    return both[1] if locale is Spoken.AR else both[0]


def _write(value: Value, locale: Spoken, names: Names) -> str:
    if isinstance(value, Money):
        return write_amount(value.decimal, value.currency, locale.value)
    if isinstance(value, Points):
        return _in((f"{value.minor} points", f"{value.minor} نقطة"), locale)
    if isinstance(value, Exact):
        return f"{value.text} {value.currency}"
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, Who):
        return _name(value, locale, names)
    return str(value)


def _name(one: Who, locale: Spoken, names: Names) -> str:
    known = names.get(one)
    if known is not None:
        return in_locale(known, locale.value)
    return _in(_SOMEBODY.get(one.kind, _NETWORK), locale)
