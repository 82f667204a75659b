"""Ends debts of members that nothing paid in time."""

from api.worker.world import World
from partners.debts import write_off_debts

BATCH = 100


async def run_debts(world: World, network_id: int) -> int:
    """End the overdue debts of a batch of members; tell how many."""
    async with world.database.writing(network_id) as db:
        return await write_off_debts(db, network_id=network_id, limit=BATCH, now=world.clock.now())
