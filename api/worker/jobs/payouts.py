"""Payouts: the acts at the provider, between the transactions that prepare and record them."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

from api.worker.jobs.claimed import claim_batch, do_claimed, do_each, raise_first
from api.worker.jobs.payout_batches import (
    CLAIMED_MAX,
    Batches,
    carry_out,
    count_out,
    record_alone,
)
from api.worker.jobs.payout_records import (
    keep_failure,
    keep_payout,
    keep_reversal,
    keep_transfer,
)
from api.worker.world import World
from payouts.bank_files import add_to_bank_file
from payouts.disbursement import (
    Leg,
    Order,
    prepare_payout,
    prepare_resolution,
    prepare_watch,
    record_absence,
)
from payouts.money import Money
from payouts.rails import RailError, UnknownOutcome

_LOOK_BACK = timedelta(hours=1)


async def run_payout_submit(world: World, network_id: int) -> int:
    """Take due payouts one act further: transfer, payout to the bank, or taking back.

    Those that nothing stands in the way of go in batches; the others have their turns after them.
    """
    begun = time.monotonic()
    claimed = await claim_batch(world, network_id, "payout.submit", limit=CLAIMED_MAX)
    if not claimed:
        return 0
    funds = await _read_funds(world)
    batches = Batches(world, network_id, funds, begun)
    others, failures = await batches.submit(claimed)
    gate = asyncio.Lock()

    async def submit(payout_id: UUID) -> None:
        async with gate:
            # One at a time, so that each counts what the others of the batch leave.
            async with world.database.writing(network_id) as db:
                order = await prepare_payout(
                    db,
                    network_id=network_id,
                    payout_id=payout_id,
                    available=funds,
                    now=world.clock.now(),
                )
            if order is not None:
                count_out(funds, order)
        if order is not None:
            world.crash("payout.claimed")
            await _send(world, network_id, order)

    raise_first([*failures, *await do_each(others, submit)])
    return len(claimed)


async def run_payout_resolve(world: World, network_id: int) -> int:
    """Find out what became of attempts whose outcome is unknown."""

    async def resolve(payout_id: UUID) -> None:
        async with world.database.writing(network_id) as db:
            order = await prepare_resolution(
                db, network_id=network_id, payout_id=payout_id, now=world.clock.now()
            )
        if order is None:
            return
        world.crash("payout.resolving")
        if order.can_resend and await _send(world, network_id, order):
            return
        await _look_up(world, network_id, order)

    return await do_claimed(world, network_id, "payout.resolve", resolve)


async def run_payout_watch(world: World, network_id: int) -> int:
    """Read how payouts fare at the bank, in case a webhook was lost."""

    async def watch(payout_id: UUID) -> None:
        async with world.database.writing(network_id) as db:
            watched = await prepare_watch(
                db, network_id=network_id, payout_id=payout_id, now=world.clock.now()
            )
        if watched is None:
            return
        attempt_id, account_id, provider_id = watched
        try:
            found = await world.rail.get_payout(account_id, provider_id)
        except RailError:
            return  # it is looked at again anyway
        await keep_payout(world, network_id, (attempt_id, account_id), found)

    return await do_claimed(world, network_id, "payout.watch", watch)


async def _read_funds(world: World) -> dict[str, Money] | None:
    try:
        return dict((await world.rail.get_balance()).available)
    except RailError:
        return None  # the provider decides


async def _send(world: World, network_id: int, order: Order) -> bool:
    """Carry an attempt out; tells whether its outcome is known."""
    if order.leg is Leg.BANK:
        async with world.database.writing(network_id) as db:
            await add_to_bank_file(
                db, network_id=network_id, attempt_id=order.attempt_id, now=world.clock.now()
            )
        return True
    try:
        if order.leg is Leg.REVERSAL:
            await _reverse(world, network_id, order)
        else:
            await record_alone(world, network_id, order, await carry_out(world, order))
    except RailError as failure:
        await keep_failure(world, network_id, order.attempt_id, failure)
        return not isinstance(failure, UnknownOutcome)
    world.crash("payout.recorded")
    return True


async def _reverse(world: World, network_id: int, order: Order) -> None:
    assert order.transfer_id is not None
    reversal = await world.rail.reverse_transfer(
        key=order.key,
        transfer_id=order.transfer_id,
        amount=order.amount,
        metadata=order.metadata,
    )
    world.crash("payout.reversed")
    await keep_reversal(world, network_id, order.attempt_id, reversal.id)


async def _look_up(world: World, network_id: int, order: Order) -> None:
    """Search the provider for an attempt by what it was marked with."""
    try:
        is_found = await _find(world, network_id, order)
    except RailError:
        return  # not found and not absent: the lease ends and it is looked up again
    if not is_found:
        async with world.database.writing(network_id) as db:
            await record_absence(
                db, network_id=network_id, attempt_id=order.attempt_id, now=world.clock.now()
            )


async def _find(world: World, network_id: int, order: Order) -> bool:
    mark = str(order.attempt_id)
    if order.leg is Leg.TRANSFER:
        for transfer in await world.rail.find_transfers(order.group):
            if transfer.metadata.get("attempt") == mark:
                await keep_transfer(world, network_id, order.attempt_id, transfer)
                return True
    elif order.leg is Leg.PAYOUT:
        since = order.prepared_at - _LOOK_BACK
        for one in await world.rail.list_payouts(order.account_id, created_after=since):
            if one.metadata.get("attempt") == mark:
                place = (order.attempt_id, order.account_id)
                await keep_payout(world, network_id, place, one)
                return True
    else:
        assert order.transfer_id is not None
        transfer = await world.rail.get_transfer(order.transfer_id)
        if transfer.amount_reversed >= order.amount:
            await keep_reversal(world, network_id, order.attempt_id, None)
            return True
    return False


JOBS = {
    "payout.submit": run_payout_submit,
    "payout.resolve": run_payout_resolve,
    "payout.watch": run_payout_watch,
}
