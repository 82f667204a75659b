"""Takes back earned value that nobody spent in time."""

from api.worker.world import World
from partners.accruals import expire_due_lots

BATCH = 100


async def run_expiry(world: World, network_id: int) -> int:
    """Take a batch of lots back that are past their end; tell how many."""
    async with world.database.writing(network_id) as db:
        return await expire_due_lots(db, network_id=network_id, limit=BATCH, now=world.clock.now())
