"""Whether two suppliers' items are the same product, by what their catalogues say of them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import takewhile
from math import gcd

from babel import Locale

from catalog.rewards.model import GiftCardTerms, Reward
from catalog.suppliers import FaceRange
from partners.networks import LAST_RESORT_LOCALE
from payouts.money import Money

KEY_LENGTH_MAX = 200
BLOCK_LENGTH = 3
SLIP_LENGTH_MIN = 6
"""A letter more, less or other is a slip in names of at least so many letters."""

_SIGNS = str.maketrans(
    {
        "®": " ", "™": " ", "©": " ", "&": " and ", "+": " plus ", "'": "", "’": "", "`": "",
        "\u0640": "", "٫": ".",
        "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ٱ": "ا", "ß": "ss", "ø": "o", "ł": "l",
    }
)  # fmt: skip
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_THOUSANDS = re.compile(r"(?<=\d)[,٬](?=\d{3}(?!\d))")
_FORMS_OF_FIRMS = (
    "inc incorporated llc ltd limited plc gmbh ag corp corporation company co com net llp sarl spa"
    " bv nv ab oy fze fzco wll pjsc jsc pty sa شركه الشركه المحدوده محدوده"
)
_KINDS_OF_CARDS = (
    "gift gifts card cards giftcard giftcards voucher vouchers egift ecard ecards evoucher code"
    " codes digital electronic e the for of in"
    " بطاقه بطاقات البطاقه هديه هدايا الهدايا الهديه قسيمه قسائم رمز كود رقميه رقمي الكترونيه"
    " الكتروني شراء"
)
_FIRMS = frozenset(_FORMS_OF_FIRMS.split())
_GENERIC = frozenset(_KINDS_OF_CARDS.split())
_WORTHLESS = _FIRMS | _GENERIC
_JOINING = frozenset({"the", "for", "of", "in"})
_WHOLE_KINDS = frozenset({"giftcard", "giftcards", "egift", "ecard", "ecards", "evoucher"})
"""Words that say by themselves that something is a card; Code Red is no card named Red."""
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


def likeable_of(one: Reward) -> Likeable:
    """What is compared of a supplier's item."""
    assert one.supplier is not None
    brand = "" if one.brand is None else one.brand.name_in(LAST_RESORT_LOCALE)
    title = one.text(LAST_RESORT_LOCALE).title
    return Likeable(brand, title, one.supplier.country, one.gift_card)


def key_of(brand: str, country: str) -> str | None:
    """A brand's name as it is compared; None when nothing is left of it."""
    return "".join(_brand_words(brand, country))[:KEY_LENGTH_MAX] or None


def block_of(key: str) -> str:
    """The beginning of a name: names that are nearly alike have it in common."""
    return key[:BLOCK_LENGTH]


def is_named_like(key: str, other: str) -> bool:
    """Whether two names that begin alike may be one brand's; liken judges by the words of them."""
    return key.startswith(other) or other.startswith(key) or _differs_in_one(key, other)


def liken(one: Likeable, other: Likeable) -> Likened:
    """Judge whether two items are the same product.

    The same: brand, country, currency and what else the title says are equal, and at least one
    face can be had of both. Doubtful: the faces fit and the names nearly do. The names are
    compared without case, accents, punctuation, forms of firms, the country's own name, words such
    as gift card, and with one spelling of Arabic letters. What counts otherwise is another.
    """
    if one.country != other.country or not share_a_face(one.terms, other.terms):
        return Likened(Likeness.DIFFERENT)
    brands = [_brand_words(it.brand, it.country) for it in (one, other)]
    brand = _of_brands(*brands)
    titles = [_words(it.title) for it in (one, other)]
    known = frozenset(word for words in brands for word in words)
    extras = [
        _extra_words(it, words, known) for it, words in zip((one, other), titles, strict=True)
    ]
    shared = frozenset(brands[0]) & frozenset(brands[1])
    numbers = [_numbers(words) - shared for words in titles]
    counts = [found - _faces(it) for it, found in zip((one, other), numbers, strict=True)]
    if brand is Likeness.DIFFERENT or (all(counts) and counts[0] != counts[1]):
        return Likened(Likeness.DIFFERENT)
    reasons = []
    if brand is Likeness.DOUBTFUL:
        reasons.append("brand")
    # Beside further words a number that is a face may be a count of them: 50 days, 100 coins.
    if extras[0] != extras[1] or (extras[0] and numbers[0] != numbers[1]):
        reasons.append("title")
    if one.terms.needs_user_id != other.terms.needs_user_id:
        reasons.append("account")
    return Likened(Likeness.DOUBTFUL if reasons else Likeness.SAME, tuple(reasons))


def share_a_face(one: GiftCardTerms, other: GiftCardTerms) -> bool:
    """Whether there is a face that both sell, in one currency."""
    if one.face_currency != other.face_currency:
        return False
    if one.face_range is None:
        return any(_sells(other, each.face) for each in one.denominations)
    if other.face_range is None:
        return any(_sells(one, each.face) for each in other.denominations)
    return _ranges_meet(one.face_range, other.face_range)


def _ranges_meet(one: FaceRange, other: FaceRange) -> bool:
    wide, narrow = (one, other) if one.step >= other.step else (other, one)
    if wide.has(narrow.max_face) or narrow.has(wide.max_face):
        return True
    step, start = wide.step.minor, wide.min_face.minor
    low = max(start, narrow.min_face.minor)
    high = min(wide.max_face.minor, narrow.max_face.minor)
    faces = range(start + -(-(low - start) // step) * step, high + 1, step)
    # From there on the remainders of the narrower steps repeat themselves.
    tries = faces[: narrow.step.minor // gcd(step, narrow.step.minor)]
    return any(narrow.has(Money(face, narrow.step.currency)) for face in tries)


def _sells(terms: GiftCardTerms, face: Money) -> bool:
    if terms.face_range is not None:
        return terms.face_range.has(face)
    return any(each.face == face for each in terms.denominations)


def _of_brands(one: Sequence[str], other: Sequence[str]) -> Likeness:
    left, right = "".join(one), "".join(other)
    if not left or not right:
        return Likeness.DIFFERENT
    if left == right:
        return Likeness.SAME
    numbers = _numbers(one), _numbers(other)
    if all(numbers) and numbers[0] != numbers[1]:
        return Likeness.DIFFERENT
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


def _numbers(words: Sequence[str]) -> frozenset[str]:
    """What is counted: 3 months are not 12."""
    return frozenset(word for word in words if word[0].isdecimal())


@lru_cache(maxsize=10_000)
def _brand_words(brand: str, country: str) -> tuple[str, ...]:
    words = _words(brand)
    if words[:1] == ("the",):
        words = words[1:]
    # A brand may begin like the code of a country: US Polo is not Polo of the US.
    begins = words[:1] if words[:1] == (country.casefold(),) else ()
    kept = [*begins, *_at_home(words[len(begins) :], country)]
    while kept and kept[-1] in _WORTHLESS:
        kept.pop()
    lead = list(takewhile(_WORTHLESS.__contains__, kept))
    if len(lead) > 1 or (lead and (lead[0] in _WHOLE_KINDS or not lead[0].isascii())):
        kept = kept[len(lead) :]
    rest = (word for word in kept[1:] if word not in _JOINING)
    return (*kept[:1], *rest) or words


def _extra_words(one: Likeable, title: Sequence[str], known: frozenset[str]) -> frozenset[str]:
    """What a title says besides the brand, the country, the faces and that it is a card."""
    currency = {one.terms.face_currency.casefold()}
    worthless = _faces(one) | currency | known | _WORTHLESS
    return frozenset(_at_home(title, one.country)) - worthless


def _faces(one: Likeable) -> frozenset[str]:
    """The faces as they may be written in a title."""
    terms = one.terms
    faces = [each.face for each in terms.denominations]
    if terms.face_range is not None:
        faces += [terms.face_range.min_face, terms.face_range.max_face]
    return frozenset(word for face in faces for word in _words(face.decimal))


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
    """Take a text apart into words and numbers, each in one spelling: 60UC is 60 and uc."""
    plain = unicodedata.normalize("NFD", text.translate(_SIGNS).casefold())
    plain = "".join(each for each in plain if unicodedata.category(each) not in ("Mn", "Cf"))
    plain = unicodedata.normalize("NFKC", plain).translate(_SIGNS)
    digits = (str(unicodedata.digit(each)) if each.isdigit() else each for each in plain)
    found = _WORD.findall(_THOUSANDS.sub("", "".join(digits)))
    return tuple(word.rstrip("0").rstrip(".") if "." in word else word for word in found)
