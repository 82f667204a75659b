"""Frees what merchants set aside on cards and did not take in time."""

from api.worker.world import World
from catalog.giftcards import expire_due_authorizations

BATCH = 100


async def run_hold_expire(world: World, network_id: int) -> int:
    """Expire a batch of authorizations; tell how many."""
    async with world.database.writing(network_id) as db:
        return await expire_due_authorizations(
            db, network_id=network_id, limit=BATCH, now=world.clock.now()
        )
