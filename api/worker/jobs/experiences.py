"""Counts experiences as delivered once their time has come."""

from api.worker.world import World
from catalog.redemptions import deliver_due_experiences

BATCH = 100


async def run_experience_deliver(world: World, network_id: int) -> int:
    """Deliver a batch of experiences that have begun; tell how many."""
    async with world.database.writing(network_id) as db:
        return await deliver_due_experiences(
            db, network_id=network_id, limit=BATCH, now=world.clock.now()
        )
