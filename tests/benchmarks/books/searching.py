"""The figures of searching: facets in one pass beside a count for each, and a page far down."""

import asyncio
import csv
import io
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

import asyncpg
from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.engine import open_engine
from api.database.transaction import Database
from catalog.search import Delivery, PriceBand, SearchEntry, SearchPage, Wanted, search_rewards
from catalog.search.lexemes import filed_words, is_plain, write_vector
from catalog.search.plan_query import plan_query
from catalog.search.slips import slips_of, takes_slips
from tests.benchmarks.books.comparison import Comparison, take_turns
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.ground import Ground, settle
from tests.benchmarks.measure import Result, Sample
from tests.benchmarks.world import NOW

SEARCHED, COUNTED = "one search", "a count for each facet"
FIRST, DEEP = "first page", "a page far down"
NETWORK, PAGE, COUNTRY = 7, 20, "SA"
_NAMESPACE = UUID(int=7)

# Nouns in three languages; with an adjective and a brand they make a title each.
_NOUNS = """
coffee قهوة café|bread خبز pain|flower وردة fleur|perfume عطر parfum|book كتاب livre|
shoes حذاء chaussure|dinner عشاء dîner|breakfast فطور déjeuner|hotel فندق hôtel|
flight رحلة vol|cinema سينما cinéma|massage مساج massage|lamp مصباح lampe|game لعبة jeu|
honey عسل miel|dates تمر dattes|toy دمية jouet|ticket تذكرة billet|dress فستان robe|
watch ساعة montre|tea شاي thé|chocolate شوكولاتة chocolat|pizza بيتزا pizza|music موسيقى musique
"""
_ADJECTIVES = """
fresh طازج frais|golden ذهبي doré|large كبير grand|small صغير petit|desert صحراوي désertique|
royal ملكي royal|spring ربيعي printanier|morning صباحي matinal|evening مسائي nocturne|
quiet هادئ calme|bright مضيء lumineux|wild بري sauvage|silver فضي argenté|northern شمالي nordique
"""
_OF_A_BRAND = 125
_QUERIES = (
    "coffee", "القهوة", "عطر ذهبي", "royal hotel", "فندق ملكى", "brand3 card", "شوكولاته كبيره",
    "chocolat", "cofee", "northern brand7", "تذكره", "breakfst large",
)  # fmt: skip
_COUNTS = tuple(
    text(
        f"SELECT {column}, count(*) FROM catalog.reward_search s WHERE s.network_id = :network"
        " AND s.words @@ :widest AND (:country = ANY (s.countries))"
        f" GROUP BY {column} ORDER BY 2 DESC"
    ).bindparams(bindparam("network", type_=BigInteger), bindparam("widest", type_=TSQUERY))
    for column in ("s.kind", "s.category", "s.brand_id", "s.price_band", "s.delivery")
)
# As shoppers expect it: a country is counted without the choice of one.
_COUNTRIES = text(
    "SELECT c.country, count(*) FROM catalog.reward_search s"
    " CROSS JOIN LATERAL unnest(s.countries) AS c (country)"
    " WHERE s.network_id = :network AND s.words @@ :widest GROUP BY 1 ORDER BY 2 DESC"
).bindparams(bindparam("network", type_=BigInteger), bindparam("widest", type_=TSQUERY))


def _triples(lines: str) -> list[list[str]]:
    return [one.split() for one in lines.replace("\n", "").split("|")]


def entries(count: int) -> Iterator[SearchEntry]:
    """Make so many rewards with titles in three languages."""
    nouns, adjectives = _triples(_NOUNS), _triples(_ADJECTIVES)
    bands, ways, kinds = list(PriceBand), list(Delivery), ("gift_card", "experience", "offer")
    for n in range(count):
        noun, adjective = nouns[n % len(nouns)], adjectives[n // len(nouns) % len(adjectives)]
        brand = n * 31 % max(9, count // _OF_A_BRAND)
        yield SearchEntry(
            reward_id=uuid5(_NAMESPACE, str(n)),
            rank=n * 7919 % count,
            kind=kinds[n % 5 % 3],
            titles=(
                f"{adjective[0]} {noun[0]} card {n % 500}",
                f"بطاقة {noun[1]} {adjective[1]} {n % 500}",
                f"carte {noun[2]} {adjective[2]} {n % 500}",
            ),
            brand_id=uuid5(_NAMESPACE, f"brand{brand}"),
            brand_names=(f"Brand{brand}", f"علامة{brand}"),
            category=nouns[n * 13 % len(nouns)][0].title() + "s",
            countries=(("SA", "AE"), ("SA",), ("SA", "KW", "QA"), ("EG",))[n // 5 % 4],
            price_band=bands[n % len(bands)],
            delivery=ways[n % len(ways)],
        )


@dataclass
class Searcher:
    """A network with a large catalogue."""

    ground: Ground
    sizes: BookSizes
    seconds: float = 0.0
    totals: dict[str, int] = field(default_factory=dict)

    async def fill(self) -> None:
        """File the catalogue by COPY, as past the policies only a superuser may."""
        begun = time.monotonic()
        db = await self.ground.connect(self.ground.superuser_url)
        words: set[str] = set()
        await _copy(db, "reward_search", self._rows(words))
        await _copy(db, "search_word", ((NETWORK, word, NOW) for word in sorted(words)))
        slips = (
            (NETWORK, slip, word, NOW)
            for word in sorted(words)
            if is_plain(word) and takes_slips(word)
            for slip in sorted(slips_of(word))
        )
        await _copy(db, "search_slip", slips)
        await db.close()
        await settle(self.ground)
        self.seconds = time.monotonic() - begun

    def _rows(self, words: set[str]) -> Iterator[Sequence[object]]:
        for one in entries(self.sizes.searched):
            filed = filed_words(one)
            words.update(filed)
            countries = "{" + ",".join(one.countries) + "}"
            facts = (one.kind, one.category, one.brand_id, one.price_band, one.delivery)
            vector = write_vector(NETWORK, filed)
            yield (NETWORK, one.reward_id, one.rank, *facts, countries, vector)

    def measure(self, ask: "Ask", url: str, queries: Sequence[str]) -> Callable[[], Sample]:
        """Ask each query again and again on one connection."""
        return lambda: asyncio.run(self._measure(ask, url, queries))

    async def _measure(self, ask: "Ask", url: str, queries: Sequence[str]) -> Sample:
        engine = open_engine(url, pool_size=1)
        took = []
        async with Database(engine).reading(NETWORK) as db:
            for number in range(self.sizes.searches + 1):
                for query in queries:
                    begun = time.perf_counter()
                    total = await ask(db, query)
                    if number:  # the driver prepares a statement when it first meets it
                        took.append((time.perf_counter() - begun) * 1_000)
                    assert self.totals.setdefault(query, total) == total > 0, (query, total)
        await engine.dispose()
        p99 = sorted(took)[len(took) * 99 // 100 - 1]
        return Sample(len(took), 1_000 / statistics.mean(took), statistics.median(took), p99)


Ask = Callable[[AsyncConnection, str], Awaitable[int]]


async def _copy(db: asyncpg.Connection, table: str, rows: Iterable[Sequence[object]]) -> None:
    columns = _COLUMNS[table]
    written = io.StringIO()
    csv.writer(written).writerows([_plain(value) for value in row] for row in rows)
    source = io.BytesIO(written.getvalue().encode())
    await db.copy_to_table(
        table, source=source, columns=columns, schema_name="catalog", format="csv"
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


_COLUMNS = {
    "reward_search": (
        "network_id", "reward_id", "rank", "kind", "category", "brand_id", "price_band",
        "delivery", "countries", "words",
    ),
    "search_word": ("network_id", "word", "filed_at"),
    "search_slip": ("network_id", "slip", "word", "filed_at"),
}  # fmt: skip


async def _page(db: AsyncConnection, query: str) -> SearchPage:
    wanted = Wanted(query, country=COUNTRY)
    return await search_rewards(db, network_id=NETWORK, wanted=wanted, limit=PAGE)


async def _search(db: AsyncConnection, query: str) -> int:
    return (await _page(db, query)).total


async def _plans(searcher: Searcher) -> dict[str, str]:
    """Tell what each query is searched as, mistyped words and all."""
    engine = open_engine(searcher.ground.application_url, pool_size=1)
    async with Database(engine).reading(NETWORK) as db:
        pages = {query: await _page(db, query) for query in _QUERIES}
    await engine.dispose()
    return {query: plan_query(NETWORK, page.terms).widest for query, page in pages.items()}


def measure_searching(searcher: Searcher) -> list[Comparison]:
    """Search in one call and in a count for each facet, then the first page and one far down."""
    asyncio.run(searcher.fill())
    plans = asyncio.run(_plans(searcher))

    async def count(db: AsyncConnection, query: str) -> int:
        values = {"network": NETWORK, "widest": plans[query]}
        await db.execute(_COUNTRIES, values)
        for statement in _COUNTS:
            rows = (await db.execute(statement, {**values, "country": COUNTRY})).all()
        return sum(row.count for row in rows)

    ground, sizes = searcher.ground, searcher.sizes
    facets = take_turns(
        f"search of {sizes.searched:,} rewards",
        {
            COUNTED: searcher.measure(count, ground.superuser_url, _QUERIES),
            SEARCHED: searcher.measure(_search, ground.application_url, _QUERIES),
        },
        rounds=sizes.rounds,
        clients=1,
    )
    deep = _measure_pages(searcher)
    name = f"search with facets of {sizes.searched:,} rewards in 3 languages"
    return [
        _ratio(facets, SEARCHED, COUNTED, "p50_ms", f"{name}, p50 / {COUNTED}", 2),
        _ratio(facets, SEARCHED, COUNTED, "p99_ms", f"{name}, p99 / {COUNTED}", 2),
        _ratio(deep, DEEP, FIRST, "p50_ms", f"{DEEP} of what was found / the {FIRST}", 1.2),
    ]


def _measure_pages(searcher: Searcher) -> Result:
    url, sizes, query = searcher.ground.application_url, searcher.sizes, _QUERIES[0]

    async def far_down() -> SearchPage:
        """Find the place before the last page."""
        engine = open_engine(url, pool_size=1)
        async with Database(engine).reading(NETWORK) as db:
            wanted = Wanted(query, country=COUNTRY)
            last = await search_rewards(
                db, network_id=NETWORK, wanted=wanted, limit=PAGE + 1, backward=True
            )
        await engine.dispose()
        return last

    last = asyncio.run(far_down())
    place = last.cursor_of(last.hits[0])

    async def deep(db: AsyncConnection, query: str) -> int:
        page = await search_rewards(
            db,
            network_id=NETWORK,
            wanted=Wanted(query, country=COUNTRY),
            limit=PAGE,
            after=place,
        )
        assert page.hits == last.hits[1:], "the page far down is the last one"
        return page.total

    return take_turns(
        DEEP,
        {
            FIRST: searcher.measure(_search, url, [query] * len(_QUERIES)),
            DEEP: searcher.measure(deep, url, [query] * len(_QUERIES)),
        },
        rounds=sizes.rounds,
        clients=1,
    )


def _ratio(
    result: Result, who: str, against: str, what: str, name: str, bound: float
) -> Comparison:
    ratio = result.ratio(who, against, what)
    assert ratio is not None, "every contender was measured"
    return Comparison(
        name=name,
        ratio=ratio,
        measured=f"{result.median(who, what):.3g} ms",
        against=f"{result.median(against, what):.3g} ms",
        bound=bound,
        direction="lower",
        is_noisy=result.is_noisy(against),
    )
