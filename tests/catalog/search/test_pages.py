"""Pages meet whatever is filed meanwhile: nothing comes twice, and nothing that was there is left out."""

import asyncio
from uuid import UUID

from api.database.transaction import Database
from catalog.search import SearchCursor, SearchPage, Wanted, search_rewards
from tests.factories.rows import count
from tests.factories.searched import entry, file

NETWORK, PAGES_MAX = 7, 10


async def page_of(database: Database, wanted: Wanted, limit: int, **place) -> SearchPage:
    async with database.reading(NETWORK) as db:
        return await search_rewards(db, network_id=NETWORK, wanted=wanted, limit=limit, **place)


async def test_pages_meet_in_both_directions(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        titles = ["Lantern", "Lanterns", "Paper lantern", "Lantern"]
        entries = [entry(titles[n % 4], rank=n % 3) for n in range(25)]
        await file(db, *entries, network_id=NETWORK)
    wanted = Wanted("lantern")
    whole = await page_of(database, wanted, 100)
    forwards, cursor = [], None
    for _ in range(PAGES_MAX):
        page = await page_of(database, wanted, 7, after=cursor)
        forwards += page.hits
        assert page.total == 25
        if not page.has_more:
            break
        cursor = page.cursor_of(page.hits[-1])
    backwards, cursor = [], None
    for _ in range(PAGES_MAX):
        page = await page_of(database, wanted, 7, before=cursor, backward=True)
        backwards = [*page.hits, *backwards]
        if not page.has_more:
            break
        cursor = page.cursor_of(page.hits[0])

    assert tuple(forwards) == tuple(backwards) == whole.hits
    order = [(-hit.score, hit.rank, hit.reward_id) for hit in whole.hits]
    assert order == sorted(order)
    assert len(set(order)) == 25


async def test_a_page_that_follows_keeps_to_what_was_mistyped(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(db, *(entry("Lantern", rank=n) for n in range(6)), network_id=NETWORK)
    first = await page_of(database, Wanted("lantren"), 3)
    async with database.writing(NETWORK) as db:  # from now on there is such a word
        (new,) = await file(db, entry("Lantren", rank=1), network_id=NETWORK)
    second = await page_of(database, Wanted("lantren"), 10, after=first.cursor_of(first.hits[-1]))
    anew = await page_of(database, Wanted("lantren"), 10)

    assert [hit.reward_id for hit in (*first.hits, *second.hits)] == ids
    assert [hit.reward_id for hit in anew.hits] == [new]


async def test_a_place_may_be_between_what_is_there(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        ids = await file(db, *(entry("Lantern", rank=n) for n in range(4)), network_id=NETWORK)
    place = SearchCursor(score=425, rank=1, reward_id=ids[3], mistyped=0)
    after = await page_of(database, Wanted("lantern"), 10, after=place)
    before = await page_of(database, Wanted("lantern"), 10, before=place, backward=True)

    assert [hit.reward_id for hit in after.hits] == ids[2:]
    assert [hit.reward_id for hit in before.hits] == ids[:2]


TITLES = ("Lantern", "Lantren light", "Lanterns", "Paper lanten", "Lanternfish", "Lan")
BATCHES = 60


async def ingest(database: Database) -> None:
    for batch in range(BATCHES):
        async with database.writing(NETWORK) as db:
            entries = [entry(TITLES[n], rank=(37 * batch + 211 * n) % 1_200) for n in range(6)]
            await file(db, *entries, network_id=NETWORK)


async def read(database: Database, query: str, cursor: SearchCursor | None = None) -> list[UUID]:
    seen: list[UUID] = []
    while True:
        page = await page_of(database, Wanted(query), 9, after=cursor)
        seen += [hit.reward_id for hit in page.hits]
        if not page.has_more:
            return seen
        cursor = page.cursor_of(page.hits[-1])


async def test_nothing_is_missed_or_repeated_while_much_is_filed(database: Database) -> None:
    """Three queries are read page by page while rewards are filed among what they find."""
    async with database.writing(NETWORK) as db:
        there = await file(
            db, *(entry("Paper lantern", rank=10 * n) for n in range(120)), network_id=NETWORK
        )
    # The first page of the mistyped one is read before there is such a word.
    first = await page_of(database, Wanted("lantren"), 9)
    writing = asyncio.create_task(ingest(database))
    found = [await read(database, query) for query in ("lantern", "paper lantern", "lan")]
    await writing
    mistyped = [hit.reward_id for hit in first.hits]
    mistyped += await read(database, "lantren", first.cursor_of(first.hits[-1]))

    for seen in (*found, mistyped):
        assert len(seen) == len(set(seen))
        kept = set(there)
        assert [one for one in seen if one in kept] == there


async def test_those_who_file_the_same_words_at_once_wait_for_each_other(
    database: Database, superuser
) -> None:
    words = [f"word{n}" for n in range(40)]

    async def one(number: int) -> None:
        async with database.writing(NETWORK) as db:
            turned = words[number * 5 :] + words[: number * 5]
            await file(db, *(entry(word) for word in turned), network_id=NETWORK)

    await asyncio.gather(*(one(number) for number in range(8)))
    page = await page_of(database, Wanted("word7"), 100)

    assert page.total == 8
    assert await count(superuser, "catalog.reward_search") == 320
    assert await count(superuser, "catalog.search_word") == 40
