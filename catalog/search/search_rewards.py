"""Searching what is on sale."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.search.lexemes import sought_keys
from catalog.search.model import (
    WORDS_MAX,
    SearchCursor,
    SearchPage,
    Term,
    Wanted,
    Word,
    check_wanted,
)
from catalog.search.normalise import normalise
from catalog.search.plan_query import plan_query
from catalog.search.queries import read_found, read_known_words
from catalog.search.slips import is_one_slip, slips_of, takes_slips

PAGE_MAX = 101
"""A page of 100, and the row that tells whether there is another."""
# They join the words of a query and narrow nothing down. The last two are the Persian plural, where
# a space stands before it.
_JOINING = frozenset(
    one.word
    for one in normalise(
        "a an and at by for from in of on or the to with في من على الى عن مع او و ها های"
    )
)


async def search_rewards(
    db: AsyncConnection,
    *,
    network_id: int,
    wanted: Wanted,
    limit: int,
    after: SearchCursor | None = None,
    before: SearchCursor | None = None,
    backward: bool = False,
    shown: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> SearchPage:
    """Find what is on sale by its words and facts, in two statements however much there is.

    Every word of the query has to be found: as it is, as the beginning of one if it is the last,
    as a brand of the other script, or, if nothing of the kind was ever filed, as one that is a slip
    away. A page is cut after `after` or, `backward`, before `before`, and is in order of score,
    rank and id either way; that order does not depend on what is filed meanwhile. With `shown` only
    these rewards are found and counted, and never those in `without`. Raises SearchInvalid.
    """
    check_wanted(wanted)
    words = normalise(wanted.query)
    if wanted.query.strip() and not words:
        return SearchPage()  # signs under which nothing is filed
    place = before if backward else after
    telling = [word for word in words if word.word not in _JOINING] or words
    terms, mistyped = await _read_terms(db, network_id, telling[:WORDS_MAX], place)
    limit = min(limit, PAGE_MAX)
    found = await read_found(
        db,
        network_id=network_id,
        plan=plan_query(network_id, terms),
        wanted=wanted,
        place=place,
        backward=backward,
        limit=limit + 1,
        shown=shown,
        without=without,
    )
    # They come in order; a page that ends before a place has the row too many at its start.
    has_more = len(found.hits) > limit
    kept = found.hits[1:] if backward and has_more else found.hits[:limit]
    return SearchPage(kept, has_more, found.total, found.facets, tuple(terms), mistyped)


async def _read_terms(
    db: AsyncConnection, network_id: int, words: Sequence[Word], place: SearchCursor | None
) -> tuple[list[Term], int]:
    """Look the words up and tell which of them are taken as mistyped, a bit for each."""
    if not words:
        return [], 0
    last = len(words) - 1
    terms = [Term(word, is_last=n == last) for n, word in enumerate(words)]
    slippery = {n for n, word in enumerate(words) if takes_slips(word.word)}
    known = await read_known_words(
        db,
        network_id=network_id,
        words={form for term in terms for form in _forms_of(term)},
        prefix=terms[last].prefix,
        slips={slip for n in slippery for slip in slips_of(words[n].word)},
    )
    mistyped = 0
    for n in slippery:
        is_known = bool(known.words.intersection(_forms_of(terms[n])))
        is_known = is_known or (terms[n].is_last and known.begins)
        # A page that follows keeps to what the first one took as mistyped.
        if not is_known if place is None else place.mistyped >> n & 1:
            mistyped |= 1 << n
            near = tuple(one for one in known.slips if is_one_slip(one, words[n].word))
            terms[n] = Term(words[n], terms[n].is_last, near)
    return terms, mistyped


def _forms_of(term: Term) -> tuple[str, ...]:
    return (*term.word.forms, *sought_keys(term.word))
