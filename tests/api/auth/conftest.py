import pytest

from tests.api.auth.world import World


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)
