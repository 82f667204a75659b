"""The worker's round finds a breach in a minute, at a cost that follows what was written lately."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.books import BooksWatch
from api.worker.world import World
from payouts.audit import Breach, find_breaches
from payouts.audit.model import invariants
from payouts.seals import seal_journals
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network
from tests.graphql_client import TestClock
from tests.payouts.halts.acts import opened

GUARDS = {
    "balance_equals_postings",
    "balance_floors",
    "code_delivered_once",
    "held_equals_open_holds",
    "hold_bounds",
    "journal_balances",
    "journal_line_count",
    "one_journal_per_key",
    "payout_one_live_attempt",
    "seal_sequence",
    "trial_balance_zero",
}
ALTERED = {"balance_equals_postings", "journal_balances", "trial_balance_zero"}
"""What a posting breaks that says another amount than it did."""


@pytest.fixture
def world(database: Database, auditor: Database) -> World:
    nobody: Any = None
    return World(database=database, rail=nobody, clock=TestClock(NOW), auditor=auditor)


async def alter_posting(superuser: AsyncConnection, by: int, key: str = "%") -> None:
    changed = await superuser.execute(
        text(
            "UPDATE payouts.posting p SET amount = amount + :by FROM payouts.journal j"
            " WHERE j.journal_id = p.journal_id AND j.ledger_key LIKE :key"
            " AND p.account_id IN (SELECT account_id FROM payouts.account"
            " WHERE type = 'member_available')"
        ),
        {"by": by, "key": key},
    )
    assert changed.rowcount == 1


async def broken(database: Database) -> set[tuple[int, str]]:
    return {(one.network_id, one.invariant) for one in await opened(database)}


def test_the_promises_about_money_guard_it() -> None:
    guards = {one.name for one in invariants() if one.guards_money}
    assert guards >= GUARDS
    assert "unsealed_age" not in guards


def test_the_page_names_what_guards_money_and_nothing_that_is_not_asked() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reliability.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, 41))
    known = {one.name for one in invariants()}
    named = {name for row in rows for name in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", row)}
    assert named <= known
    marked = {name for row in rows for name in re.findall(r"\*\*M\*\* `(\w+)`", row)}
    assert marked == {one.name for one in invariants() if one.guards_money}


async def test_sound_books_halt_nothing(world: World, souq: SmallNetwork) -> None:
    await souq.fund(5_000)
    watch = BooksWatch()
    assert watch.age_seconds() is None
    for _ in range(2):
        assert await watch.look(world, 0) == 0
    assert await opened(world.database) == []
    age = watch.age_seconds()
    assert age is not None
    assert 0 <= age < 5


async def test_an_altered_posting_halts_its_network_and_no_other(
    world: World, souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    other = await found_network(world.database, slug="other")
    for one in (souq, other):
        await one.fund(5_000)
    watch = BooksWatch()
    await watch.look(world, 0)
    await alter_posting(superuser, 1, key=f"fund:{souq.member_id}%")
    await watch.look(world, 0)
    assert await broken(world.database) == {(souq.network_id, name) for name in ALTERED}
    assert {one.breaches for one in await opened(world.database)} == {1}
    # Mended, it stands all the same until somebody lifts it.
    await alter_posting(superuser, -1, key=f"fund:{souq.member_id}%")
    await watch.look(world, 0)
    assert len(await opened(world.database)) == len(ALTERED)


async def test_what_was_altered_long_after_it_was_written_is_found_by_the_whole_round(
    world: World, souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    await souq.fund(5_000)
    clock = world.clock
    assert isinstance(clock, TestClock)
    clock.advance(hours=1)
    watch = BooksWatch()
    await watch.look(world, 0)
    await alter_posting(superuser, 1)
    clock.advance(minutes=1)
    await watch.look(world, 0)
    assert await opened(world.database) == []
    clock.advance(hours=6)
    await watch.look(world, 0)
    assert await broken(world.database) == {(souq.network_id, name) for name in ALTERED}


async def test_each_promise_is_asked_of_what_was_touched(
    world: World, souq: SmallNetwork, superuser: AsyncConnection, auditor: Database
) -> None:
    """One alteration each, rolled back; the narrow question names it, and it alone."""
    await souq.fund(5_000)
    await souq.place(await souq.quote(await souq.own_card_reward(2_000), souq.money(2_000)))
    async with world.database.writing(souq.network_id) as db:
        await seal_journals(db, network_id=souq.network_id, now=NOW)
    alterations = {
        "journal_line_count": "UPDATE payouts.journal SET lines = lines + 1",
        "balance_equals_postings": "UPDATE payouts.balance SET debit = debit + 1,"
        " credit = credit + 1",
        "one_journal_per_key": "UPDATE payouts.journal SET ledger_key = 'same'",
        "code_delivered_once": "DELETE FROM catalog.voucher",
        "seal_sequence": "UPDATE payouts.sealer SET seq = seq + 1",
    }
    since = NOW - timedelta(minutes=1)
    for name, statement in alterations.items():
        await superuser.execute(text("BEGIN"))
        assert (await superuser.execute(text(statement))).rowcount > 0
        await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
        found = await find_breaches(superuser, since=since, now=NOW)
        await superuser.execute(text("ROLLBACK"))
        assert {(one.network_id, one.invariant) for one in found} == {(souq.network_id, name)}


async def test_an_auditor_that_sees_nothing_halts_everything(
    world: World, souq: SmallNetwork, superuser: AsyncConnection, auditor: Database
) -> None:
    await souq.fund(5_000)
    await superuser.execute(text("ANALYZE payouts.journal, payouts.posting, payouts.balance"))
    await superuser.execute(text("DROP POLICY posting_audit ON payouts.posting"))
    async with auditor.reading(0) as db:
        found = await find_breaches(db, since=None, now=NOW)
    assert Breach(0, "trial_balance_zero", 1) in found


async def test_without_an_auditor_nothing_is_asked(world: World) -> None:
    watch = BooksWatch()
    assert await watch.look(replace(world, auditor=None), 0) == 0
    assert watch.age_seconds() is None


MANY = 100_000
_MANY_JOURNALS = (
    "SET session_replication_role = replica",
    """
    INSERT INTO payouts.account
    SELECT book_id, gen_random_uuid(), network_id, type, unit, owner_kind, 'old' || n, sub, status,
      created_at
    FROM payouts.account, generate_series(0, 499) n WHERE type IN ('capital', 'member_available')
    """,
    # Ids of version 7, one a second and ending a day ago, so that nothing of it is recent.
    f"""
    CREATE TEMPORARY TABLE made AS
    SELECT n, :book AS book_id, (lpad(to_hex((:ended - {MANY} + n)::bigint * 1000), 12, '0')
      || '7' || lpad(to_hex(n), 19, '0'))::uuid AS journal_id,
      to_timestamp((:ended - {MANY} + n)::bigint) AS at
    FROM generate_series(1, {MANY}) n
    """,
    """
    INSERT INTO payouts.journal (book_id, journal_id, network_id, kind, ledger_key, request_hash,
      effective_at, recorded_at, period, cause_kind, cause_id, actor, lines)
    SELECT book_id, journal_id, book_id, 'test.many', 'many:' || n, sha256('x'), at, at,
      '2026-03-01', 'test', 'many', 'test', 2
    FROM made
    """,
    """
    INSERT INTO payouts.posting ({columns})
    SELECT {values} FROM made m
    CROSS JOIN LATERAL (SELECT 1 AS line, 3 AS amount, 'capital' AS type
      UNION ALL SELECT 2, -3, 'member_available') l
    JOIN payouts.account a ON a.book_id = m.book_id AND a.type = l.type AND a.owner_id = 'old' || m.n % 500
    """,
    "SET session_replication_role = origin",
    # A table of so few rows is taken for one of a thousand until it is looked at.
    "ANALYZE payouts.book, payouts.journal, payouts.posting, payouts.account, payouts.balance",
)
_KNOWN = {
    "book_id": "m.book_id",
    "journal_id": "m.journal_id",
    "line": "l.line",
    "network_id": "m.book_id",
    "account_id": "a.account_id",
    "unit": "a.unit",
    "amount": "l.amount",
    "effective_at": "m.at",
    "recorded_at": "m.at",
}


async def make_many(superuser: AsyncConnection, book_id: int) -> None:
    rows = await superuser.execute(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'payouts.posting'::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
    )
    names = [str(name) for (name,) in rows]
    ended = int((NOW - timedelta(days=1)).timestamp())
    for statement in _MANY_JOURNALS:
        filled = statement.replace("{columns}", ", ".join(names)).replace(
            "{values}", ", ".join(_KNOWN[name] for name in names)
        )
        filled = filled.replace(":book", str(book_id)).replace(":ended", str(ended))
        await superuser.execute(text(filled))


def scans(plan: Any) -> set[str]:
    """The relations that a plan reads whole, leaving out what it never starts to read."""
    if isinstance(plan, list):
        return set().union(*(scans(one) for one in plan))
    found = scans(plan.get("Plans", []))
    is_started = plan.get("Actual Loops", 0) > 0
    if plan["Node Type"] in ("Seq Scan", "Index Only Scan", "Bitmap Heap Scan") and is_started:
        rows = plan["Actual Rows"] * plan["Actual Loops"] + plan.get("Rows Removed by Filter", 0)
        if rows > 5_000:  # a small table is read whole because that is cheaper
            found.add(plan["Relation Name"])
    return found


async def test_the_minutes_round_does_not_read_the_books_whole(
    world: World, souq: SmallNetwork, superuser: AsyncConnection, auditor: Database
) -> None:
    await souq.fund(5_000)
    await make_many(superuser, souq.network_id)
    since = NOW - timedelta(minutes=15)
    whole: dict[str, set[str]] = {}
    async with auditor.reading(0) as db:
        for one in invariants():
            if one.guards_money and not one.is_whole:
                asked = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {one.query}")
                for name, value in one.values(since=since, now=NOW).items():
                    asked = text(asked.text.replace(f":{name}", f"'{value}'"))
                ((plan,),) = (await db.execute(asked)).all()
                whole[one.name] = scans(plan[0]["Plan"])
    assert {name: tables for name, tables in whole.items() if tables} == {}
    async with auditor.reading(0) as db:
        assert await find_breaches(db, since=since, now=NOW) == []
    assert len(whole) >= len(GUARDS)


async def test_rows_committed_past_the_snapshot_are_no_breach_and_hidden_ones_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = Breach(0, "seal_sequence", 1)
    looks: list[list[Breach]] = []

    async def find(*_: Any, **__: Any) -> list[Breach]:
        return looks.pop(0)

    monkeypatch.setattr("api.worker.books.find_breaches", find)
    looks += [[hidden], []]
    await BooksWatch().look(world, 0)
    assert await opened(world.database) == []

    looks += [[hidden], [hidden]]
    await BooksWatch().look(world, 0)
    assert await broken(world.database) == {(0, "seal_sequence")}
    assert looks == []
