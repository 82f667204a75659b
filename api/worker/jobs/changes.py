"""Gives the changes of the catalogue their order, within a second of their commit."""

from api.worker.world import World
from catalog.changes import order_changes


async def run_changes(world: World, network_id: int) -> int:
    """Order what one network's catalogue changed; tell how much it was."""
    async with world.database.writing(network_id) as db:
        return await order_changes(db, network_id=network_id)
