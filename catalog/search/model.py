"""Searching: what is filed of a reward, what is asked, and what is found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from catalog.search.errors import SearchInvalid
from payouts.money import Money

QUERY_LENGTH_MAX = 200
WORDS_MAX = 10
"""Of a query; what follows does not narrow it any further."""
PREFIX_LENGTH_MIN = 2
CHOICES_MAX = 50
CHOICE_LENGTH_MAX = 200
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class PriceBand(StrEnum):
    """What the least of a reward costs, in whole units of its own currency."""

    UNDER_50 = "under_50"
    FROM_50 = "from_50"
    FROM_100 = "from_100"
    FROM_250 = "from_250"
    FROM_500 = "from_500"
    FROM_1000 = "from_1000"


_BANDS = (
    (1_000, PriceBand.FROM_1000),
    (500, PriceBand.FROM_500),
    (250, PriceBand.FROM_250),
    (100, PriceBand.FROM_100),
    (50, PriceBand.FROM_50),
)


def band_of(price: Money) -> PriceBand:
    """Tell the band that a price falls into."""
    whole = int(price.decimal.partition(".")[0])
    return next((band for least, band in _BANDS if whole >= least), PriceBand.UNDER_50)


class Delivery(StrEnum):
    """How what was got reaches the member."""

    CODE = "code"
    TOP_UP = "top_up"
    CARD = "card"
    BOOKING = "booking"
    ACTIVATION = "activation"


class MatchedField(StrEnum):
    """Where a word was found."""

    BRAND = "brand"
    TITLE = "title"
    CATEGORY = "category"


class MatchedHow(StrEnum):
    """How near a word is to the one that was found, the nearest first."""

    EXACT = "exact"
    NORMALISED = "normalised"
    PREFIX = "prefix"
    TRANSLITERATED = "transliterated"
    TYPO = "typo"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was written, as it is filed, and what else it is filed as."""

    raw: str
    word: str
    variants: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """The signs of a pair, by each of which it is found, though it is not looked for by them."""

    @property
    def forms(self) -> tuple[str, ...]:
        """All that it is filed as."""
        return (self.word, *self.variants)


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """The public words and facts of a reward on sale."""

    reward_id: UUID
    rank: int
    kind: str
    titles: tuple[str, ...]
    brand_id: UUID | None
    brand_names: tuple[str, ...]
    category: str | None
    countries: tuple[str, ...]
    price_band: PriceBand | None
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; None or nothing leaves a fact free.

    An empty query is of no word, so that all there is can be narrowed down by facts alone.
    """

    query: str = ""
    country: str | None = None
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[UUID, ...] = ()
    price_bands: tuple[PriceBand, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


def check_wanted(wanted: Wanted) -> None:
    """Refuse a query that is too long, and lists of facts that are."""
    if len(wanted.query) > QUERY_LENGTH_MAX:
        raise SearchInvalid(f"A query has at most {QUERY_LENGTH_MAX} characters.", path=("query",))
    choices: Mapping[str, tuple[object, ...]] = {
        "kinds": wanted.kinds,
        "categories": wanted.categories,
        "brands": wanted.brands,
        "priceBands": wanted.price_bands,
        "delivery": wanted.deliveries,
    }
    for name, chosen in choices.items():
        if len(chosen) > CHOICES_MAX:
            raise SearchInvalid(f"At most {CHOICES_MAX} may be chosen.", path=(name,))
    if wanted.country is not None and not _COUNTRY.fullmatch(wanted.country):
        raise SearchInvalid("A country is two capital letters.", path=("country",))
    for category in wanted.categories:
        if len(category) > CHOICE_LENGTH_MAX or "\x00" in category:
            raise SearchInvalid("That is no category.", path=("categories",))


@dataclass(frozen=True, slots=True)
class SearchCursor:
    """A place in what was found: by score from the highest, then rank, then id.

    `mistyped` holds a bit for each word of the query that was taken as mistyped when the first
    page was read. It stays so on the pages that follow, whatever words are filed meanwhile.
    """

    score: int
    rank: int
    reward_id: UUID
    mistyped: int


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a query, and what it may stand for."""

    word: Word
    is_last: bool = False
    typos: tuple[str, ...] = ()
    """The words that were filed from which it is one slip away, when it was not filed itself."""

    @property
    def prefix(self) -> str | None:
        """With what a word may begin: the last one of a query may still be growing."""
        is_enough = len(self.word.word) >= PREFIX_LENGTH_MIN
        return self.word.word if self.is_last and is_enough else None


@dataclass(frozen=True, slots=True)
class Hit:
    """A reward that was found and its place."""

    reward_id: UUID
    score: int
    rank: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Which word of the query was found, where, and how near."""

    word: str
    field: MatchedField
    how: MatchedHow


Facets = Mapping[str, tuple[tuple[str, int], ...]]
"""By the name of a fact: its values and how many have each, counted without its own choice."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of what was found, in its order, and figures of the whole of it."""

    hits: tuple[Hit, ...] = ()
    has_more: bool = False
    total: int = 0
    facets: Facets = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    mistyped: int = 0

    def cursor_of(self, hit: Hit) -> SearchCursor:
        """Tell the place of one of its hits."""
        return SearchCursor(hit.score, hit.rank, hit.reward_id, self.mistyped)
