"""Rules that hold for the items of a feed together, whoever the supplier is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from catalog.suppliers.feed_checks import shown
from catalog.suppliers.json_pages import Members
from catalog.suppliers.model import FeedItem, Reason

PRICE_FACTOR_MAX = 3
"""A price more than so many times above or below the file's median for its currencies is absurd."""
PRICE_SAMPLE_MIN = 3
"""With fewer items of a currency pair there is no median worth the name."""


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One element of a file's list, read: an item, or the reasons why there is none."""

    index: int
    sku: str | None
    item: FeedItem | None
    reasons: tuple[Reason, ...]


def refuse_duplicates(read: list[ReadItem], values: Sequence[Any], *, path: str) -> list[ReadItem]:
    """Refuse every item whose sku was named before, whatever became of the first.

    `values` are the items as they stand in the file; `path` is where they name their sku.
    """
    first: dict[str, ReadItem] = {}
    kept = []
    for one in read:
        earlier = first.setdefault(one.sku, one) if one.sku is not None else one
        if earlier is not one:
            reasons = [Reason(path, f"is the same as that of item {earlier.index}")]
            differing = _differing(values[earlier.index], values[one.index])
            if differing:
                names = ", ".join(differing)
                reasons.append(Reason("$", f"differs from item {earlier.index} in {names}"))
            one = ReadItem(one.index, one.sku, None, (*reasons, *one.reasons))
        kept.append(one)
    return kept


def _differing(earlier: Members, later: Members) -> list[str]:
    try:
        names = [name for name in {**earlier, **later} if earlier.get(name) != later.get(name)]
    except RecursionError:  # nested deeper than two values can be compared
        names = ["nested values"]
    return [shown(name)[1:-1] for name in sorted(names)][:10]


def refuse_absurd_prices(read: list[ReadItem]) -> list[ReadItem]:
    """Refuse items whose cost per face is far from what the file's others of that pair have.

    Each item has one vote, the median of its own prices, so that no single item moves the mark.
    """
    votes: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    ratios = [() if one.item is None else one.item.ratios for one in read]
    for one, known in zip(read, ratios, strict=True):
        if one.item is not None:
            votes[_pair(one.item)].append(median(known))
    marks = {pair: median(ratios) for pair, ratios in votes.items() if _is_sample(ratios)}
    return [_judged(one, known, marks) for one, known in zip(read, ratios, strict=True)]


def _pair(item: FeedItem) -> tuple[str, str]:
    return item.face_currency, item.cost_currency


def _is_sample(ratios: Sequence[Fraction]) -> bool:
    return len(ratios) >= PRICE_SAMPLE_MIN


def _judged(
    one: ReadItem, ratios: Sequence[Fraction], marks: dict[tuple[str, str], Fraction]
) -> ReadItem:
    if one.item is None:
        return one
    pair = _pair(one.item)
    # A unit of a currency costs about one unit of itself, however few the items are.
    mark = marks.get(pair, Fraction(1) if pair[0] == pair[1] else None)
    if mark is None:
        return one
    least, most = mark / PRICE_FACTOR_MAX, mark * PRICE_FACTOR_MAX
    reasons = [
        Reason(
            f"prices.{face.decimal}",
            f"the cost {cost} is absurd: {_six_digits(ratio)} {pair[1]} per {pair[0]}, while the"
            f" file's median is {_six_digits(mark)}",
        )
        for (face, cost), ratio in zip(one.item.prices, ratios, strict=True)
        if ratio > most or ratio < least
    ]
    return ReadItem(one.index, one.sku, None, tuple(reasons)) if reasons else one


def _six_digits(ratio: Fraction) -> str:
    """Write a ratio with six digits after the point."""
    return str(Decimal(round(ratio * 10**6)).scaleb(-6))
