"""Top-ups: money drawn from the network's own bank to the balance at the provider."""

from datetime import timedelta
from uuid import UUID

from api.worker.jobs.claimed import do_claimed
from api.worker.world import World
from payouts.disbursement import TopUp, prepare_topup, record_topup, record_topup_failure
from payouts.rails import ProviderTopup, RailError

_LOOK_BACK = timedelta(hours=1)


async def run_topup_submit(world: World, network_id: int) -> int:
    """Take due top-ups one act further: order, find out what became of it, or watch it."""

    async def step(topup_id: UUID) -> None:
        async with world.database.writing(network_id) as db:
            prepared = await prepare_topup(
                db, network_id=network_id, topup_id=topup_id, now=world.clock.now()
            )
        if prepared is None:
            return
        act, topup = prepared
        world.crash("topup.claimed")
        try:
            found = await _act(world, network_id, act, topup)
        except RailError as failure:
            if act == "send":
                await _record_failure(world, network_id, topup, failure)
            return
        world.crash("topup.sent")
        if found is None:
            await _record_failure(world, network_id, topup, None)
            return
        async with world.database.writing(network_id) as db:
            await record_topup(
                db,
                network_id=network_id,
                topup_id=topup_id,
                provider_topup=found,
                now=world.clock.now(),
            )

    return await do_claimed(world, network_id, "topup.submit", step)


async def _act(world: World, network_id: int, act: str, topup: TopUp) -> ProviderTopup | None:
    if act == "send":
        return await world.rail.create_topup(
            key=topup.key,
            amount=topup.amount,
            metadata={"network": str(network_id), "topup": str(topup.topup_id)},
        )
    if act == "watch" and topup.external_id is not None:
        return await world.rail.get_topup(topup.external_id)
    since = topup.created_at - _LOOK_BACK
    for one in await world.rail.find_topups(created_after=since):
        if one.metadata.get("topup") == str(topup.topup_id):
            return one
    return None


async def _record_failure(
    world: World, network_id: int, topup: TopUp, failure: RailError | None
) -> None:
    async with world.database.writing(network_id) as db:
        await record_topup_failure(
            db,
            network_id=network_id,
            topup_id=topup.topup_id,
            failure=failure,
            now=world.clock.now(),
        )


JOBS = {"topup.submit": run_topup_submit}
