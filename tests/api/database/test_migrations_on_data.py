"""Every migration is applied to the books of a network that has lived, step by step.

A migration that is added later is walked as well, without a line being written here.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.database import migrate as migrating
from api.database.cluster import Cluster
from api.database.engine import open_engine
from api.database.migrate import migrate
from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from partners.accruals import confirm_due_accruals
from partners.purchases import record_return
from payouts.audit import run_checks
from payouts.ledger import CHART, Account, list_books, read_balances, read_trial_balance
from payouts.money import Money
from payouts.seals import append_block, seal_journals
from tests.api.database.seeded_rows import SEEDED_0008, load_rows
from tests.conftest import NOW

FIRST = "0008"
BUSINESS = ("api", "payouts", "partners", "catalog")
# Lists of what there can be, which a migration may lengthen; all else is a network's own.
LENGTHENED = frozenset({"payouts.account_type", "payouts.unit"})
TABLES = """
    SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY(:schemas)
    """
POSTED = """
    SELECT book_id, account_id, unit, sum(amount)::bigint AS total, count(*) AS postings
    FROM payouts.posting GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
HELD = "SELECT book_id, account_id, debit, credit, held FROM payouts.balance ORDER BY 1, 2"
TRIAL = """
    SELECT p.book_id, a.type, p.unit,
      sum(greatest(p.amount, 0))::bigint AS debit, sum(greatest(-p.amount, 0))::bigint AS credit
    FROM payouts.posting p JOIN payouts.account a USING (book_id, account_id)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
ORDER = "SELECT book_id, seq, journal_id FROM payouts.seal ORDER BY 1, 2"
MEMBER_VALUE = """
    SELECT b.book_id, b.account_id, b.credit - b.debit FROM payouts.balance b
    JOIN payouts.account a USING (book_id, account_id)
    WHERE a.type IN ('member_pending', 'member_available') AND b.credit <> b.debit ORDER BY 1, 2
    """
LOTS = """
    SELECT book_id, account_id, sum(remaining)::bigint FROM payouts.lot
    WHERE remaining > 0 GROUP BY 1, 2 ORDER BY 1, 2
    """


def later_revisions() -> list[str]:
    """The revisions after the file's, in the order in which they are applied."""
    scripts = ScriptDirectory.from_config(migrating._config())
    walked = [one.revision for one in scripts.walk_revisions("base", "heads")][::-1]
    return walked[walked.index(FIRST) + 1 :]


KEYS = """
    SELECT j.book_id, j.journal_id, j.ledger_key FROM payouts.journal j
    FULL JOIN payouts.journal_key k USING (book_id, ledger_key, network_id, journal_id)
    WHERE j.lines IS NULL OR k.ledger_key IS NULL
    """
REPLAYED = """
    SELECT j.book_id, j.journal_id, o.journal_id AS found, o.outcome
    FROM payouts.journal j
    CROSS JOIN LATERAL (SELECT array_agg(p.account_id ORDER BY p.line) AS accounts,
        array_agg(p.unit::text ORDER BY p.line) AS units,
        array_agg(p.amount ORDER BY p.line) AS amounts, array_agg(1) AS items
      FROM payouts.posting p WHERE p.book_id = :book AND p.journal_id = j.journal_id) l
    CROSS JOIN LATERAL payouts.post_journals(:book, j.recorded_at,
      ARRAY[gen_random_uuid()], ARRAY[j.kind], ARRAY[j.ledger_key], ARRAY[j.effective_at],
      ARRAY[j.cause_kind], ARRAY[j.cause_id], ARRAY[j.reverses], ARRAY[NULL::uuid],
      ARRAY[j.actor], ARRAY[j.note], l.items, l.accounts, l.units, l.amounts,
      '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') o
    WHERE j.book_id = :book
    """


@dataclass
class Books:
    """What a migration may not change."""

    rows: dict[str, int]
    posted: list[Any]
    held: list[Any]
    trial: list[Any]
    order: list[Any]


@dataclass
class Lived:
    """A database on its way from the file's schema to the newest, and what was seen on the way."""

    url: str
    app_url: str
    loaded: dict[str, int]
    seen: dict[str, Books] = field(default_factory=dict)
    signer: Any = None


async def look(db: AsyncConnection) -> Books:
    names = (await db.execute(text(TABLES), {"schemas": list(BUSINESS)})).scalars().all()
    rows = {
        name: (await db.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()
        for name in names
    }
    asked = [[tuple(row) for row in await db.execute(text(one))] for one in (POSTED, HELD, TRIAL)]
    order = [tuple(row) for row in await db.execute(text(ORDER))]
    return Books(rows, *asked, order)


async def put_into_blocks(lived: Lived, folder: Path) -> None:
    """Do what the worker does first: what was sealed before there were blocks gets them."""
    engine = open_engine(lived.app_url, pool_size=1)
    lived.signer = open_seal_keys(folder).signer()
    try:
        for book in {row[0] for row in lived.seen[FIRST].order}:
            async with Database(engine).writing(book) as db:
                await append_block(db, network_id=book, signer=lived.signer, now=NOW)
    finally:
        await engine.dispose()


@pytest.fixture(scope="module")
async def lived(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lived]:
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    url = cluster.url(user="postgres", database=name)
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        await migrate(url, login=True, to=FIRST)
        one = Lived(
            url,
            cluster.url(user="mizan_app", database=name),
            await load_rows(url, SEEDED_0008),
        )
        for revision in (FIRST, *later_revisions()):
            await migrate(url, login=True, to=revision)
            async with engine.connect() as db:
                one.seen[revision] = await look(db)
        await put_into_blocks(one, tmp_path_factory.mktemp("keys"))
        yield one
    finally:
        await engine.dispose()
        async with admin.connect() as db:
            await db.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        await admin.dispose()


@pytest.fixture
async def superuser_of(lived: Lived) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(lived.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as db:
        yield db
    await engine.dispose()


async def last_instant(db: AsyncConnection) -> datetime:
    found = await db.execute(text("SELECT max(recorded_at) FROM payouts.journal"))
    last: datetime = found.scalar_one()
    return last


async def broken(lived: Lived, now: datetime) -> list[tuple[str, list[Any]]]:
    engine = open_engine(lived.url, pool_size=1)
    try:
        async with Database(engine, role="mizan_auditor").reading(0) as db:
            results = await run_checks(db, now=now)
    finally:
        await engine.dispose()
    return [(one.name, list(one.breaches)) for one in results if not one.ok]


def test_the_file_holds_a_network_that_has_lived(lived: Lived) -> None:
    books = lived.seen[FIRST]
    assert {name: books.rows[name] for name in lived.loaded} == lived.loaded
    assert lived.loaded["payouts.journal"] == 308
    assert lived.loaded["payouts.posting"] == 1306
    assert len(lived.loaded) == 68
    empty = [name for name, count in lived.loaded.items() if not count]
    assert sorted(empty) == [
        "catalog.card_refund",
        "catalog.catalogue_import_refusal",
        "partners.client_assertion",
        "payouts.unplaced_transaction",
    ]


@pytest.mark.parametrize("revision", later_revisions())
def test_a_migration_changes_no_row_count_and_no_balance(lived: Lived, revision: str) -> None:
    steps = list(lived.seen)
    before, after = lived.seen[steps[steps.index(revision) - 1]], lived.seen[revision]
    shrunk = {
        name: (count, after.rows.get(name))
        for name, count in before.rows.items()
        if name in lived.loaded
        and (
            after.rows.get(name, -1) < count
            if name in LENGTHENED
            else after.rows.get(name) != count
        )
    }
    assert shrunk == {}
    assert after.posted == before.posted
    assert after.held == before.held
    assert after.trial == before.trial
    assert after.order == before.order


async def test_every_promise_holds_of_the_migrated_books(
    lived: Lived, superuser_of: AsyncConnection
) -> None:
    assert await broken(lived, await last_instant(superuser_of)) == []


async def test_every_balance_is_read_as_it_was_before(
    lived: Lived, superuser_of: AsyncConnection
) -> None:
    rows = await superuser_of.execute(
        text("SELECT book_id, account_id, type, owner_id, unit, sub FROM payouts.account")
    )
    accounts = {
        (row.book_id, row.account_id): Account(row.type, row.owner_id, row.unit, row.sub)
        for row in rows
    }
    posted = {(book, account): total for book, account, _, total, _ in lived.seen[FIRST].posted}
    engine = open_engine(lived.app_url, pool_size=1)
    database = Database(engine)
    try:
        async with database.reading(0) as db:
            books = await list_books(db)
        for book in books:
            own = {key[1]: one for key, one in accounts.items() if key[0] == book}
            async with database.reading(book) as db:
                found = await read_balances(db, network_id=book, accounts=list(own.values()))
                trial = await read_trial_balance(db, network_id=book)
            for account_id, account in own.items():
                total = posted.get((book, account_id), 0)
                assert found[account].posted.minor == total * CHART[account.type].normal, account
            assert sorted(
                (one.type, one.debit.currency, one.debit.minor, one.credit.minor) for one in trial
            ) == [row[1:] for row in lived.seen[FIRST].trial if row[0] == book]
    finally:
        await engine.dispose()


async def test_every_journal_is_found_by_its_key_and_posted_once(
    lived: Lived, superuser_of: AsyncConnection
) -> None:
    assert (await superuser_of.execute(text(KEYS))).all() == []
    engine = open_engine(lived.app_url, pool_size=1)
    replayed = 0
    try:
        for book in sorted({row[0] for row in lived.seen[FIRST].posted}):
            async with Database(engine).writing(book) as db:
                rows = (await db.execute(text(REPLAYED), {"book": book})).all()
            assert {row.outcome for row in rows} == {"replayed"}
            assert [row for row in rows if row.found != row.journal_id] == []
            replayed += len(rows)
    finally:
        await engine.dispose()
    assert replayed == lived.loaded["payouts.journal"]
    found = [tuple(row) for row in await superuser_of.execute(text(POSTED))]
    assert found == lived.seen[FIRST].posted


async def test_every_unit_of_member_value_lies_in_lots(superuser_of: AsyncConnection) -> None:
    value = [tuple(row) for row in await superuser_of.execute(text(MEMBER_VALUE))]
    lots = [tuple(row) for row in await superuser_of.execute(text(LOTS))]
    assert len(value) == 37
    assert lots == value


async def test_pending_value_is_known_by_accrual_and_funder(superuser_of: AsyncConnection) -> None:
    rows = await superuser_of.execute(
        text(
            "SELECT a.accrual_id, s.line, s.amount - s.reversed AS pending, l.remaining,"
            " l.funder = coalesce('partner:' || s.partner_id, 'network') AS is_funder"
            " FROM partners.accrual a JOIN partners.accrual_share s USING (network_id, accrual_id)"
            " LEFT JOIN payouts.lot l ON l.book_id = a.network_id AND l.origin_kind = 'accrual'"
            "  AND l.origin_id = a.accrual_id::text AND l.remaining = s.amount - s.reversed"
            "  AND l.funder = coalesce('partner:' || s.partner_id, 'network')"
            " WHERE a.state = 'pending' AND s.amount > s.reversed"
        )
    )
    pending = rows.all()
    assert len(pending) == 15
    assert [one for one in pending if one.remaining != one.pending or not one.is_funder] == []
    opening = await superuser_of.execute(
        text(
            "SELECT count(*) FROM payouts.lot l JOIN payouts.account c USING (book_id, account_id)"
            " WHERE c.type = 'member_pending' AND l.origin_kind = 'opening'"
        )
    )
    assert opening.scalar_one() == 0


async def test_the_migrated_network_goes_on(lived: Lived, superuser_of: AsyncConnection) -> None:
    now = await last_instant(superuser_of) + timedelta(days=40)
    found = await superuser_of.execute(
        text(
            "SELECT network_id, purchase_id, partner_id, currency, amount FROM partners.purchase p"
            " WHERE returned = 0 AND network_id = 4 AND EXISTS (SELECT FROM partners.accrual a"
            "  WHERE a.network_id = 4 AND a.purchase_id = p.purchase_id AND a.state = :state)"
            " ORDER BY purchase_id LIMIT 2"
        ),
        {"state": "available"},
    )
    engine = open_engine(lived.app_url, pool_size=2)
    database = Database(engine)
    try:
        async with database.writing(4) as db:
            assert await confirm_due_accruals(db, network_id=4, limit=100, now=now) == 15
        for row in found.all():
            async with database.writing(4) as db:
                await record_return(
                    db,
                    network_id=4,
                    partner_id=row.partner_id,
                    purchase_id=row.purchase_id,
                    external_id=f"later-{row.purchase_id}",
                    amount=Money(row.amount, row.currency),
                    actor=f"partner:{row.partner_id}",
                    now=now,
                )
        async with database.writing(4) as db:
            position = await seal_journals(db, network_id=4, now=now)
            await append_block(db, network_id=4, signer=lived.signer, now=now)
        assert position.sealed == 17
    finally:
        await engine.dispose()
    # Nobody works for the other networks here, where forty days have gone by as well.
    assert [name for name, _ in await broken(lived, now)] == ["due_work_is_done"]
