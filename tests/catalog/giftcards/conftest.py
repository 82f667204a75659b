import pytest

from api.database.transaction import Database
from tests.factories.small_network import SmallNetwork, found_network


@pytest.fixture
async def souq(database: Database) -> SmallNetwork:
    return await found_network(database)
