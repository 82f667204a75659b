"""Telling why a reward was found."""

from collections.abc import Iterator, Sequence

from catalog.search.lexemes import brand_keys, sought_keys
from catalog.search.model import MatchedField, MatchedHow, Reason, SearchEntry, Term, Word
from catalog.search.normalise import normalise

_HOW = list(MatchedHow)
_FIELDS = list(MatchedField)


def explain_hit(terms: Sequence[Term], entry: SearchEntry) -> tuple[Reason, ...]:
    """Tell for each word of a query where it was found and how near: the nearest, brand first."""
    texts = {
        MatchedField.BRAND: entry.brand_names,
        MatchedField.TITLE: entry.titles,
        MatchedField.CATEGORY: () if entry.category is None else (entry.category,),
    }
    words = [
        (field, word)
        for field, written in texts.items()
        for one in written
        for word in normalise(one)
    ]
    reasons = (_nearest(term, words) for term in terms)
    return tuple(reason for reason in reasons if reason is not None)


def _nearest(term: Term, words: Sequence[tuple[MatchedField, Word]]) -> Reason | None:
    found = [
        (_HOW.index(how), _FIELDS.index(field))
        for field, word in words
        for how in _matches(term, field, word)
    ]
    if not found:
        return None
    how, field = min(found)
    return Reason(term.word.raw, _FIELDS[field], _HOW[how])


def _matches(term: Term, field: MatchedField, word: Word) -> Iterator[MatchedHow]:
    if word.raw == term.word.raw:
        yield MatchedHow.EXACT
    if {*word.forms, *word.parts} & set(term.word.forms):
        yield MatchedHow.NORMALISED
    if term.prefix is not None and any(form.startswith(term.prefix) for form in word.forms):
        yield MatchedHow.PREFIX
    if field is MatchedField.BRAND and set(brand_keys(word)) & set(sought_keys(term.word)):
        yield MatchedHow.TRANSLITERATED
    if set(word.forms) & set(term.typos):
        yield MatchedHow.TYPO
