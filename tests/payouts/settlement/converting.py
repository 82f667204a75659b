"""Steps of cycles in which nets are converted, for tests of that."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.audit import run_checks
from payouts.disbursement import approve_settlement_cycle
from payouts.fx import FxRate
from payouts.settlement import (
    ConversionPolicy,
    SettlementCycle,
    Statement,
    close_settlement_cycle,
    list_cycle_statements,
    publish_settlement_conversion,
    reissue_settlement_cycle,
)
from tests.conftest import NOW
from tests.factories.catalog import make_rate
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, P, assert_books_balance

OPERATOR = "staff:operator"


async def convert(
    world: Database,
    into: str | None,
    *,
    partner_id: UUID = P,
    currency: str = "EUR",
    now: datetime = NOW,
    network_id: int = BOOK,
) -> ConversionPolicy:
    """From now on nets of a partner are converted."""
    async with world.writing(network_id) as db:
        return await publish_settlement_conversion(
            db,
            network_id=network_id,
            partner_id=partner_id,
            currency=currency,
            into=into,
            actor=OPERATOR,
            now=now,
        )


async def quote(
    world: Database, value: str, *, base: str = "EUR", into: str = "USD", **given: Any
) -> FxRate:
    """A rate is published."""
    async with world.writing(BOOK) as db:
        return await make_rate(db, network_id=BOOK, base=base, quote=into, value=value, **given)


async def close(world: Database, currency: str = "EUR", now: datetime = NOW) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await close_settlement_cycle(
            db, network_id=BOOK, currency=currency, actor=MAKER, now=now
        )


async def reissue(world: Database, cycle: SettlementCycle, now: datetime) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await reissue_settlement_cycle(db, network_id=BOOK, cycle_id=cycle.cycle_id, now=now)


async def approve(world: Database, cycle: SettlementCycle, now: datetime = NOW) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=now
        )


async def statements(world: Database, cycle: SettlementCycle) -> list[Statement]:
    async with world.reading(BOOK) as db:
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def converted_lines(superuser: AsyncConnection) -> list[tuple[str, str, str, int]]:
    """All postings of conversions: type, unit, the last two digits of the owner, amount."""
    rows = await superuser.execute(
        text(
            "SELECT a.type, p.unit, right(a.owner_id, 2), p.amount FROM payouts.posting p"
            " JOIN payouts.account a USING (book_id, account_id)"
            " JOIN payouts.journal j USING (book_id, journal_id)"
            " WHERE j.kind = 'settlement.convert' ORDER BY j.journal_id, p.line"
        )
    )
    return [tuple(row) for row in rows]


async def ordered(superuser: AsyncConnection) -> list[tuple[str, UUID, str, int]]:
    """All payouts and collections."""
    rows = await superuser.execute(
        text(
            "SELECT 'payout' AS what, partner_id, currency, amount FROM payouts.payout UNION ALL"
            " SELECT 'collection', partner_id, currency, amount FROM payouts.collection"
            " ORDER BY what, partner_id, currency"
        )
    )
    return [tuple(row) for row in rows]


async def everything(superuser: AsyncConnection) -> list[Any]:
    """How much there is, and where it stands: what a refusal must not change."""
    rows = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM payouts.journal), (SELECT count(*) FROM payouts.payout),"
            " (SELECT count(*) FROM payouts.collection),"
            " (SELECT count(*) FROM payouts.settlement_conversion),"
            " (SELECT string_agg(number || '/' || version || ' ' || state || ' ' || outcome, ', '"
            " ORDER BY number, version) FROM payouts.statement),"
            " (SELECT string_agg(state, ', ' ORDER BY number) FROM payouts.settlement_cycle)"
        )
    )
    return list(rows.one())


async def assert_sound(superuser: AsyncConnection, now: datetime = NOW) -> None:
    """The books balance, and every invariant holds."""
    await assert_books_balance(superuser)
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=now)
    await superuser.execute(text("ROLLBACK"))
    broken = {one.name: one.breaches for one in results if not one.ok}
    assert broken == {}
