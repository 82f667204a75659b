"""Gives back what was held back from partners, when its time has come."""

from uuid import UUID

from api.worker.jobs.claimed import do_claimed
from api.worker.world import World
from payouts.reserves import RELEASE_KIND, release_reserve

ACTOR = "worker:reserve"


async def run_reserve_release(world: World, network_id: int) -> int:
    """Release a batch of reserves; tell how many were due."""

    async def release(reserve_id: UUID) -> None:
        async with world.database.writing(network_id) as db:
            await release_reserve(
                db,
                network_id=network_id,
                reserve_id=reserve_id,
                actor=ACTOR,
                now=world.clock.now(),
            )

    return await do_claimed(world, network_id, RELEASE_KIND, release)


JOBS = {RELEASE_KIND: run_reserve_release}
