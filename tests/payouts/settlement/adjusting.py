"""Hands to settle, to correct, and to ask what corrected a statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from payouts.audit.model import invariants
from payouts.ledger import Account, Cause, Draft, Line, credit, debit, own_account, post_journal
from payouts.settlement import (
    AdjustmentLine,
    AdjustmentStatement,
    SettlementCycle,
    Statement,
    close_settlement_cycle,
    issue_adjustment_statement,
    list_adjustment_lines,
    list_adjustment_statements,
    list_cycle_statements,
    post_settlement_cycle,
)
from tests.payouts.settlement.cutting import rows_of
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, MEMBER, money

TABLES = ("statement", "adjustment_statement", "settlement_cycle", "journal", "posting", "seal")


async def post(
    world: Database,
    key: str,
    partner: UUID,
    minor: int,
    *,
    at: datetime,
    now: datetime | None = None,
    side: str = "partner_recv",
    currency: str = "SAR",
    reverses: UUID | None = None,
) -> UUID:
    """Post on an account of a partner: what it owes, or is owed, grows by an amount."""
    amount = money(minor, currency)
    own: Line
    other: Line
    if side == "partner_recv":
        own = debit(Account(side, str(partner), currency), amount)
        other = credit(Account("member_available", str(MEMBER), currency), amount)
    else:
        own = credit(Account(side, str(partner), currency), amount)
        other = debit(own_account("platform_fee", currency), amount)
    draft = Draft(
        kind="test.back" if reverses else "test.trade",
        key=key,
        cause=Cause("test", key),
        lines=(own, other),
        actor="test",
        effective_at=at,
        reverses=reverses,
    )
    async with world.writing(BOOK) as db:
        return (await post_journal(db, network_id=BOOK, draft=draft, now=now or at)).journal_id


async def close(world: Database, now: datetime, currency: str = "SAR") -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await close_settlement_cycle(
            db, network_id=BOOK, currency=currency, actor=MAKER, now=now
        )


async def approve(world: Database, cycle: SettlementCycle, now: datetime) -> None:
    async with world.writing(BOOK) as db:
        await post_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=now
        )


async def statements_of(world: Database, cycle: SettlementCycle) -> dict[UUID, Statement]:
    async with world.reading(BOOK) as db:
        found = await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)
    return {one.partner_id: one for one in found}


async def settle(world: Database, now: datetime, currency: str = "SAR") -> dict[UUID, Statement]:
    """Close a cycle and approve it at once; gives its final statements by partner."""
    cycle = await close(world, now, currency)
    await approve(world, cycle, now)
    return await statements_of(world, cycle)


async def adjust(world: Database, one: Statement, now: datetime) -> AdjustmentStatement:
    async with world.writing(BOOK) as db:
        return await issue_adjustment_statement(
            db, network_id=BOOK, statement_id=one.statement_id, actor=MAKER, now=now
        )


async def lines_of(
    world: Database, one: AdjustmentStatement, scope: Scope | None = None, **page: Any
) -> list[AdjustmentLine]:
    async with world.reading(BOOK, scope or Scope()) as db:
        return await list_adjustment_lines(db, network_id=BOOK, of=one, **{"limit": 99} | page)


async def adjustments_of(world: Database, one: Statement) -> list[AdjustmentStatement]:
    async with world.reading(BOOK) as db:
        return await list_adjustment_statements(db, network_id=BOOK, of=one, limit=99)


async def everything(superuser: AsyncConnection) -> dict[str, list[str]]:
    return {table: await rows_of(superuser, f"payouts.{table}") for table in TABLES}


async def assert_sound(superuser: AsyncConnection) -> None:
    """What is asked of statements and adjustments holds, as the auditor sees it."""
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    broken = {}
    for one in invariants():
        if one.name.startswith(("statement_", "adjustment_", "numbers_", "settle")):
            rows: Sequence[Any] = (await superuser.execute(text(one.query))).all()
            if rows:
                broken[one.name] = rows
    await superuser.execute(text("ROLLBACK"))
    # Nothing is paid or collected in this world, so no order stands against a final statement.
    broken.pop("settlement_totals", None)
    assert broken == {}
