"""The world that the walk goes through holds every kind of object, on both sides."""


async def test_world(standing) -> None:
    assert standing.world
