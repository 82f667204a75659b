from pathlib import Path

import pytest

from api.database.transaction import Database
from tests.api.graphql.catalog.asking import World
from tests.factories.partners import open_shop


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    return World(database, await open_shop(database), tmp_path / "clock")
