"""How far the matching of a period is, side by side, and nothing of other periods or networks."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.reconciliation import (
    MatchingProgress,
    Resolution,
    approve_reconciliation_item,
    read_matching_progress,
)
from tests.conftest import NOW
from tests.factories.catalog import statements_of
from tests.payouts.reconciliation.camt import document, entry, statement
from tests.payouts.reconciliation.test_import_bank_statement import import_
from tests.payouts.reconciliation.test_record_provider_transaction import movement, record
from tests.payouts.reconciliation.test_resolve_and_close import propose
from tests.payouts.reconciliation.world import BOOK, CHECKER, opened, payout_ordered, sar

SINCE, UNTIL = NOW - timedelta(days=31), NOW + timedelta(days=1)


async def progress(
    database: Database, since: datetime = SINCE, until: datetime = UNTIL, network_id: int = BOOK
) -> list[MatchingProgress]:
    async with database.reading(network_id) as db:
        return await read_matching_progress(db, network_id=network_id, since=since, until=until)


async def test_lines_are_counted_as_open_proposed_and_resolved(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    lines = [entry("500.00", ref="B1"), entry("-3.00", ref="B2"), entry("7.00", ref="B3")]
    await import_(database, document(statement("100.00", "604.00", *lines)))
    rows = await superuser.execute(
        text("SELECT reference, item_id, occurred_at FROM payouts.reconciliation_item")
    )
    listed = rows.all()
    items = {row.reference: row.item_id for row in listed}
    (occurred,) = {row.occurred_at for row in listed}

    def side(resolved: int, proposed: int, open_minor: int) -> MatchingProgress:
        return MatchingProgress("bank", 3, 0, resolved, proposed, sar(open_minor), occurred)

    assert await progress(database) == [side(0, 0, 50_400)]
    await propose(database, items["B2"], Resolution.BANK_FEE)
    (proposed,) = await progress(database)
    assert (proposed, proposed.open_count) == (side(0, 1, 50_400), 2)
    async with database.writing(BOOK) as db:
        await approve_reconciliation_item(
            db, network_id=BOOK, item_id=items["B2"], actor=CHECKER, now=NOW
        )
    with statements_of(database) as seen:
        (resolved,) = await progress(database)
    assert (resolved, resolved.open_count, len(seen)) == (side(1, 0, 50_700), 2, 1)

    assert await progress(database, until=occurred) == []
    assert await progress(database, since=occurred, until=occurred + timedelta(seconds=1)) == [
        resolved
    ]
    assert await progress(database, since=datetime(2025, 1, 1, tzinfo=UTC), until=SINCE) == []
    assert await progress(database, network_id=BOOK + 1) == []


async def test_what_the_books_explained_at_once_is_matched(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    for number in (1, 2):
        await payout_ordered(superuser, f"tr_{number}", minor=3_000)
    await record(database, movement("transfer", -3_000, "tr_1", transfer="tr_1"))
    await record(database, movement("transfer", -2_980, "tr_2", transfer="tr_2"))
    (one,) = await progress(database)
    assert one == MatchingProgress("provider", 2, 1, 0, 0, sar(20), NOW)
    assert one.open_count == 1
