"""Every query that is listed finds what is listed with it, and nothing else."""

from api.database.transaction import Database
from tests.catalog.search.catalogue import SHELVES
from tests.catalog.search.queries import QUERIES
from tests.catalog.search.world import stock

ARABIC = range(0x600, 0x780)


def named(expected: str) -> set[str]:
    """Write out `noon` and `*.1`."""
    keys = [shelf.key for shelf in SHELVES]
    names = set[str]()
    for one in expected.split():
        key, _, number = one.partition(".")
        numbers = [number] if number else ["1", "2", "3"]
        names |= {f"{k}.{n}" for k in (keys if key == "*" else [key]) for n in numbers}
    return names


def test_the_list_is_long_and_has_no_query_twice() -> None:
    queries = [query for group in QUERIES.values() for query, _ in group]

    assert len(queries) == len(set(queries))
    assert sum(any(ord(sign) in ARABIC for sign in query) for query in queries) >= 200
    assert len(SHELVES) == 50


async def test_every_query_finds_what_it_means_and_nothing_else(database: Database) -> None:
    stocked = await stock(database)
    assert all(named(one) <= set(stocked.ids) for group in QUERIES.values() for _, one in group)

    wrong = {}
    for group, listed in QUERIES.items():
        for query, expected in listed:
            page = await stocked.search(query)
            found = [stocked.names[hit.reward_id] for hit in page.hits]
            if set(found) != named(expected) or not len(found) == len(set(found)) == page.total:
                wrong[group, query] = sorted(found), sorted(named(expected))

    assert not wrong, "\n".join(f"{query}: {one}" for query, one in wrong.items())
