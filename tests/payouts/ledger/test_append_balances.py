"""Append-only balances are exact at every instant, whatever is folded, sealed or under way."""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    CHART,
    Account,
    Draft,
    Fold,
    credit,
    debit,
    fold_balances,
    own_account,
    post_journal,
    read_balances,
    read_trial_balance,
)
from payouts.ledger.appended import with_beyond
from payouts.seals import seal_journals
from tests.conftest import NOW
from tests.partitions import wholes_of_partitions
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import FEES, PARTNER, earned, sar

OTHER = Account("partner_recv", "p2", "SAR")
CAPITAL = own_account("capital", "SAR")
APPENDED = [PARTNER, OTHER, FEES, CAPITAL]


def moved(key: str, minor: int, frm: Account = FEES, to: Account = PARTNER) -> Draft:
    return replace(earned(key), lines=(debit(to, sar(minor)), credit(frm, sar(minor))))


async def post(book: Database, *drafts: Draft) -> None:
    async with book.writing(BOOK) as db:
        for draft in drafts:
            await post_journal(db, network_id=BOOK, draft=draft, now=NOW)


async def seal(book: Database) -> int:
    async with book.writing(BOOK) as db:
        return (await seal_journals(db, network_id=BOOK, now=NOW)).last_seq


async def fold(book: Database, limit: int = 10_000) -> Fold:
    async with book.writing(BOOK) as db:
        return await fold_balances(db, network_id=BOOK, limit=limit)


async def balances(book: Database) -> list[int]:
    async with book.reading(BOOK) as db:
        found = await read_balances(db, network_id=BOOK, accounts=APPENDED)
    return [found[one].posted.minor for one in APPENDED]


async def snapshots(superuser: AsyncConnection) -> dict[str, tuple[int, int]]:
    rows = await superuser.execute(
        text(
            "SELECT a.type || '/' || a.owner_id, s.debit, s.credit"
            " FROM payouts.balance_snapshot s JOIN payouts.account a"
            " ON a.book_id = s.book_id AND a.account_id = s.account_id"
        )
    )
    return {name: (int(debit), int(credit)) for name, debit, credit in rows}


async def test_a_balance_is_its_snapshot_and_what_is_beyond_it(
    book: Database, superuser: AsyncConnection
) -> None:
    await post(book, moved("a", 100), moved("b", 30, PARTNER, OTHER), earned("c", 7))
    assert await balances(book) == [77, 30, 100, 0]
    assert await seal(book) == 3
    assert await balances(book) == [77, 30, 100, 0]
    assert await fold(book, limit=2) == Fold(2, 2)
    await post(book, moved("d", 5))
    assert await balances(book) == [82, 30, 105, 0]
    assert await fold(book) == Fold(3, 1)
    # The member's balance is kept by posting itself; a snapshot of it would be a second truth.
    assert await snapshots(superuser) == {
        "partner_recv/p1": (107, 30),
        "partner_recv/p2": (30, 0),
        "platform_fee/-": (0, 100),
    }
    assert await fold(book) == Fold(3, 0)
    assert await seal(book) == 4
    assert await fold(book) == Fold(4, 1)
    assert await balances(book) == [82, 30, 105, 0]


async def test_the_trial_balance_is_the_same_before_and_after_folding(book: Database) -> None:
    async def rows() -> list[tuple[str, int, int]]:
        async with book.reading(BOOK) as db:
            found = await read_trial_balance(db, network_id=BOOK)
        return [(one.type, one.debit.minor, one.credit.minor) for one in found]

    await post(book, moved("a", 100), moved("b", 30, PARTNER, OTHER), earned("c", 7))
    expected = [
        ("partner_recv", 137, 30),
        ("member_available", 0, 7),
        ("platform_fee", 0, 100),
    ]
    assert await rows() == expected
    await seal(book)
    assert await rows() == expected
    await fold(book, limit=2)
    assert await rows() == expected
    await fold(book)
    assert await rows() == expected


async def test_what_this_transaction_posted_is_in_its_own_reads(book: Database) -> None:
    await post(book, moved("a", 100))
    await seal(book)
    await fold(book)
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=moved("b", 11), now=NOW)
        found = await read_balances(db, network_id=BOOK, accounts=[PARTNER])
    assert found[PARTNER].posted == sar(111)


async def test_folding_goes_on_where_sums_are_beyond_64_bits(
    book: Database, superuser: AsyncConnection
) -> None:
    most = 2**63 - 1
    await post(
        book,
        moved("a", most),
        moved("b", most, PARTNER, FEES),
        moved("c", most),
    )
    await seal(book)
    assert await fold(book) == Fold(3, 3)
    assert (await snapshots(superuser))["partner_recv/p1"] == (2 * most, most)
    assert await balances(book) == [most, 0, most, 0]


async def test_only_the_function_moves_snapshots_and_only_of_its_own_book(
    book: Database, superuser: AsyncConnection
) -> None:
    await post(book, moved("a", 100))
    await seal(book)
    await fold(book)
    for statement, sqlstate in (
        ("UPDATE payouts.balance_snapshot SET debit = 0", "42501"),
        ("DELETE FROM payouts.balance_snapshot", "42501"),
        ("UPDATE payouts.sealer SET folded_seq = 0", "42501"),
        ("SELECT payouts.fold_balances(8, 10)", "MZ001"),
        ("SELECT payouts.fold_balances(NULL, 10)", "MZ001"),
        ("SELECT payouts.fold_balances(7, 0)", "MZ002"),
        ("SELECT payouts.fold_balances(7, NULL)", "MZ002"),
    ):
        with pytest.raises(DBAPIError) as caught:
            async with book.writing(BOOK) as db:
                await db.execute(text(statement))
        assert caught.value.orig.sqlstate == sqlstate, statement  # type: ignore[union-attr]
    async with book.reading(8) as db:
        seen = await db.execute(text("SELECT count(*) FROM payouts.balance_snapshot"))
        assert seen.scalar_one() == 0
    assert await snapshots(superuser) == {"partner_recv/p1": (100, 0), "platform_fee/-": (0, 100)}


_PLAIN = text(
    "SELECT account_id, sum(amount)::bigint FROM payouts.posting WHERE book_id = 7"
    " GROUP BY account_id"
)


class GivenUp(Exception):
    pass


class Traffic:
    """Writers that keep transactions open and give some up, folds every 20 ms, and a reader."""

    def __init__(self, book: Database, seconds: float) -> None:
        self.book = book
        self.random = random.Random(11)
        self.until = asyncio.get_running_loop().time() + seconds
        self.counts = {"posted": 0, "given up": 0, "folded": 0, "read": 0}

    @property
    def is_over(self) -> bool:
        return asyncio.get_running_loop().time() > self.until

    async def write(self, writer: int) -> None:
        number = 0
        while not self.is_over:
            number += 1
            frm, to = self.random.sample(APPENDED, 2)
            draft = moved(f"{writer}:{number}", self.random.randrange(1, 1000), frm, to)
            try:
                async with self.book.writing(BOOK) as db:
                    await post_journal(db, network_id=BOOK, draft=draft, now=NOW)
                    await asyncio.sleep(self.random.choice((0, 0, 0.005, 0.08)))
                    if self.random.random() < 0.2:
                        raise GivenUp
                self.counts["posted"] += 1
            except GivenUp:
                self.counts["given up"] += 1

    async def keep_folding(self) -> None:
        while not self.is_over:
            await seal(self.book)
            folded = await fold(self.book, limit=self.random.choice((1, 7, 1000)))
            self.counts["folded"] += folded.folded
            await asyncio.sleep(0.02)

    async def compare(self) -> None:
        while not self.is_over:
            async with self.book.reading(BOOK) as db:
                found = await read_balances(db, network_id=BOOK, accounts=APPENDED)
                plain = {row[0]: row[1] for row in await db.execute(_PLAIN)}
            signed = [plain.get(one.id_in(BOOK), 0) * CHART[one.type].normal for one in APPENDED]
            assert [found[one].posted.minor for one in APPENDED] == signed
            self.counts["read"] += 1


async def test_reads_equal_the_plain_sum_under_slow_commits_rollbacks_and_folds(
    book: Database, full_counts: bool, tell_proof: Callable[[str], None]
) -> None:
    await post(book, *(moved(f"open:{n}", 1, CAPITAL, one) for n, one in enumerate(APPENDED[:3])))
    traffic = Traffic(book, 60 if full_counts else 3)
    await asyncio.gather(
        *(traffic.write(writer) for writer in range(6)), traffic.keep_folding(), traffic.compare()
    )
    assert min(traffic.counts.values()) > 10, traffic.counts
    told = ", ".join(f"{count} {what}" for what, count in traffic.counts.items())
    tell_proof(f"append-only balances equal the plain sum: {told}, 0 mismatches")


async def test_in_another_cluster_the_hint_means_nothing(
    book: Database, superuser: AsyncConnection
) -> None:
    await post(book, moved("a", 100))
    await seal(book)
    await fold(book)
    await post(book, moved("b", 20))
    # As a dump brings it: the old cluster's identity, and its transaction ids far ahead.
    await superuser.execute(
        text("UPDATE payouts.sealer SET cluster = 1, hint = '9000000000000'::xid8")
    )
    assert await balances(book) == [120, 0, 120, 0]
    await post(book, moved("c", 3))
    assert await balances(book) == [123, 0, 123, 0]
    assert await seal(book) == 3
    assert await fold(book) == Fold(3, 2)
    await post(book, moved("d", 4))
    assert await balances(book) == [127, 0, 127, 0]


_MANY = text(
    """
    WITH made AS (
      INSERT INTO payouts.journal (book_id, journal_id, network_id, kind, ledger_key, request_hash,
        effective_at, recorded_at, period, cause_kind, cause_id, actor, lines)
      SELECT 7, overlay(gen_random_uuid()::text PLACING '0' FROM 1)::uuid, 7, 'test', 'many:' || n, '', :now, :now, '2026-03-01', 'test',
        'many', 'test', 2 FROM generate_series(1, 5000) n
      RETURNING journal_id
    )
    INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit, amount,
      effective_at, recorded_at)
    SELECT 7, made.journal_id, line.number, 7, line.account_id, 'SAR', line.amount, :now, :now
    FROM made CROSS JOIN (VALUES (1, CAST(:debtor AS uuid), 3), (2, CAST(:creditor AS uuid), -3))
      AS line (number, account_id, amount)
    """
)


async def test_a_read_touches_what_is_beyond_the_snapshot_and_no_more(
    book: Database, superuser: AsyncConnection
) -> None:
    await post(book, moved("a", 100))
    accounts = {"debtor": PARTNER.id_in(BOOK), "creditor": FEES.id_in(BOOK)}
    await superuser.execute(_MANY, {"now": NOW, **accounts})
    await seal(book)
    await fold(book)
    await post(book, moved("sealed", 20))
    await seal(book)
    await post(book, moved("fresh", 3))
    await superuser.execute(text("VACUUM ANALYZE payouts.journal, payouts.posting, payouts.seal"))
    assert await balances(book) == [15_123, 0, 15_123, 0]
    query = with_beyond(
        "SELECT sum(b.amount) FROM beyond b WHERE b.account_id = CAST(:debtor AS uuid)"
    )
    explained = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query.text}")
    async with book.reading(BOOK) as db:
        found = await db.execute(explained, {"book": BOOK, "debtor": accounts["debtor"]})
        nodes = list(_nodes(found.scalar_one()[0]["Plan"]))
    wholes = await wholes_of_partitions(superuser)
    read = [
        # What is known to be empty, as partitions of months to come are, may be read as it is.
        {**one, "Index Name": wholes.get(one.get("Index Name", ""), one.get("Index Name"))}
        for one in nodes
        if "Relation Name" in one and (one["Actual Rows"] or one["Node Type"] != "Seq Scan")
    ]
    scanned = {one["Relation Name"] for one in read if one["Node Type"] == "Seq Scan"}
    assert scanned <= {"sealer"}
    assert {one["Index Name"] for one in read} >= {
        "seal_pkey",
        "seal_journal_key",
        "journal_by_xid",
        "posting_pkey",
    }
    for one in read:
        # A transaction open anywhere in the cluster keeps the hint back, and sealed journals
        # since then are looked at in vain; nothing else is.
        is_of_journals = wholes.get(one["Relation Name"]) == "journal"
        if not is_of_journals and one.get("Index Name") != "seal_journal_key":
            assert one["Actual Rows"] * one["Actual Loops"] <= 4, one
            assert one.get("Rows Removed by Filter", 0) <= 4, one


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from _nodes(one)
