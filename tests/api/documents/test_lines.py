"""The lines of a statement are read page by page, and must come to its totals."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api.database.transaction import WHOLE_NETWORK, Database, Scope
from api.documents.lines import read_lines
from payouts.ledger import Movement, open_book
from payouts.settlement import (
    Moved,
    StatementAltered,
    StatementDescription,
    close_settlement_cycle,
    describe_statement,
    list_cycle_statements,
)
from tests.conftest import NOW
from tests.payouts.settlement.world import BOOK, MAKER, P, Q, is_owed, money, owes


@pytest.fixture
async def described(database: Database) -> StatementDescription:
    """P's statement of three lines, in a network where Q has one."""
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
    await owes(database, "a", P, 600)
    await is_owed(database, "b", P, 50)
    await owes(database, "c", Q, 7)
    await owes(database, "d", P, 1)
    async with database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
        )
        first, _ = await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)
        return await describe_statement(
            db, network_id=BOOK, statement_id=first.statement_id, partner_id=P
        )


async def read(
    database: Database, scope: Scope, described: StatementDescription
) -> Sequence[tuple[int, int]]:
    lines: list[Movement] = [one async for one in read_lines(database, scope, described)]
    return [(line.seq, line.amount.minor) for line in lines]


@pytest.mark.parametrize("at_once", [1, 2, 3, 500])
async def test_its_partner_reads_what_the_network_reads_whatever_the_page(
    database: Database,
    described: StatementDescription,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
) -> None:
    monkeypatch.setattr("api.documents.lines.LINES_AT_ONCE", at_once)
    for scope in (WHOLE_NETWORK, Scope("partner", P)):
        assert await read(database, scope, described) == [(1, 600), (2, -50), (4, 1)]


async def test_lines_that_do_not_come_to_the_totals_break_the_document_off(
    database: Database, described: StatementDescription
) -> None:
    kinds = described.kinds | {"accrual.confirm": Moved(2, money(602), money(0))}
    lines = read_lines(database, WHOLE_NETWORK, replace(described, kinds=kinds))
    seen = [(await anext(lines)).seq for _ in range(3)]
    assert seen == [1, 2, 4]
    with pytest.raises(StatementAltered):
        await anext(lines)
