"""Search: what is on sale, found by its words in any script and narrowed down by its facts."""

from catalog.search.errors import SearchInvalid
from catalog.search.explain_hit import explain_hit
from catalog.search.file_rewards import file_rewards
from catalog.search.model import (
    Delivery,
    Facets,
    Hit,
    MatchedField,
    MatchedHow,
    PriceBand,
    Reason,
    SearchCursor,
    SearchEntry,
    SearchPage,
    Wanted,
    band_of,
)
from catalog.search.queries import list_filed
from catalog.search.search_rewards import search_rewards
from catalog.search.unfile_rewards import unfile_rewards

__all__ = [
    "Delivery",
    "Facets",
    "Hit",
    "MatchedField",
    "MatchedHow",
    "PriceBand",
    "Reason",
    "SearchCursor",
    "SearchEntry",
    "SearchInvalid",
    "SearchPage",
    "Wanted",
    "band_of",
    "explain_hit",
    "file_rewards",
    "list_filed",
    "search_rewards",
    "unfile_rewards",
]
