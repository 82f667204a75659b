"""The books of either time: what had happened, and what was known, before an instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Account,
    credit,
    debit,
    post_journal,
    read_balances_as_of,
    read_trial_balance,
)
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import FEES, MEMBER, PARTNER, earned, sar

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


async def post(book: Database, key: str, minor: int, happened: int, known: int) -> None:
    """Post what happened on one day of March and came into the books on another."""
    draft = replace(earned(key, minor=minor), effective_at=MARCH_1 + happened * DAY)
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=draft, now=MARCH_1 + known * DAY)


@pytest.fixture
async def told(book: Database) -> Database:
    """One in time, one told late, one told before it was in force."""
    await post(book, "in time", 100, happened=1, known=1)
    await post(book, "late", 20, happened=2, known=9)
    await post(book, "ahead", 3, happened=12, known=4)
    return book


@pytest.mark.parametrize(
    ("happened", "known", "expected"),
    [
        (None, None, 123),
        (1, None, 0),
        (2, None, 100),
        (3, None, 120),
        (13, None, 123),
        (None, 1, 0),
        (None, 2, 100),
        (None, 5, 103),
        (None, 10, 123),
        (3, 5, 100),
        (3, 10, 120),
        (13, 5, 103),
    ],
)
async def test_balances_as_of_either_time(
    told: Database, happened: int | None, known: int | None, expected: int
) -> None:
    at = {
        "effective_before": None if happened is None else MARCH_1 + happened * DAY,
        "recorded_before": None if known is None else MARCH_1 + known * DAY,
    }
    accounts = [MEMBER, PARTNER, FEES]
    async with told.reading(BOOK) as db:
        found = await read_balances_as_of(db, network_id=BOOK, accounts=accounts, **at)
        rows = await read_trial_balance(db, network_id=BOOK, **at)
    assert found == {MEMBER: sar(expected), PARTNER: sar(expected), FEES: sar(0)}
    assert [(one.type, one.debit, one.credit) for one in rows] == (
        [
            ("partner_recv", sar(expected), sar(0)),
            ("member_available", sar(0), sar(expected)),
        ]
        if expected
        else []
    )


async def test_another_books_past_is_not_seen(told: Database) -> None:
    async with told.reading(8) as db:
        found = await read_balances_as_of(db, network_id=BOOK, accounts=[MEMBER])
        rows = await read_trial_balance(db, network_id=8, effective_before=MARCH_1 + 99 * DAY)
    assert (found, rows) == ({MEMBER: sar(0)}, [])


async def plan_of(db: AsyncConnection, network_id: int, account: Account) -> str:
    rows = await db.execute(
        text(
            "EXPLAIN SELECT p.account_id, sum(p.amount) FROM payouts.posting p"
            " WHERE p.book_id = :book AND p.account_id IN (:account) AND p.effective_at < :at"
            " AND p.recorded_at < :at GROUP BY p.account_id"
        ),
        {"book": network_id, "account": account.id_in(network_id), "at": MARCH_1 + 5 * DAY},
    )
    return "\n".join(rows.scalars())


async def test_the_past_of_an_account_is_read_from_its_index_alone(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        for number in range(20):
            lines = [
                line for _ in range(100) for line in (debit(PARTNER, sar(2)), credit(FEES, sar(2)))
            ]
            draft = replace(earned(f"many:{number}"), lines=tuple(lines))
            await post_journal(db, network_id=BOOK, draft=draft, now=MARCH_1)
        few = replace(earned("few"), lines=(debit(PARTNER, sar(1)), credit(MEMBER, sar(1))))
        await post_journal(db, network_id=BOOK, draft=few, now=MARCH_1)
    await superuser.execute(text("VACUUM ANALYZE payouts.posting"))
    async with book.reading(BOOK) as db:
        for account in (MEMBER, PARTNER):
            plan = await plan_of(db, BOOK, account)
            assert "Index Only Scan using posting_first_by_account" in plan, plan
            # Partitions of months to come are known to be empty.
            assert "Seq Scan on posting_first" not in plan, plan
