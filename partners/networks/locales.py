"""Languages by their BCP 47 tags: which there are, and which text is nearest to what is wished."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from babel import Locale
from babel.core import get_global, parse_locale

from partners.networks.errors import InvalidLocale

LAST_RESORT_LOCALE = "en"
LOCALES_MAX = 24
"""Languages of one name, of one reward, of one item of a feed."""
TAG_LENGTH_MAX = 16
"""What the row of a text has room for: a language, script and region, or one variant in place."""
_ASKED_LENGTH_MAX = 80
_TAG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII | re.IGNORECASE)
_EXTENSIONS = re.compile(r"-[a-z0-9]-.*", re.ASCII | re.IGNORECASE | re.DOTALL)
# Known by name, and yet no language, script or region that anything is written in.
_NOTHING = frozenset({"und", "mul", "mis", "zxx", "Zinh", "Zyyy", "Zxxx", "Zzzz", "ZZ"})
_RIGHT_TO_LEFT = frozenset(
    {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"}
)
_USUAL_SCRIPT = "Latn"
Text = TypeVar("Text")


def find_locale(tag: str) -> str | None:
    """Write a BCP 47 tag in its one canonical way, such as pt-BR or zh-Hant; None if it is none.

    Case makes no difference, an underscore is a hyphen, and a language's or region's former name is
    the one of today. Extensions, as in ar-SA-u-nu-latn, are left out: they name no other language.
    """
    return _find(tag) if len(tag) <= _ASKED_LENGTH_MAX else None


def check_locale(tag: str, *path: str) -> str:
    """Let a language such as "en", "pt-BR" or "zh-Hant" through, canonical; raises InvalidLocale."""
    found = find_locale(tag)
    if found is None:
        raise InvalidLocale(path=path, locale=ascii(tag[:40]))
    return found


def nearest_locale(known: Collection[str], locale: str) -> str | None:
    """Tell which of the known languages is nearest; None when none is of the same language.

    That is the locale itself, then its parents (pt-BR, pt), then others of its language; what is
    written in its script comes before what is not, so zh-TW is nearer to zh-Hant than to zh.
    """
    if locale in known:
        return locale
    parents = _with_parents(locale)
    kin = [one for one in known if _family(one) == _family(locale)]

    def distance(one: str) -> tuple[bool, int, str]:
        generation = parents.index(one) if one in parents else len(parents)
        return (script_of(one) != script_of(locale), generation, one)

    return min(kin, key=distance, default=None)


def choose_locale(known: Collection[str], wanted: Iterable[str]) -> str:
    """Tell in which known language to answer: the nearest to the first wish, the next, English,
    or else the first there is.
    """
    for one in (*wanted, LAST_RESORT_LOCALE):
        found = nearest_locale(known, one)
        if found is not None:
            return found
    return min(known)


def in_locale(
    texts: Mapping[str, Text], locale: str, default_locale: str = LAST_RESORT_LOCALE
) -> Text:
    """Pick a text: the nearest to the locale, to the network's own, to English, else the first."""
    return texts[choose_locale(texts, (locale, default_locale))]


@lru_cache(maxsize=4_000)
def script_of(locale: str) -> str:
    """Tell the script that a language is written in, such as Latn or Arab."""
    language, *others = locale.split("-")
    for part in others:
        if len(part) == 4 and part.isalpha():
            return part
    likely: Mapping[str, str] = get_global("likely_subtags")
    for key in (*(f"{language}_{part}" for part in others), language):
        parts = likely.get(key, "").split("_")
        if len(parts) > 1 and len(parts[1]) == 4:
            return parts[1]
    return _USUAL_SCRIPT


def is_right_to_left(locale: str) -> bool:
    """Whether a language is written from right to left: Arabic, Hebrew, Persian, Urdu and others."""
    return script_of(locale) in _RIGHT_TO_LEFT


@lru_cache(maxsize=4_000)
def _find(tag: str) -> str | None:
    spelt = _EXTENSIONS.sub("", tag.replace("_", "-"))
    if not _TAG.fullmatch(spelt):
        return None
    try:
        language, region, script, variant = parse_locale(spelt, sep="-")[:4]
    except ValueError:
        return None
    language, implied = _language_of_today(language)
    script = script or implied
    region = _region_of_today(region)
    named = _names()
    parts = {"languages": language, "scripts": script, "territories": region, "variants": variant}
    for kind, part in parts.items():
        if part is not None and (part in _NOTHING or part not in named[kind]):
            return None
    told = (language, script, region, None if variant is None else variant.lower())
    canonical = "-".join(part for part in told if part is not None)
    return canonical if len(canonical) <= TAG_LENGTH_MAX else None


def _language_of_today(language: str) -> tuple[str, str | None]:
    """Give a language's present name, and the script that its former one implied."""
    alias = str(get_global("language_aliases").get(language, language)).split("_")
    return alias[0], next((part for part in alias[1:] if len(part) == 4), None)


def _region_of_today(region: str | None) -> str | None:
    successors = get_global("territory_aliases").get(region or "", ())
    return str(successors[0]) if len(successors) == 1 else region


@lru_cache(maxsize=1)
def _names() -> Mapping[str, Any]:
    """All there are, by the names that English has for them."""
    english = Locale(LAST_RESORT_LOCALE)
    kinds = ("languages", "scripts", "territories", "variants")
    return {kind: frozenset(getattr(english, kind)) for kind in kinds}


def _with_parents(locale: str) -> tuple[str, ...]:
    parts = locale.split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def _family(locale: str) -> str:
    """Give the language, or the one that it is a form of: Bokmål and Nynorsk are Norwegian."""
    language = locale.partition("-")[0]
    parent = str(get_global("parent_exceptions").get(language, language))
    return language if parent == "root" or "_" in parent else parent
