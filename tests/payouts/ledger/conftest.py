import pytest

from api.database.transaction import Database
from payouts.ledger import open_book
from tests.conftest import NOW

pytest.register_assert_rewrite(
    "tests.payouts.ledger.ledger_books", "tests.payouts.ledger.ledger_life"
)

BOOK = 7


@pytest.fixture
async def book(database: Database) -> Database:
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
        await open_book(db, network_id=8, zone="Europe/Berlin", now=NOW)
    return database
