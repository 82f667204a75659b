"""Makes available what members earned once the return window is over."""

from api.worker.world import World
from partners.accruals import confirm_due_accruals

BATCH = 200


async def run_accrual_confirm(world: World, network_id: int) -> int:
    """Confirm a batch of accruals; tell how many."""
    async with world.database.writing(network_id) as db:
        return await confirm_due_accruals(
            db, network_id=network_id, limit=BATCH, now=world.clock.now()
        )
