import pytest

from api.database.transaction import Database
from payouts.ledger import open_book
from tests.conftest import NOW
from tests.payouts.settlement.world import BOOK


@pytest.fixture
async def world(database: Database) -> Database:
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
    return database
