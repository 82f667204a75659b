"""What is found comes nearest first, with figures of all of it, inside one network."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.database.transaction import Database
from catalog.search import (
    Delivery,
    PriceBand,
    SearchInvalid,
    SearchPage,
    Wanted,
    search_rewards,
    unfile_rewards,
)
from tests.factories.catalog import statements_of
from tests.factories.rows import count
from tests.factories.searched import entry, file

NETWORK = 7


async def search(
    database: Database, wanted: Wanted, *, network_id=NETWORK, limit=100
) -> SearchPage:
    async with database.reading(network_id) as db:
        return await search_rewards(db, network_id=network_id, wanted=wanted, limit=limit)


async def test_what_is_nearer_comes_first_then_rank_then_id(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(
            db,
            entry("Card", brand=["لنترن"], rank=1),  # sounds like it
            entry("Lanterns of paper", rank=1),  # begins with it
            entry("Card", category="Lantern", rank=1),  # the category is it
            entry("Lantern", rank=2),  # the title is it
            entry("Card", brand=["Lantern"], rank=3),  # the brand is it
            entry("Lantern", brand=["Lantern"], rank=9),  # both are
            entry("Lantern", rank=1),  # as the fourth, and listed before it
            entry("Lamp", rank=1),
            network_id=NETWORK,
        )
    page = await search(database, Wanted("lantern"))

    assert [ids.index(hit.reward_id) for hit in page.hits] == [5, 4, 6, 3, 2, 1, 0]
    assert [hit.score for hit in page.hits] == [475, 450, 425, 425, 400, 300, 200]
    assert (page.total, page.has_more) == (7, False)


async def test_a_mistyped_word_comes_to_the_lowest_score(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(db, entry("Lantern"), entry("Lamp"), network_id=NETWORK)
    page = await search(database, Wanted("lantren card"))
    assert page.hits == ()  # every word counts
    page = await search(database, Wanted("lantren"))

    assert [(hit.reward_id, hit.score) for hit in page.hits] == [(ids[0], 100)]
    assert page.mistyped == 1
    assert [term.typos for term in page.terms] == [("lantern",)]


async def test_a_word_that_is_known_is_never_taken_for_another(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(db, entry("Coral tea"), entry("Choral evening"), network_id=NETWORK)
    known = await search(database, Wanted("coral"))
    async with database.writing(NETWORK) as db:
        await unfile_rewards(db, network_id=NETWORK, reward_ids=ids[:1])
    unfiled = await search(database, Wanted("coral"))

    assert [hit.reward_id for hit in known.hits] == ids[:1]
    assert unfiled.hits == ()


BRANDS = [uuid4() for _ in range(3)]
SHELF = (
    entry("Amber one", kind="gift_card", category="Home", brand_id=BRANDS[0], countries=["SA"]),
    entry("Amber two", kind="gift_card", category="Gifts", brand_id=BRANDS[0],
          countries=["AE", "SA"], price_band=PriceBand.FROM_100),
    entry("Amber three", kind="experience", category="Home", brand_id=BRANDS[1], countries=["SA"],
          price_band=PriceBand.FROM_250, delivery=Delivery.BOOKING),
    entry("Amber four", kind="offer", brand_id=BRANDS[2], countries=["KW"], price_band=None,
          delivery=Delivery.ACTIVATION),
    entry("Jade five", kind="gift_card", category="Home", brand_id=BRANDS[0], countries=["SA"]),
)  # fmt: skip


async def test_each_fact_is_counted_without_its_own_choice(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await file(db, *SHELF, network_id=NETWORK)
    plain = await search(database, Wanted("amber"))
    in_saudi = await search(database, Wanted("amber", country="SA"))
    chosen = await search(
        database, Wanted("amber", country="SA", kinds=("gift_card",), categories=("Home",))
    )
    several = await search(
        database,
        Wanted(
            "amber",
            brands=tuple(BRANDS[:2]),
            price_bands=(PriceBand.FROM_50, PriceBand.FROM_250),
            deliveries=(Delivery.BOOKING, Delivery.CODE),
        ),
    )

    assert plain.total == 4
    assert plain.facets["kind"] == (("gift_card", 2), ("experience", 1), ("offer", 1))
    assert plain.facets["category"] == (("Home", 2), ("Gifts", 1))
    assert plain.facets["country"] == (("SA", 3), ("AE", 1), ("KW", 1))
    assert plain.facets["delivery"] == (("code", 2), ("activation", 1), ("booking", 1))
    assert plain.facets["price_band"] == (("from_100", 1), ("from_250", 1), ("from_50", 1))
    assert plain.facets["brand"][0] == (str(BRANDS[0]), 2)
    assert in_saudi.total == 3
    assert in_saudi.facets["country"] == plain.facets["country"]
    assert in_saudi.facets["kind"] == (("gift_card", 2), ("experience", 1))
    assert chosen.total == len(chosen.hits) == 1
    assert chosen.facets["kind"] == (("experience", 1), ("gift_card", 1))
    assert chosen.facets["category"] == (("Gifts", 1), ("Home", 1))
    assert chosen.facets["country"] == (("SA", 1),)
    assert chosen.facets["brand"] == ((str(BRANDS[0]), 1),)
    assert several.total == 2
    assert several.facets["brand"] == tuple(sorted((str(one), 1) for one in BRANDS[:2]))
    assert several.facets["price_band"] == (("from_100", 1), ("from_250", 1), ("from_50", 1))
    assert several.facets["delivery"] == (("booking", 1), ("code", 1))


async def test_an_empty_query_narrows_nothing_down(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(db, *SHELF, network_id=NETWORK)
    everything = await search(database, Wanted(" \u2028"))
    at_home = await search(database, Wanted(categories=("Home",)), limit=2)

    assert [hit.reward_id for hit in everything.hits] == sorted(ids)
    assert everything.total == 5
    assert (len(at_home.hits), at_home.has_more, at_home.total) == (2, True, 3)


async def test_a_search_is_two_statements_however_much_there_is(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await file(db, *SHELF, network_id=NETWORK)
    async with database.reading(NETWORK) as db:
        with statements_of(database) as seen:
            await search_rewards(
                db, network_id=NETWORK, wanted=Wanted("amber jade ambr عنبر"), limit=100
            )

    assert len(seen) == 2


async def test_another_network_finds_nothing_and_knows_no_word(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await file(db, *SHELF, network_id=NETWORK)
    async with database.writing(8) as db:
        (own,) = await file(db, entry("Amber of the other"), network_id=8)
    found = await search(database, Wanted("amber"), network_id=8)
    everything = await search(database, Wanted(), network_id=8)
    mistyped = await search(database, Wanted("jadde"), network_id=8)

    assert [hit.reward_id for hit in found.hits] == [own]
    assert (found.total, everything.total) == (1, 1)
    assert found.facets["country"] == (("SA", 1),)
    assert (mistyped.hits, mistyped.terms[0].typos) == ((), ())


async def test_every_word_is_filed_under_its_network(database: Database, superuser) -> None:
    for network_id in (NETWORK, 8):
        async with database.writing(network_id) as db:
            await file(
                db, entry("Amber card", brand=["كريم"], category="Home"), network_id=network_id
            )
    rows = await superuser.execute(
        text(
            "SELECT s.network_id, w.lexeme FROM catalog.reward_search s"
            " CROSS JOIN LATERAL unnest(s.words) AS w"
        )
    )
    filed = sorted(tuple(row) for row in rows)
    words = sorted(["", "amber", "card", "home", "كريم", "~akrm1"])

    assert filed == [
        (network_id, f"{network_id}.{word}") for network_id in (7, 8) for word in words
    ]


async def test_words_after_the_tenth_narrow_nothing_down(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(db, entry("Amber"), network_id=NETWORK)
    ten = await search(database, Wanted("amber " * 9 + "xylophone"))
    eleven = await search(database, Wanted("amber " * 10 + "xylophone"))

    assert ten.hits == ()
    assert [hit.reward_id for hit in eleven.hits] == ids


async def test_the_function_refuses_a_network_that_is_not_the_callers(database, superuser) -> None:
    async with database.writing(NETWORK) as db:
        await file(db, *SHELF, network_id=NETWORK)
    async with database.reading(8) as db:
        with pytest.raises(DBAPIError) as caught:
            await search_rewards(db, network_id=NETWORK, wanted=Wanted("amber"), limit=10)
    assert caught.value.orig.sqlstate == "MZ001"
    async with database.engine.connect() as db:  # with no network at all
        with pytest.raises(DBAPIError) as caught:
            await search_rewards(db, network_id=NETWORK, wanted=Wanted("amber"), limit=10)

    assert caught.value.orig.sqlstate == "MZ001"
    assert await count(superuser, "catalog.reward_search") == len(SHELF)


async def test_the_functions_role_may_read_nothing_but_what_is_filed(superuser) -> None:
    granted = await superuser.execute(
        text(
            "SELECT table_schema || '.' || table_name, privilege_type"
            " FROM information_schema.table_privileges WHERE grantee = 'mizan_search'"
        )
    )
    owner = await superuser.execute(
        text(
            "SELECT r.rolname, p.prosecdef FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
            " WHERE p.proname = 'search_rewards'"
        )
    )

    assert [tuple(row) for row in granted] == [("catalog.reward_search", "SELECT")]
    # One for the code of before, without what is left out.
    assert [tuple(row) for row in owner] == [("mizan_search", True)] * 2


ONLY_AMBER = ["amber' & !'", "amber:*", "amber:A", "!amber", "(amber", "\u202eamber", "amber\\"]
NEITHER = [
    "' | '7.amber' | '", "amber <-> jade", "amber | jade", "%", "_", "a%b", "\\", "''", "~amsk1",
    "'; DROP TABLE catalog.reward_search; --", "7.amber", "8.amber", "\u064b\u064c\u064d\u064e",
    "\u0640\u0640", "\u200f\u200e\u202e", "🎁🎁", "a" * 200, "ﷺ" * 200, "ا" * 200, "{}", "$1",
    ":network", "NaN", "٪", "\ud7ff",
]  # fmt: skip


async def test_signs_are_never_operators(database: Database, superuser) -> None:
    async with database.writing(NETWORK) as db:
        (amber, _) = await file(db, entry("Amber"), entry("Jade"), network_id=NETWORK)
    wrong = []
    for query in (*ONLY_AMBER, *NEITHER):
        page = await search(database, Wanted(query))
        expected = [amber] if query in ONLY_AMBER else []
        if [hit.reward_id for hit in page.hits] != expected or page.total != len(expected):
            wrong.append(query)

    assert wrong == []
    assert await count(superuser, "catalog.reward_search") == 2


async def test_what_cannot_be_filed_under_is_published_all_the_same(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(
            db,
            entry("🎁 %&|!()':*", "'quoted' \\ word:1A"),
            entry("ﷺ" * 200, "x" * 200, "ｗ" * 200),
            network_id=NETWORK,
        )
    quoted = await search(database, Wanted("QUOTED word 1a"))
    long = await search(database, Wanted("x" * 200))
    everything = await search(database, Wanted())

    assert [hit.reward_id for hit in quoted.hits] == ids[:1]
    assert [hit.reward_id for hit in long.hits] == ids[1:]
    assert everything.total == 2


TOO_MUCH = [
    (Wanted("a" * 201), ("query",)),
    (Wanted(country="sa"), ("country",)),
    (Wanted(country="SAU"), ("country",)),
    (Wanted(country="S\x00"), ("country",)),
    (Wanted(kinds=("offer",) * 51), ("kinds",)),
    (Wanted(categories=("x",) * 51), ("categories",)),
    (Wanted(categories=("x" * 201,)), ("categories",)),
    (Wanted(categories=("\x00",)), ("categories",)),
    (Wanted(brands=(BRANDS[0],) * 51), ("brands",)),
    (Wanted(price_bands=(PriceBand.FROM_50,) * 51), ("priceBands",)),
    (Wanted(deliveries=(Delivery.CODE,) * 51), ("delivery",)),
]


async def test_what_is_too_long_is_refused_with_its_place(database: Database) -> None:
    paths = []
    with statements_of(database) as seen:
        for wanted, _ in TOO_MUCH:
            with pytest.raises(SearchInvalid) as caught:
                await search(database, wanted)
            paths.append(caught.value.path)

    assert paths == [path for _, path in TOO_MUCH]
    assert seen == []
