"""What a read of append-only balances looks at, and that it is exact whatever ids journals have."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import read_balances
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_append_balances import (
    _MANY,
    APPENDED,
    balances,
    fold,
    moved,
    post,
    seal,
)
from tests.payouts.ledger.test_post_journal import FEES, PARTNER

_READ = text(
    "SELECT c.relname, sum(coalesce(s.seq_tup_read, 0)), sum(coalesce(s.idx_tup_fetch, 0))"
    " FROM pg_stat_xact_user_tables s"
    " JOIN pg_class c ON c.oid = coalesce(pg_partition_root(s.relid), s.relid)"
    " WHERE s.schemaname = 'payouts' GROUP BY c.relname"
)
_IS_SEALED = text(
    "SELECT s.hint > (SELECT j.xid FROM payouts.journal j WHERE j.book_id = 7"
    " ORDER BY j.xid DESC LIMIT 1) FROM payouts.sealer s WHERE s.book_id = 7"
)
WAITS_MAX = 300


async def crowd(book: Database, superuser: AsyncConnection) -> None:
    """Fold 5,000 journals between two accounts, whose ids are of any time."""
    await post(book, moved("a", 100))
    accounts = {"debtor": PARTNER.id_in(BOOK), "creditor": FEES.id_in(BOOK)}
    await superuser.execute(_MANY, {"now": NOW, **accounts})
    # A transaction of any other test keeps the sealer from what came after it: it is waited for.
    for _ in range(WAITS_MAX):
        await seal(book)
        if (await superuser.execute(_IS_SEALED)).scalar_one():
            break
        await asyncio.sleep(0.1)
    await fold(book)
    await superuser.execute(text("VACUUM ANALYZE payouts.journal, payouts.posting, payouts.seal"))


async def rows_read(book: Database) -> dict[str, tuple[int, int]]:
    async with book.reading(BOOK) as db:
        before = {name: rest for name, *rest in await db.execute(_READ)}
        await read_balances(db, network_id=BOOK, accounts=APPENDED)
        after = {name: rest for name, *rest in await db.execute(_READ)}
    return {
        name: (by_scan - before[name][0], by_index - before[name][1])
        for name, (by_scan, by_index) in after.items()
    }


async def forget_statistics(superuser: AsyncConnection) -> None:
    """Leave the planner what it knew of a table that was just made."""
    parts = "(SELECT relid FROM pg_partition_tree('payouts.posting'))"
    await superuser.execute(text(f"DELETE FROM pg_statistic WHERE starelid IN {parts}"))
    of_one_row = "reltuples = 1, relpages = 1, relallvisible = 1"
    await superuser.execute(
        text(f"UPDATE pg_class SET {of_one_row} WHERE oid IN {parts} AND relkind = 'r'")
    )


@pytest.mark.parametrize("are_statistics_known", [True, False])
async def test_a_read_looks_at_what_is_new_and_no_more(
    book: Database, superuser: AsyncConnection, are_statistics_known: bool
) -> None:
    await crowd(book, superuser)
    if not are_statistics_known:
        await forget_statistics(superuser)
    await post(book, moved("sealed", 20), moved("other", 1))
    await seal(book)
    await post(book, moved("fresh", 3))
    assert await balances(book) == [15_124, 0, 15_124, 0]
    looked_at = await rows_read(book)
    assert looked_at["posting"][0] == 0
    assert looked_at["posting"][1] <= 6
    assert looked_at["journal"][0] == 0
    assert looked_at["balance_snapshot"][1] <= len(APPENDED)


async def test_journals_beyond_whose_ids_span_the_whole_book_are_found_one_by_one(
    book: Database, superuser: AsyncConnection
) -> None:
    await crowd(book, superuser)
    await post(book, moved("first", 20), moved("last", 3))
    # Nothing that this system makes: the least and the greatest id that there can be.
    for name, made in (("first", "0" * 32), ("last", "f" * 32)):
        for table in ("posting", "journal"):
            await superuser.execute(
                text(
                    f"UPDATE payouts.{table} t SET journal_id = CAST(:made AS uuid)"
                    " FROM payouts.journal j WHERE j.book_id = 7 AND j.ledger_key = :name"
                    " AND t.book_id = 7 AND t.journal_id = j.journal_id"
                ),
                {"made": made, "name": name},
            )
    assert await balances(book) == [15_123, 0, 15_123, 0]
    assert (await rows_read(book))["posting"][1] < 2_000
    await seal(book)
    assert await balances(book) == [15_123, 0, 15_123, 0]
    await fold(book)
    assert await balances(book) == [15_123, 0, 15_123, 0]


async def test_a_read_sees_its_own_book_alone(book: Database) -> None:
    await post(book, moved("a", 100))
    async with book.reading(8) as db:
        found = await db.execute(
            text("SELECT count(*) FROM payouts.sum_appended(7, :accounts)"),
            {"accounts": [PARTNER.id_in(BOOK)]},
        )
        assert found.scalar_one() == 0


async def test_only_who_serves_may_ask(book: Database, superuser: AsyncConnection) -> None:
    await superuser.execute(text("SET ROLE mizan_auditor"))
    with pytest.raises(DBAPIError):
        await superuser.execute(text("SELECT * FROM payouts.sum_appended(7, '{}')"))
    await superuser.execute(text("RESET ROLE"))
