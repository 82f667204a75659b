"""Giving committed journals their place, within seconds and off the path of those who wait."""

from api.worker.world import World
from payouts.seals import seal_journals


async def run_sealing(world: World, network_id: int) -> int:
    """Seal what was committed in one network's book; tells how many journals."""
    async with world.database.writing(network_id) as db:
        position = await seal_journals(db, network_id=network_id, now=world.clock.now())
    return position.sealed
