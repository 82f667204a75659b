"""What a network is, and names in several languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from partners.networks.errors import InvalidLocale, InvalidName, InvalidSlug, UnknownZone

NAME_LENGTH_MAX = 200
LOCALES_MAX = 8
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)
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


def check_locale(locale: str) -> str:
    """Let a locale such as "en" or "ar-SA" through; raises InvalidLocale."""
    if not _LOCALE.fullmatch(locale):
        raise InvalidLocale(locale=locale[:40])
    return locale


def localised_name(name: Mapping[str, str]) -> dict[str, str]:
    """Clean a name given in one language or several; raises InvalidName, InvalidLocale."""
    cleaned = {check_locale(locale): text.strip() for locale, text in name.items()}
    if not 1 <= len(cleaned) <= LOCALES_MAX:
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


def name_in(name: Mapping[str, str], locale: str) -> str:
    """Pick a name in a language: this locale, its language, any region of it, English, any."""
    language = locale.split("-")[0]
    kin = [one for one in sorted(name) if one.split("-")[0] == language]
    for wanted in (locale, language, *kin, "en", *sorted(name)):
        if wanted in name:
            return name[wanted]
    raise AssertionError("a name is in at least one language")
