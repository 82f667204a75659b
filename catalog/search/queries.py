"""Reading what was filed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.search.model import Facets, Hit, SearchCursor, Wanted
from catalog.search.plan_query import QueryPlan
from catalog.search.tables import reward_search

CANDIDATES_MAX = 400
_LAST_SIGN = "\U0010ffff"

_KNOWN = text(
    """
    SELECT 'word' AS what, w.word FROM catalog.search_word w
    WHERE w.network_id = :network AND w.word = ANY (:words)
    UNION ALL
    SELECT 'begins', NULL WHERE :is_begun AND EXISTS (
      SELECT FROM catalog.search_word b
      WHERE b.network_id = :network AND b.word >= :start AND b.word < :end)
    UNION ALL
    (SELECT 'slip', s.word FROM catalog.search_slip s
    WHERE s.network_id = :network AND s.slip = ANY (:slips)
    ORDER BY s.filed_at, s.word LIMIT :most)
    """
).bindparams(
    bindparam("network", type_=BigInteger),
    bindparam("words", type_=ARRAY(Text)),
    bindparam("is_begun", type_=Boolean),
    bindparam("start", type_=Text),
    bindparam("end", type_=Text),
    bindparam("slips", type_=ARRAY(Text)),
    bindparam("most", type_=Integer),
)
_SEARCH = (
    text(
        """
        SELECT f.reward_ids, f.scores, f.ranks, f.total, f.facets FROM catalog.search_rewards(
          :network, :widest, :sounding, :prefix, :whole, :in_brand, :in_title, :kinds, :categories,
          :brands, :price_bands, :country, :deliveries, :score, :rank, :reward, :backward, :rows, :shown,
          :without
        ) AS f
        """
    )
    .bindparams(
        bindparam("network", type_=BigInteger),
        bindparam("widest", type_=TSQUERY),
        bindparam("sounding", type_=TSQUERY),
        bindparam("prefix", type_=TSQUERY),
        bindparam("whole", type_=TSQUERY),
        bindparam("in_brand", type_=TSQUERY),
        bindparam("in_title", type_=TSQUERY),
        bindparam("kinds", type_=ARRAY(Text)),
        bindparam("categories", type_=ARRAY(Text)),
        bindparam("brands", type_=ARRAY(Uuid)),
        bindparam("price_bands", type_=ARRAY(Text)),
        bindparam("country", type_=Text),
        bindparam("deliveries", type_=ARRAY(Text)),
        bindparam("score", type_=Integer),
        bindparam("rank", type_=BigInteger),
        bindparam("reward", type_=Uuid),
        bindparam("backward", type_=Boolean),
        bindparam("rows", type_=Integer),
        bindparam("shown", type_=ARRAY(Uuid)),
        bindparam("without", type_=ARRAY(Uuid)),
    )
    .columns(
        column("reward_ids", ARRAY(Uuid)),
        column("scores", ARRAY(Integer)),
        column("ranks", ARRAY(BigInteger)),
        column("total", BigInteger),
        column("facets", JSONB),
    )
)


@dataclass(frozen=True, slots=True)
class KnownWords:
    """What of a query was filed, whether anything begins as it ends, and what is a slip away."""

    words: frozenset[str] = frozenset()
    begins: bool = False
    slips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What one call of the search found: up to so many rows, and figures of all there are."""

    hits: tuple[Hit, ...]
    total: int
    facets: Facets


async def read_known_words(
    db: AsyncConnection,
    *,
    network_id: int,
    words: Collection[str],
    prefix: str | None,
    slips: Collection[str],
) -> KnownWords:
    """Look words up in one statement. Of very many slips the words that were filed first count."""
    parameters = {
        "network": network_id,
        "words": sorted(words),
        "is_begun": prefix is not None,
        "start": prefix or "",
        "end": (prefix or "") + _LAST_SIGN,
        "slips": sorted(slips),
        "most": CANDIDATES_MAX,
    }
    rows = (await db.execute(_KNOWN, parameters)).all()
    return KnownWords(
        words=frozenset(row.word for row in rows if row.what == "word"),
        begins=any(row.what == "begins" for row in rows),
        slips=tuple(dict.fromkeys(row.word for row in rows if row.what == "slip")),
    )


async def read_found(
    db: AsyncConnection,
    *,
    network_id: int,
    plan: QueryPlan,
    wanted: Wanted,
    place: SearchCursor | None,
    backward: bool,
    limit: int,
    shown: Collection[UUID] | None,
    without: Collection[UUID],
) -> Found:
    """Call the search once, as if `shown` (None: all) but for `without` were all rewards there are."""
    parameters = {
        "network": network_id,
        "widest": plan.widest,
        "sounding": plan.sounding,
        "prefix": plan.prefix,
        "whole": plan.whole,
        "in_brand": plan.in_brand,
        "in_title": plan.in_title,
        "kinds": list(wanted.kinds) or None,
        "categories": list(wanted.categories) or None,
        "brands": list(wanted.brands) or None,
        "price_bands": [one.value for one in wanted.price_bands] or None,
        "country": wanted.country,
        "deliveries": [one.value for one in wanted.deliveries] or None,
        "score": None if place is None else place.score,
        "rank": None if place is None else place.rank,
        "reward": None if place is None else place.reward_id,
        "backward": backward,
        "rows": limit,
        "shown": None if shown is None else list(shown),
        "without": list(without),
    }
    row: Any = (await db.execute(_SEARCH, parameters)).one()
    columns = (row.reward_ids or (), row.scores or (), row.ranks or ())
    hits = tuple(Hit(*one) for one in zip(*columns, strict=True))
    return Found(hits, row.total, _facets_of(row.facets or ()))


def _facets_of(counted: Sequence[tuple[str, str, int]]) -> Facets:
    by_fact: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for fact, value, rewards in counted:
        by_fact[fact].append((value, rewards))
    return {fact: tuple(values) for fact, values in by_fact.items()}


async def list_filed(
    db: AsyncConnection, *, network_id: int, brand_ids: Collection[UUID]
) -> list[UUID]:
    """Tell which rewards are filed under these brands."""
    if not brand_ids:
        return []
    rows = await db.execute(
        select(reward_search.c.reward_id).where(
            reward_search.c.network_id == network_id,
            reward_search.c.brand_id == any_(cast(list(brand_ids), ARRAY(Uuid))),
        )
    )
    return list(rows.scalars())
