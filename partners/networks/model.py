"""What a network is, and names in several languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from partners.networks.errors import InvalidName, InvalidSlug, TooManyLocales, UnknownZone
from partners.networks.locales import LOCALES_MAX, check_locale

NAME_LENGTH_MAX = 200
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Network:
    """A network of partners: its months are those of its zone, its staff reads its locale."""

    network_id: int
    slug: str
    name: dict[str, str]
    zone: str
    currency: str
    default_locale: str


def localised_name(name: Mapping[str, str]) -> dict[str, str]:
    """Clean a name given in one language or several.

    Raises InvalidName, InvalidLocale, TooManyLocales.
    """
    if len(name) > LOCALES_MAX:
        raise TooManyLocales(languages=len(name), most=LOCALES_MAX)
    cleaned = {check_locale(locale): text.strip() for locale, text in name.items()}
    if not 1 <= len(cleaned) == len(name):
        raise InvalidName(languages=len(cleaned))
    for locale, text in cleaned.items():
        if not 1 <= len(text) <= NAME_LENGTH_MAX or "\x00" in text:
            raise InvalidName(locale=locale)
    return cleaned


def check_slug(slug: str) -> str:
    """Let a slug through; raises InvalidSlug."""
    if len(slug) > 64 or not _SLUG.fullmatch(slug):
        raise InvalidSlug(slug=slug[:80])
    return slug


def check_zone(zone: str) -> str:
    """Let the name of an IANA time zone through; raises UnknownZone."""
    try:
        return ZoneInfo(zone).key
    except (ValueError, OSError, LookupError):
        raise UnknownZone(zone=zone[:80]) from None
