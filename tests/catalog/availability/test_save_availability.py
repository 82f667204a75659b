"""The newest word of an item counts, in whatever order and how often ever words come."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.availability import (
    Availability,
    Said,
    SaidBy,
    best_of,
    level_of_pieces,
    level_of_seats,
    list_said_out,
    read_said,
    save_availability,
    worst_of,
)
from payouts.money import new_id
from tests.conftest import NOW
from tests.factories.catalog import statements_of

NETWORK, OTHER = 7, 8
SECOND = timedelta(seconds=1)
IN_STOCK, LOW, OUT, UNKNOWN = (
    Availability.IN_STOCK,
    Availability.LOW,
    Availability.OUT,
    Availability.UNKNOWN,
)
FIRST, SECOND_ITEM = new_id(NOW), new_id(NOW)


def word(level: Availability, at: int, *, sequence: int = 0, item: UUID = FIRST) -> Said:
    """A word of so many seconds ago, or of an hour before now and `at` seconds."""
    return Said(item, level, NOW - timedelta(hours=1) + at * SECOND, sequence)


async def save(
    database: Database, *said: Said, network_id: int = NETWORK
) -> dict[UUID, Availability]:
    async with database.writing(network_id) as db:
        return await save_availability(
            db, network_id=network_id, said=said, said_by=SaidBy.MESSAGE, now=NOW
        )


async def counts(
    database: Database, *items: UUID, network_id: int = NETWORK
) -> list[Availability | None]:
    async with database.reading(network_id) as db:
        found = await read_said(db, network_id=network_id, reward_ids=items or (FIRST,))
    return [found[one].availability if one in found else None for one in items or (FIRST,)]


async def test_what_is_newer_counts_and_tells_what_counted_before(database: Database) -> None:
    assert await counts(database) == [None]
    assert await save(database, word(OUT, 1)) == {FIRST: UNKNOWN}
    assert await save(database, word(OUT, 2)) == {}
    assert await save(database, word(IN_STOCK, 3)) == {FIRST: OUT}
    # What only confirms is newer all the same: what came between is late.
    assert await save(database, word(IN_STOCK, 9)) == {}
    assert await save(database, word(OUT, 5)) == {}
    assert await counts(database) == [IN_STOCK]


async def test_what_is_as_old_or_older_changes_nothing(
    database: Database, superuser: AsyncConnection
) -> None:
    row = text("SELECT xmin::text, r.* FROM catalog.reward_availability r")
    await save(database, word(OUT, 5, sequence=3))
    before = (await superuser.execute(row)).all()
    for late in (
        word(IN_STOCK, 5, sequence=3),
        word(IN_STOCK, 5, sequence=2),
        word(IN_STOCK, 4, sequence=9),
        word(OUT, 5, sequence=3),
    ):
        assert await save(database, late) == {}
    assert (await superuser.execute(row)).all() == before
    # Of one instant the later message counts.
    assert await save(database, word(LOW, 5, sequence=4)) == {FIRST: OUT}
    assert await counts(database) == [LOW]


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_in_any_order_the_newest_word_is_left(
    database: Database, order: Sequence[int]
) -> None:
    words = [word(OUT, 1), word(IN_STOCK, 2), word(LOW, 2, sequence=1), word(OUT, 3)]
    for number in order:
        await save(database, words[number])
        await save(database, words[number])
    assert await counts(database) == [OUT]
    together = [words[number] for number in order]
    assert await save(database, *together, *together) == {}
    async with database.reading(NETWORK) as db:
        assert await read_said(db, network_id=NETWORK, reward_ids=[FIRST]) == {FIRST: words[3]}


async def test_one_call_takes_the_newest_of_each_item(database: Database) -> None:
    said = [
        word(OUT, 2),
        word(LOW, 9, item=SECOND_ITEM),
        word(IN_STOCK, 1),
        word(OUT, 3, item=SECOND_ITEM),
    ]
    assert await save(database, *said) == {FIRST: UNKNOWN, SECOND_ITEM: UNKNOWN}
    assert await counts(database, FIRST, SECOND_ITEM) == [OUT, LOW]
    async with database.reading(NETWORK) as db:
        assert await list_said_out(db, network_id=NETWORK) == [FIRST]


async def test_many_that_come_at_once_leave_the_newest_and_tell_each_change_once(
    database: Database,
) -> None:
    """Forty messages about five items, from workers that race; what each tells makes a chain."""
    items = [new_id(NOW) for _ in range(5)]
    levels = (IN_STOCK, LOW, OUT)
    words = [
        word(levels[(number + place) % 3], number, item=item)
        for place, item in enumerate(items)
        for number in range(8)
    ]
    shuffled = random.Random(20_261_129).sample(words * 2, k=len(words) * 2)
    told = await asyncio.gather(
        *(save(database, *shuffled[start : start + 4]) for start in range(0, len(shuffled), 4))
    )
    newest = [words[place * 8 + 7].availability for place in range(5)]
    assert await counts(database, *items) == newest
    # The first change of each item is from nothing, told by one alone.
    firsts = [key for one in told for key, before in one.items() if before is UNKNOWN]
    assert sorted(firsts) == sorted(items)


async def test_a_clock_that_runs_far_ahead_keeps_no_true_word_out(database: Database) -> None:
    ahead = Said(FIRST, OUT, NOW + timedelta(minutes=5, microseconds=1))
    assert await save(database, ahead) == {}
    assert await counts(database) == [None]
    assert await save(database, Said(FIRST, OUT, NOW + timedelta(minutes=5))) == {FIRST: UNKNOWN}


async def test_networks_hear_their_own_words_alone(
    database: Database, superuser: AsyncConnection
) -> None:
    await save(database, word(OUT, 1))
    await save(database, word(IN_STOCK, 2), network_id=OTHER)
    assert await counts(database) == [OUT]
    assert await counts(database, network_id=OTHER) == [IN_STOCK]
    rows = await superuser.execute(
        text("SELECT network_id, availability FROM catalog.reward_availability ORDER BY 1")
    )
    assert [tuple(row) for row in rows] == [(NETWORK, "out"), (OTHER, "in_stock")]


async def test_a_thousand_items_take_no_more_statements_than_one(database: Database) -> None:
    taken = []
    for count in (1, 1, 1_000):  # at first the driver learns the types of columns
        said = [word(OUT, 1, item=new_id(NOW)) for _ in range(count)]
        sent: list[str] = []
        with statements_of(database) as compiled:
            async with database.writing(NETWORK) as db:
                driver: Any = (await db.get_raw_connection()).driver_connection
                with driver.query_logger(lambda one, sent=sent: sent.append(one.query)):
                    before = await save_availability(
                        db, network_id=NETWORK, said=said, said_by=SaidBy.MESSAGE, now=NOW
                    )
        assert len(before) == count
        taken.append(len(sent) + len(compiled))
    assert taken[1] == taken[2]
    with statements_of(database) as seen:
        assert await save(database) == {}
    assert [one for one in seen if "reward_availability" in one] == []


@pytest.mark.parametrize(
    ("left", "level"), [(-1, OUT), (0, OUT), (1, LOW), (5, LOW), (6, IN_STOCK), (10_000, IN_STOCK)]
)
def test_few_cards_are_low(left: int, level: Availability) -> None:
    assert level_of_pieces(left) is level


@pytest.mark.parametrize(
    ("left", "seats", "level"),
    [(0, 0, OUT), (0, 10, OUT), (1, 5, LOW), (2, 9, IN_STOCK), (2, 10, LOW), (3, 10, IN_STOCK)],
)
def test_a_fifth_of_the_seats_is_low(left: int, seats: int, level: Availability) -> None:
    assert level_of_seats(left, seats) is level


def test_of_several_sources_the_best_counts_and_of_count_and_word_the_worse() -> None:
    assert best_of([]) is UNKNOWN
    assert best_of([OUT, UNKNOWN]) is UNKNOWN
    assert best_of([OUT, UNKNOWN, LOW]) is LOW
    assert best_of([LOW, IN_STOCK, OUT]) is IN_STOCK
    assert best_of([OUT, OUT]) is OUT
    assert [worst_of(IN_STOCK, one) for one in (IN_STOCK, LOW, OUT, UNKNOWN)] == [
        IN_STOCK,
        LOW,
        OUT,
        IN_STOCK,
    ]
    assert [worst_of(OUT, one) for one in (IN_STOCK, LOW, OUT, UNKNOWN)] == [OUT] * 4
