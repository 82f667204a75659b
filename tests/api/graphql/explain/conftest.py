from pathlib import Path

import pytest

from api.database.transaction import Database
from tests.api.graphql.partners.world import Door
from tests.conftest import NOW


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Door:
    made = Door(database, tmp_path / "clock")
    made.set_clock(NOW)
    return made
