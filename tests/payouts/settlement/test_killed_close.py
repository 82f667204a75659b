"""A close, and an approval, that is cut off anywhere or done at once is done once, and the same.

`PROOF_SEED=n` draws that one book.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text

from api.database.cluster import Cluster
from api.database.transaction import Database
from api.worker.jobs.sealing import run_sealing
from payouts.disbursement import approve_settlement_cycle
from payouts.ledger import post_journals
from payouts.settlement import (
    SettlementCycle,
    SettlementCycleNotInReview,
    close_settlement_cycle,
    list_cycle_statements,
)
from payouts.settlement.model import statement_id_of
from tests.conftest import NOW
from tests.fingerprint import changed, fingerprint
from tests.payouts.seals.world import BOOK, Sealed, open_sealed
from tests.payouts.settlement.calendars import publish
from tests.payouts.settlement.converting import convert, quote
from tests.payouts.settlement.cutting import ENDINGS, Copies, Copy, rows_of
from tests.payouts.settlement.test_conservation import drawn
from tests.payouts.settlement.world import CHECKER, MAKER, assert_books_balance

SEED = 20260402
SEEDS_FULL = 3
PARTNERS, CONVERTED = 12, 4
CUTS = 20
STEP, TERMINATED = 11, 3
LATER = NOW + timedelta(days=1)
IDS = ("cycle_id", "statement_id")
Act = Callable[[Database], Awaitable[object]]
Done = Callable[[Copy], Awaitable[None]]


async def close(database: Database) -> SettlementCycle:
    async with database.writing(BOOK) as db:
        return await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=LATER
        )


async def approve(database: Database, cycle_id: UUID) -> SettlementCycle:
    async with database.writing(BOOK) as db:
        return await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle_id, actor=CHECKER, now=LATER
        )


async def write(sealed: Sealed, seed: int) -> None:
    """A book that a seed draws: one cycle settled, and lines for the next in it and in blocks.

    The nets of some partners are converted.
    """
    random, partners = Random(seed), [UUID(int=one + 1) for one in range(PARTNERS)]
    await publish(sealed.database, value_days=2)
    for partner_id in partners[:CONVERTED]:
        await convert(sealed.database, "USD", currency="SAR", partner_id=partner_id)
    await quote(sealed.database, "0.2666", base="SAR", max_age_seconds=10**6)
    for part in range(2):
        drafts = [drawn(random, partners, part * 1_000 + one) for one in range(PARTNERS * 4)]
        drafts = [one for one in drafts if len(one.lines) > 1]
        async with sealed.database.writing(BOOK) as db:
            await post_journals(db, network_id=BOOK, drafts=drafts, now=NOW)
        while await run_sealing(sealed.world, BOOK):
            pass
        if part == 0:
            async with sealed.database.writing(BOOK) as db:
                first = await close_settlement_cycle(
                    db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
                )
                await approve_settlement_cycle(
                    db, network_id=BOOK, cycle_id=first.cycle_id, actor=CHECKER, now=NOW
                )


async def result_of(copy: Copy) -> dict[str, list[str]]:
    """What the closes of a book left, byte for byte but for what is drawn from chance."""
    tables = ("payouts.settlement_cycle", "payouts.statement")
    return {table: await rows_of(copy.superuser, table, IDS) for table in tables}


async def outcome_of(copy: Copy) -> dict[str, list[str]]:
    """What an approval left: cycle and statements, journals, balances, orders, and due work."""
    without = {
        "payouts.settlement_cycle": (),
        "payouts.statement": (),
        "payouts.payout": ("payout_id",),
        "payouts.collection": ("collection_id",),
        "payouts.due": ("due_id",),
    }
    found = {table: await rows_of(copy.superuser, table, ids) for table, ids in without.items()}
    lines = await copy.superuser.execute(
        text(
            "SELECT (j.kind, j.ledger_key, j.cause_id, j.actor, j.effective_at, p.line, p.amount,"
            " p.unit, a.type, a.owner_id)::text FROM payouts.posting p"
            " JOIN payouts.journal j USING (book_id, journal_id)"
            " JOIN payouts.account a USING (book_id, account_id) ORDER BY 1"
        )
    )
    return {**found, "lines": list(lines.scalars())}


async def assert_same_close(copy: Copy, wanted: dict[str, list[str]]) -> None:
    assert await result_of(copy) == wanted
    async with copy.database.reading(BOOK) as db:
        cycle = await last_cycle(copy)
        for one in await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle):
            assert one.statement_id == statement_id_of(cycle, one.position, 1)


async def last_cycle(copy: Copy) -> UUID:
    rows = await copy.superuser.execute(
        text("SELECT cycle_id FROM payouts.settlement_cycle ORDER BY number DESC LIMIT 1")
    )
    cycle_id: UUID = rows.scalar_one()
    return cycle_id


async def cut_close(copies: Copies, template: str, step: int) -> tuple[int, int]:
    """Close copies of a book in which closes were cut off; tells of how many statements, how often.

    Every `step`-th place has a copy of its own.
    """
    async with copies.of(template) as copy:
        assert not await copy.cut_off(close, 0, "rolled back")
        wanted, statements = await result_of(copy), copy.ran

    async def done(copy: Copy) -> None:
        await assert_same_close(copy, wanted)

    cuts = await cut_everywhere(copies, template, close, statements, step, done)
    # At once with others that go through; after the last statement nothing is left to cut.
    for after in range(1, statements + 1, step):
        ending = ENDINGS[after // step % len(ENDINGS)]
        async with copies.of(template) as copy:
            was_cut, *made = await asyncio.gather(
                copy.cut_off(close, after, ending), close(copy.database), close(copy.database)
            )
            cuts += was_cut
            assert len({one.cycle_id for one in made}) == 1
            assert await close(copy.database) == made[0]
            await assert_same_close(copy, wanted)
    return statements, cuts


async def cut_everywhere(
    copies: Copies, template: str, act: Act, statements: int, step: int, done: Done
) -> int:
    """Cut an act off after each statement: nothing is left of it, and it can be done.

    A session that the server ends must be opened again, which takes long: some, in the short run.
    """
    cuts = 0
    for first in range(1, statements + 1, step):
        async with copies.of(template) as copy:
            before = await fingerprint(copy.superuser)
            for after in range(first, min(first + step, statements + 1)):
                is_both = after % min(step, TERMINATED) == 0 or after == statements
                for ending in ENDINGS if is_both else ENDINGS[:1]:
                    assert await copy.cut_off(act, after, ending)
                    cuts += 1
            assert changed(before, await fingerprint(copy.superuser)) == []
            await act(copy.database)
            await done(copy)
    return cuts


async def cut_approval(copies: Copies, template: str, step: int) -> tuple[int, int]:
    """Approve copies of a closed book in which approvals were cut off."""
    async with copies.of(template) as copy:
        cycle_id = await last_cycle(copy)

        async def act(database: Database) -> object:
            return await approve(database, cycle_id)

        assert not await copy.cut_off(act, 0, "rolled back")
        wanted, statements = await outcome_of(copy), copy.ran
        await assert_settled_once(copy, cycle_id)

    async def done(copy: Copy) -> None:
        with pytest.raises(SettlementCycleNotInReview):
            await act(copy.database)
        assert await outcome_of(copy) == wanted
        await assert_books_balance(copy.superuser)

    return statements, await cut_everywhere(copies, template, act, statements, step, done)


async def assert_settled_once(copy: Copy, cycle_id: UUID) -> None:
    """Each partner's obligations are netted once, and what is left is ordered or converted once."""
    async with copy.database.reading(BOOK) as db:
        statements = await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle_id)
    orders = await copy.superuser.execute(
        text(
            "SELECT partner_id, -amount FROM payouts.payout WHERE cycle_id = :cycle_id UNION ALL"
            " SELECT partner_id, amount FROM payouts.collection WHERE cycle_id = :cycle_id"
        ),
        {"cycle_id": cycle_id},
    )
    ordered = sorted(tuple(row) for row in orders)
    paid = [one for one in statements if one.net and one.conversion is None]
    assert ordered == sorted((one.partner_id, one.net.minor) for one in paid)
    assert {minor > 0 for _, minor in ordered} == {True, False}
    converted = [one for one in statements if one.conversion]
    assert len(converted) == CONVERTED
    for kind, part, of in (
        ("settlement.net", "net", statements),
        ("settlement.position", "pos", paid),
        ("settlement.convert", "fx", converted),
    ):
        booked = await copy.superuser.execute(
            text(
                "SELECT ledger_key FROM payouts.journal WHERE kind = :kind AND cause_id = :cycle_id"
            ),
            {"kind": kind, "cycle_id": str(cycle_id)},
        )
        keys = [f"cycle:{cycle_id}:{one.partner_id}:SAR:{part}" for one in of]
        assert sorted(booked.scalars()) == sorted(keys)


@pytest.mark.proof
async def test_close_and_approval_cut_off_anywhere_end_as_if_they_had_not_been(
    cluster: Cluster,
    template: str,
    tmp_path: Path,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    given = os.environ.get("PROOF_SEED")
    seeds = [int(given)] if given else range(SEED, SEED + (SEEDS_FULL if full_counts else 1))
    step = 1 if full_counts else STEP
    copies, told = Copies(cluster), []
    for seed in seeds:
        async with copies.of(template) as book:
            await write(await open_sealed(book.database, tmp_path / str(seed)), seed)
            await book.leave()
            told.append(await cut_close(copies, book.name, step))
            assert told[-1][1] >= CUTS
            await close(book.database)
            await book.leave()
            told.append(await cut_approval(copies, book.name, step))
    closes, approvals = told[::2], told[1::2]
    tell_proof(
        f"killed closes: seeds {[*seeds]}, {sum(cuts for _, cuts in closes)} closes cut off after"
        f" each of {closes[0][0]} statements and {sum(cuts for _, cuts in approvals)} approvals after"
        f" each of {approvals[0][0]}; the same result byte for byte"
    )
