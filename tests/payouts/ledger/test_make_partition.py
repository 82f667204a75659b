"""A month's journals lie in a partition of their own, and nothing else is touched to write them."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Draft,
    Partitioning,
    Posted,
    make_partition,
    month_after,
    post_journal,
    read_journals,
    read_unplaced_bytes,
)
from payouts.ledger.make_partition import PartitionedTable
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import earned, posted

# Later than what is made for months to come, whenever that is.
MAY, JUNE = date(2090, 5, 1), date(2090, 6, 1)
IN_MAY = datetime(2090, 5, 31, 23, 59, 59, 999_000, tzinfo=UTC)
IN_JUNE = datetime(2090, 6, 1, tzinfo=UTC)
LONG_AGO = datetime(1971, 1, 1, tzinfo=UTC)
MADE, PRESENT = Partitioning.MADE, Partitioning.PRESENT


async def make(book: Database, month: date, table: PartitionedTable = "journal") -> Partitioning:
    async with book.writing(0) as db:
        return await make_partition(db, table=table, month=month)


async def post(book: Database, draft: Draft, now: datetime) -> Posted:
    own = replace(draft, effective_at=now)
    async with book.writing(BOOK) as db:
        return await post_journal(db, network_id=BOOK, draft=own, now=now)


async def places(superuser: AsyncConnection) -> list[tuple[str, int]]:
    found = await superuser.execute(
        text(
            "SELECT tableoid::regclass::text, count(*) FROM payouts.journal GROUP BY 1"
            " UNION ALL SELECT tableoid::regclass::text, count(*) FROM payouts.posting GROUP BY 1"
            " ORDER BY 1"
        )
    )
    return [(name, count) for name, count in found]


async def test_journals_lie_in_their_months(book: Database, superuser: AsyncConnection) -> None:
    for month in (MAY, JUNE):
        assert await make(book, month) == await make(book, month, "posting") == MADE
    for number, now in enumerate((LONG_AGO, IN_MAY, IN_JUNE)):
        await post(book, earned(f"k{number}"), now)
    await post(book, earned("k3"), datetime(2090, 7, 1, tzinfo=UTC))
    assert await places(superuser) == [
        ("payouts.journal_209005", 1),
        ("payouts.journal_209006", 1),
        ("payouts.journal_default", 1),
        ("payouts.journal_first", 1),
        ("payouts.posting_209005", 2),
        ("payouts.posting_209006", 2),
        ("payouts.posting_default", 2),
        ("payouts.posting_first", 2),
    ]


async def test_a_key_happens_once_whatever_the_month(
    book: Database, superuser: AsyncConnection
) -> None:
    await make(book, MAY)
    first = await post(book, earned("k"), IN_MAY)
    later = await post(book, earned("k"), IN_JUNE)
    assert (later.journal_id, later.replayed) == (first.journal_id, True)
    assert await posted(superuser) == (1, 2, 500)
    async with book.reading(BOOK) as db:
        found = await read_journals(db, network_id=BOOK, journal_ids=[first.journal_id])
    assert [one.amount.minor for one in found[first.journal_id].postings] == [500, -500]


async def test_posting_touches_the_partitions_of_its_month_alone(
    book: Database, superuser: AsyncConnection
) -> None:
    await make(book, MAY)
    await make(book, MAY, "posting")
    async with book.writing(BOOK) as db:
        for number in range(3):
            draft = replace(earned(f"k{number}"), effective_at=IN_MAY)
            await post_journal(db, network_id=BOOK, draft=draft, now=IN_MAY)
        locked = await db.execute(
            text(
                "SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
                " WHERE l.pid = pg_backend_pid() AND c.relispartition AND c.relkind = 'r'"
            )
        )
        assert set(locked.scalars()) == {"journal_209005", "posting_209005"}


async def test_a_journal_is_looked_up_in_its_month_alone(
    book: Database, superuser: AsyncConnection
) -> None:
    known = await post(book, earned("k"), IN_MAY)
    await superuser.execute(text("SET plan_cache_mode = force_generic_plan"))
    for table in ("journal", "posting"):
        await superuser.execute(
            text(
                f"PREPARE by_{table} (bigint, uuid) AS SELECT network_id FROM payouts.{table}"
                " WHERE book_id = $1 AND journal_id = $2"
            )
        )
        plan = await superuser.execute(
            text(f"EXPLAIN EXECUTE by_{table} ({BOOK}, '{known.journal_id}')")
        )
        told = "\n".join(plan.scalars())
        assert f"{table}_default" in told, told
        assert f"{table}_first" not in told, told
        assert "Subplans Removed" in told, told


async def test_making_it_again_or_at_once_makes_one(book: Database) -> None:
    assert sorted(await asyncio.gather(*(make(book, MAY) for _ in range(4)))) == [
        MADE,
        PRESENT,
        PRESENT,
        PRESENT,
    ]
    assert await make(book, date(2090, 5, 17)) == PRESENT
    assert await make(book, date(1999, 1, 1)) == PRESENT


async def test_a_month_that_was_written_without_one_stays_where_it_is(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.reading(0) as db:
        assert await read_unplaced_bytes(db) == 0
    await post(book, earned("k"), IN_MAY)
    assert await make(book, MAY) == await make(book, MAY, "posting") == Partitioning.OCCUPIED
    assert await make(book, JUNE) == MADE
    async with book.reading(0) as db:
        assert await read_unplaced_bytes(db) > 0
    assert (await post(book, earned("k"), IN_JUNE)).replayed
    assert await places(superuser) == [
        ("payouts.journal_default", 1),
        ("payouts.posting_default", 2),
    ]


async def test_nobody_waits_long_for_it(book: Database, superuser: AsyncConnection) -> None:
    async with book.reading(BOOK) as db:
        await db.execute(text("SELECT count(*) FROM payouts.journal"))
        assert await make(book, MAY) == Partitioning.BUSY
        # Whoever only posts is not waited for, nor made to wait.
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned("k"), now=IN_JUNE)
        assert await make(book, date(2090, 7, 1), "posting") == Partitioning.BUSY
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned("l"), now=LONG_AGO)
        assert await make(book, MAY) == MADE


async def test_a_table_has_so_many_partitions_and_no_more(
    book: Database, superuser: AsyncConnection
) -> None:
    count = await superuser.execute(
        text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'payouts.journal'::regclass")
    )
    month = MAY
    for _ in range(240 - count.scalar_one()):
        assert await make(book, month) == MADE
        month = month_after(month)
    assert await make(book, month) == Partitioning.FULL
    assert await make(book, MAY) == PRESENT


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT payouts.make_partition('seal', '2090-05-01')",
        "SELECT payouts.make_partition('journal; DROP TABLE payouts.seal', '2090-05-01')",
        "SELECT payouts.make_partition(NULL, '2090-05-01')",
        "SELECT payouts.make_partition('journal', NULL)",
        "SELECT payouts.make_partition('journal', 'infinity')",
        "SELECT payouts.make_partition('journal', '20000-01-01')",
        "SELECT 1 FROM payouts.journal_first",
        "SELECT 1 FROM payouts.posting_default",
        "INSERT INTO payouts.journal_default (book_id) VALUES (7)",
        "INSERT INTO payouts.journal_key (book_id) VALUES (7)",
        "UPDATE payouts.journal_key SET ledger_key = 'x'",
        "DELETE FROM payouts.journal_key",
        "ALTER TABLE payouts.journal DETACH PARTITION payouts.journal_first",
    ],
)
async def test_the_service_can_do_nothing_else_with_them(book: Database, statement: str) -> None:
    await make(book, MAY)
    with pytest.raises(DBAPIError, match=r"no partition of|permission denied|must be owner"):
        async with book.writing(BOOK) as db:
            await db.execute(text(statement))
