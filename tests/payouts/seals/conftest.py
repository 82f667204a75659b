from pathlib import Path

import pytest

from api.database.transaction import Database
from tests.payouts.seals.world import Sealed, open_sealed


@pytest.fixture
async def sealed(database: Database, tmp_path: Path) -> Sealed:
    return await open_sealed(database, tmp_path / "data")
