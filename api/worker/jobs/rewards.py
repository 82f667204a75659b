"""Puts rewards on sale, and retires them, when their time has come."""

from api.worker.world import World
from catalog.redemptions import retire_due_rewards
from catalog.rewards import publish_due_rewards

BATCH = 100


async def run_reward_publish(world: World, network_id: int) -> int:
    """Put a batch of scheduled rewards on sale; tell how many were looked at."""
    async with world.database.writing(network_id) as db:
        return await publish_due_rewards(
            db, network_id=network_id, limit=BATCH, now=world.clock.now()
        )


async def run_reward_retire(world: World, network_id: int) -> int:
    """Retire a batch of rewards whose sunset has come; tell how many were looked at."""
    async with world.database.writing(network_id) as db:
        return await retire_due_rewards(
            db, network_id=network_id, limit=BATCH, now=world.clock.now()
        )
