"""Collections: debits of partners that owe, between the transactions around them."""

from datetime import timedelta
from uuid import UUID

from api.worker.jobs.claimed import do_claimed
from api.worker.world import World
from payouts.disbursement import (
    Debit,
    prepare_collection,
    record_collection_absence,
    record_collection_failure,
    record_payment_intent,
)
from payouts.rails import ProviderPaymentIntent, RailError, UnknownOutcome

_LOOK_BACK = timedelta(hours=1)


async def run_collection_submit(world: World, network_id: int) -> int:
    """Take due collections one act further: debit, find out what became of it, or watch it."""

    async def step(collection_id: UUID) -> None:
        async with world.database.writing(network_id) as db:
            debit = await prepare_collection(
                db, network_id=network_id, collection_id=collection_id, now=world.clock.now()
            )
        if debit is None:
            return
        world.crash("collection.claimed")
        if debit.act == "watch":
            await _watch(world, network_id, debit)
            return
        if debit.act in ("send", "resend") and await _send(world, network_id, debit):
            return
        if debit.act != "send":
            await _look_up(world, network_id, debit)

    return await do_claimed(world, network_id, "collection.submit", step)


async def _send(world: World, network_id: int, debit: Debit) -> bool:
    try:
        intent = await world.rail.create_payment_intent(
            key=debit.key,
            amount=debit.amount,
            customer_id=debit.customer_id,
            payment_method_id=debit.payment_method_id,
            transfer_group=debit.group,
            metadata=debit.metadata,
        )
    except RailError as failure:
        async with world.database.writing(network_id) as db:
            await record_collection_failure(
                db,
                network_id=network_id,
                attempt_id=debit.attempt_id,
                failure=failure,
                now=world.clock.now(),
            )
        return not isinstance(failure, UnknownOutcome)
    world.crash("collection.sent")
    await _record(world, network_id, debit.attempt_id, intent)
    return True


async def _watch(world: World, network_id: int, debit: Debit) -> None:
    assert debit.external_id is not None
    try:
        intent = await world.rail.get_payment_intent(debit.external_id)
    except RailError:
        return  # it is looked at again anyway
    await _record(world, network_id, debit.attempt_id, intent)


async def _look_up(world: World, network_id: int, debit: Debit) -> None:
    try:
        found = await world.rail.find_payment_intents(
            debit.customer_id, created_after=debit.prepared_at - _LOOK_BACK
        )
    except RailError:
        return  # not found and not absent: the lease ends and it is looked up again
    for intent in found:
        if intent.metadata.get("attempt") == str(debit.attempt_id):
            await _record(world, network_id, debit.attempt_id, intent)
            return
    async with world.database.writing(network_id) as db:
        await record_collection_absence(
            db, network_id=network_id, attempt_id=debit.attempt_id, now=world.clock.now()
        )


async def _record(
    world: World, network_id: int, attempt_id: UUID, intent: ProviderPaymentIntent
) -> None:
    async with world.database.writing(network_id) as db:
        await record_payment_intent(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            intent=intent,
            now=world.clock.now(),
        )


JOBS = {"collection.submit": run_collection_submit}
