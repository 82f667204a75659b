"""Two persons say what a line was, and two close the month when nothing is open."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import PeriodCloserIsProposer, PeriodNotOver
from payouts.reconciliation import (
    ApproverIsProposer,
    PeriodHasOpenItems,
    ReconciliationItemNotFound,
    ReconciliationItemNotOpen,
    Resolution,
    ResolutionUnfit,
    approve_reconciliation_item,
    close_period,
    resolve_reconciliation_item,
)
from payouts.refusal import Refusal
from tests.conftest import NOW
from tests.payouts.reconciliation.camt import document, entry, statement
from tests.payouts.reconciliation.test_import_bank_statement import import_
from tests.payouts.reconciliation.world import (
    BOOK,
    CHECKER,
    MAKER,
    items,
    opened,
    standing,
)

APRIL = datetime(2026, 4, 2, 9, tzinfo=UTC)
MARCH = date(2026, 3, 1)


async def one_item(superuser: AsyncConnection) -> UUID:
    row = await superuser.execute(text("SELECT item_id FROM payouts.reconciliation_item"))
    return row.scalar_one()


async def propose(
    database: Database, item: UUID, resolution: Resolution, actor: str = MAKER, **more: UUID
) -> None:
    async with database.writing(BOOK) as db:
        await resolve_reconciliation_item(
            db,
            network_id=BOOK,
            item_id=item,
            resolution=resolution,
            remark="seen",
            actor=actor,
            now=NOW,
            **more,
        )


async def approve(database: Database, item: UUID, actor: str = CHECKER) -> None:
    async with database.writing(BOOK) as db:
        await approve_reconciliation_item(db, network_id=BOOK, item_id=item, actor=actor, now=NOW)


SUPPLIER = UUID("018f0000-0000-7000-8000-000000000009")


@pytest.mark.parametrize(
    ("amount", "resolution", "owner", "expected"),
    [
        ("500.00", Resolution.CAPITAL_CONTRIBUTION, {}, {"bank_cash": 50_000, "capital": -50_000}),
        ("-3.00", Resolution.BANK_FEE, {}, {"bank_cash": -300, "processing_fee": 300}),
        ("0.02", Resolution.WRITE_OFF, {}, {"bank_cash": 2, "rounding": -2}),
        (
            "-12.00",
            Resolution.SUPPLIER_PAYMENT,
            {"owner_id": SUPPLIER},
            {"bank_cash": -1_200, "supplier_payable": 1_200},
        ),
        (
            "9.00",
            Resolution.PARTNER_RECEIVABLE,
            {"owner_id": SUPPLIER},
            {"bank_cash": 900, "settle_recv": -900},
        ),
        ("-8.00", Resolution.CASH_IN_TRANSIT, {}, {"bank_cash": -800, "cash_in_transit": 800}),
    ],
)
async def test_two_persons_book_what_a_line_was(
    database: Database,
    superuser: AsyncConnection,
    amount: str,
    resolution: Resolution,
    owner: dict[str, UUID],
    expected: dict[str, int],
) -> None:
    await opened(database)
    closing = f"{1000 + float(amount):.2f}"
    await import_(database, document(statement("1000.00", closing, entry(amount, ref="B1"))))
    item = await one_item(superuser)
    with pytest.raises(ReconciliationItemNotOpen):
        await approve(database, item)
    await propose(database, item, resolution, **owner)
    assert await standing(database) == {}
    with pytest.raises(ApproverIsProposer):
        await approve(database, item, MAKER)
    assert await standing(database) == {}
    await approve(database, item)
    assert await standing(database) == expected
    assert (await items(superuser))[0][1] == "resolved"
    for again in (approve(database, item, "staff:other"), propose(database, item, resolution)):
        with pytest.raises(ReconciliationItemNotOpen):
            await again
    assert await standing(database) == expected


@pytest.mark.parametrize(
    ("amount", "resolution", "owner"),
    [
        ("-5.00", Resolution.CAPITAL_CONTRIBUTION, {}),
        ("5.00", Resolution.SUPPLIER_PAYMENT, {"owner_id": SUPPLIER}),
        ("-5.00", Resolution.SUPPLIER_PAYMENT, {}),
        ("-5.00", Resolution.BANK_FEE, {"owner_id": SUPPLIER}),
        ("10.01", Resolution.WRITE_OFF, {}),
        ("5.00", Resolution.ACKNOWLEDGE, {}),
    ],
)
async def test_resolution_that_does_not_fit_is_refused(
    database: Database,
    superuser: AsyncConnection,
    amount: str,
    resolution: Resolution,
    owner: dict[str, UUID],
) -> None:
    await opened(database)
    closing = f"{1000 + float(amount):.2f}"
    await import_(database, document(statement("1000.00", closing, entry(amount, ref="B1"))))
    with pytest.raises(ResolutionUnfit):
        await propose(database, await one_item(superuser), resolution, **owner)
    assert (await items(superuser))[0][1] == "unexpected"


async def test_absent_item_is_not_found(database: Database) -> None:
    await opened(database)
    with pytest.raises(ReconciliationItemNotFound):
        await propose(database, SUPPLIER, Resolution.BANK_FEE)


async def close(database: Database, step: str, actor: str, now: datetime = APRIL) -> None:
    async with database.writing(BOOK) as db:
        await close_period(db, network_id=BOOK, month=MARCH, step=step, actor=actor, now=now)


async def period_of(superuser: AsyncConnection) -> list[tuple[str, str | None, str | None]]:
    rows = await superuser.execute(
        text("SELECT status, proposed_by, closed_by FROM payouts.period ORDER BY period")
    )
    return [tuple(row) for row in rows]


async def test_a_month_is_closed_by_two_persons_when_nothing_is_open(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await import_(database, document(statement("10.00", "7.00", entry("-3.00", ref="B1"))))
    item = await one_item(superuser)

    async def refused(expected: type[Refusal], step: str, actor: str, now: datetime) -> None:
        before = await period_of(superuser)
        with pytest.raises(expected):
            await close(database, step, actor, now)
        assert await period_of(superuser) == before

    await refused(PeriodNotOver, "closed", CHECKER, NOW)
    await refused(PeriodHasOpenItems, "soft", MAKER, APRIL)
    await refused(PeriodHasOpenItems, "closed", CHECKER, APRIL)
    await propose(database, item, Resolution.BANK_FEE)
    await approve(database, item)
    await close(database, "soft", MAKER)
    assert await period_of(superuser) == [("soft", MAKER, None)]
    await refused(PeriodCloserIsProposer, "closed", MAKER, APRIL)
    await close(database, "closed", CHECKER)
    assert await period_of(superuser) == [("closed", MAKER, CHECKER)]
