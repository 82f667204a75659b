"""Writing a query down for PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.search.lexemes import (
    BRAND,
    EVERYTHING,
    TITLE,
    sought_keys,
    write_any,
    write_prefix,
)
from catalog.search.model import Term


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A query as tsqueries, each wider than the one before, and two that tell where it was found.

    `whole` wants every word as it is, `prefix` also the last one's beginning, `sounding` also
    brands of the other script, and `widest` also what a mistyped word may have meant.
    """

    whole: str
    prefix: str
    sounding: str
    widest: str
    in_brand: str | None
    in_title: str | None


def plan_query(network_id: int, terms: Sequence[Term]) -> QueryPlan:
    """Write the tsqueries of a query's terms; without any, they are those of everything there is."""
    if not terms:
        everything = " ".join(write_any(network_id, [EVERYTHING]))
        return QueryPlan(everything, everything, everything, everything, None, None)
    whole = [write_any(network_id, term.word.forms) for term in terms]
    prefix = [
        [*written, *_prefix_of(network_id, term)]
        for term, written in zip(terms, whole, strict=True)
    ]
    sounding = [
        [*written, *write_any(network_id, sought_keys(term.word))]
        for term, written in zip(terms, prefix, strict=True)
    ]
    widest = [
        [*written, *write_any(network_id, term.typos)]
        for term, written in zip(terms, sounding, strict=True)
    ]
    return QueryPlan(
        whole=_all(whole),
        prefix=_all(prefix),
        sounding=_all(sounding),
        widest=_all(widest),
        in_brand=" | ".join(
            one for term in terms for one in write_any(network_id, term.word.forms, weights=BRAND)
        ),
        in_title=_all([write_any(network_id, term.word.forms, weights=TITLE) for term in terms]),
    )


def _prefix_of(network_id: int, term: Term) -> list[str]:
    return [] if term.prefix is None else [write_prefix(network_id, term.prefix)]


def _all(terms: Sequence[Sequence[str]]) -> str:
    return " & ".join(f"({' | '.join(any_of)})" for any_of in terms)
