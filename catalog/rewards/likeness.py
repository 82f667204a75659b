"""Whether two suppliers' items are the same product, by what their catalogues say of them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from babel import Locale

from catalog.rewards.model import GiftCardTerms
from payouts.money import Money

KEY_LENGTH_MAX = 200
BLOCK_LENGTH = 3
SLIP_LENGTH_MIN = 6
"""A letter more, less or other is a slip in names of at least so many letters."""

_SIGNS = str.maketrans(
    {
        "®": " ", "™": " ", "©": " ", "&": " and ", "+": " plus ", "'": "", "’": "", "`": "",
        "\u0640": "",
        "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ٱ": "ا", "ß": "ss", "ø": "o", "ł": "l",
    }
)  # fmt: skip
_WORD = re.compile(r"\w+")
_FORMS_OF_FIRMS = (
    "inc incorporated llc ltd limited plc gmbh ag corp corporation company co com net llp sarl spa"
    " bv nv ab oy fze fzco wll pjsc jsc pty sa شركه الشركه المحدوده محدوده"
)
_KINDS_OF_CARDS = (
    "gift gifts card cards giftcard giftcards voucher vouchers egift ecard ecards evoucher code"
    " codes digital electronic e the online for of in"
    " بطاقه بطاقات البطاقه هديه هدايا الهدايا الهديه قسيمه قسائم رمز كود رقميه رقمي الكترونيه"
    " الكتروني شراء"
)
_FIRMS = frozenset(_FORMS_OF_FIRMS.split())
_GENERIC = frozenset(_KINDS_OF_CARDS.split())
_ALIASES = {
    "SA": ("ksa", "saudi", "السعوديه"),
    "AE": ("uae", "الامارات"),
    "US": ("usa",),
    "GB": ("uk",),
    "EG": ("مصر",),
}


class Likeness(StrEnum):
    """How like two items are."""

    SAME = "same"
    DOUBTFUL = "doubtful"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Likened:
    """What the judgement was, and what it rests on."""

    likeness: Likeness
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeable:
    """What of an item is compared."""

    brand: str
    title: str
    country: str
    terms: GiftCardTerms


def key_of(brand: str, country: str) -> str | None:
    """A brand's name as it is compared; None when nothing is left of it."""
    return "".join(_brand_words(brand, country))[:KEY_LENGTH_MAX] or None


def block_of(key: str | None) -> str | None:
    """The beginning of a name: names that are nearly alike have it in common."""
    return None if key is None else key[:BLOCK_LENGTH]


def liken(one: Likeable, other: Likeable) -> Likened:
    """Judge whether two items are the same product.

    The same: brand, country, currency and what else the title says are equal, and at least one
    face can be had of both. Doubtful: the faces fit and the names nearly do. The names are
    compared without case, accents, punctuation, forms of firms, the country's own name, words such
    as gift card, and with one spelling of Arabic letters.
    """
    if one.country != other.country or one.terms.face_currency != other.terms.face_currency:
        return Likened(Likeness.DIFFERENT)
    if not share_a_face(one.terms, other.terms):
        return Likened(Likeness.DIFFERENT)
    brands = [_brand_words(it.brand, it.country) for it in (one, other)]
    brand = _of_brands(*brands)
    known = frozenset(word for words in brands for word in words)
    extras = [_extra_words(it, known) for it in (one, other)]
    if brand is Likeness.DIFFERENT or _count_otherwise(*extras):
        return Likened(Likeness.DIFFERENT)
    reasons = []
    if brand is Likeness.DOUBTFUL:
        reasons.append("brand")
    if extras[0] != extras[1]:
        reasons.append("title")
    if one.terms.needs_user_id != other.terms.needs_user_id:
        reasons.append("account")
    return Likened(Likeness.DOUBTFUL if reasons else Likeness.SAME, tuple(reasons))


def share_a_face(one: GiftCardTerms, other: GiftCardTerms) -> bool:
    """Whether there is a face that both sell."""
    if one.face_range is None:
        return any(_sells(other, each.face) for each in one.denominations)
    if other.face_range is None:
        return any(_sells(one, each.face) for each in other.denominations)
    low = max(one.face_range.min_face, other.face_range.min_face)
    return low <= min(one.face_range.max_face, other.face_range.max_face)


def _sells(terms: GiftCardTerms, face: Money) -> bool:
    bounds = terms.face_range
    if bounds is not None:
        return bounds.min_face <= face <= bounds.max_face
    return any(each.face == face for each in terms.denominations)


def _of_brands(one: Sequence[str], other: Sequence[str]) -> Likeness:
    left, right = "".join(one), "".join(other)
    if not left or not right:
        return Likeness.DIFFERENT
    if left == right:
        return Likeness.SAME
    shorter, longer = sorted((one, other), key=len)
    if list(longer[: len(shorter)]) == list(shorter):
        return Likeness.DOUBTFUL
    is_slip = min(len(left), len(right)) >= SLIP_LENGTH_MIN and _differs_in_one(left, right)
    return Likeness.DOUBTFUL if is_slip else Likeness.DIFFERENT


def _differs_in_one(one: str, other: str) -> bool:
    """Whether one letter more, less, other, or two that changed places make one the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    swapped = left[1:2] + left[:1] + left[2:]
    return left[1:] == right or left == right[1:] or left[1:] == right[1:] or swapped == right


def _count_otherwise(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both titles count something, and not the same: 3 months are not 12."""
    counts = [{word for word in words if word.isdecimal()} for words in (one, other)]
    return all(counts) and counts[0] != counts[1]


@lru_cache(maxsize=10_000)
def _brand_words(brand: str, country: str) -> tuple[str, ...]:
    words = _words(brand)
    if words[:1] == ("the",):
        words = words[1:]
    kept = tuple(word for word in _at_home(words, country) if word not in _FIRMS | _GENERIC)
    return kept or words


def _extra_words(one: Likeable, known: frozenset[str]) -> frozenset[str]:
    """What a title says besides the brand, the country, the faces and that it is a card."""
    terms = one.terms
    faces = [each.face for each in terms.denominations]
    if terms.face_range is not None:
        faces += [terms.face_range.min_face, terms.face_range.max_face]
    worthless = {word for face in faces for word in _words(face.decimal)}
    worthless |= {terms.face_currency.casefold()} | known | _GENERIC | _FIRMS
    return frozenset(_at_home(_words(one.title), one.country)) - worthless


def _at_home(words: Sequence[str], country: str) -> list[str]:
    """Leave out the names of the country: that an item is of its country says nothing."""
    rest, kept = tuple(words), list[str]()
    while rest:
        name = next((each for each in _names_of(country) if rest[: len(each)] == each), None)
        if name is None:
            kept.append(rest[0])
        rest = rest[1 if name is None else len(name) :]
    return kept


@cache
def _names_of(country: str) -> tuple[tuple[str, ...], ...]:
    names = [country, *_ALIASES.get(country, ())]
    names += [str(Locale(language).territories.get(country, country)) for language in ("en", "ar")]
    return tuple(sorted({_words(name) for name in names}, key=len, reverse=True))


@lru_cache(maxsize=10_000)
def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFD", text.translate(_SIGNS).casefold())
    plain = "".join(each for each in plain if unicodedata.category(each) not in ("Mn", "Cf"))
    plain = unicodedata.normalize("NFKC", plain).translate(_SIGNS)
    digits = (str(unicodedata.digit(each)) if each.isdigit() else each for each in plain)
    return tuple(_WORD.findall("".join(digits)))
