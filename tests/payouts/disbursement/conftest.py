from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import Clock
from api.database.transaction import Database
from payouts.ledger import open_book
from tests.conftest import NOW
from tests.payouts.disbursement.world import Bank
from tests.payouts.rails.stripe_double import running_double
from tests.payouts.settlement.world import BOOK, MEMBER, assert_books_balance


@pytest.fixture
async def bank(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> AsyncIterator[Bank]:
    """A network with a book, and a double on the same standing clock; the books balance after."""
    clock_file = tmp_path / "clock"
    clock_file.write_text(NOW.isoformat())
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
    async with running_double(tmp_path / "stripe", clock_file=clock_file) as double:
        yield Bank(database, double, Clock(clock_file))
        await assert_books_balance(superuser)


@pytest.fixture
async def payable(bank: Bank) -> Bank:
    """A bank whose member can be paid, has 50.00, and whose platform has 1,000.00."""
    await bank.onboard(member_id=MEMBER)
    await bank.give(5_000)
    await bank.fund(100_000)
    return bank
