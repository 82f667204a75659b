"""Payouts: the acts at the provider, between the transactions that prepare and record them."""

import asyncio
from datetime import timedelta
from uuid import UUID

from api.worker.jobs.claimed import do_claimed
from api.worker.world import World
from payouts.bank_files import add_to_bank_file
from payouts.disbursement import (
    Leg,
    Order,
    prepare_payout,
    prepare_resolution,
    prepare_watch,
    record_absence,
    record_failure,
    record_provider_payout,
    record_reversal,
    record_transfer,
)
from payouts.money import Money
from payouts.rails import ProviderPayout, ProviderTransfer, RailError, UnknownOutcome

_LOOK_BACK = timedelta(hours=1)


async def run_payout_submit(world: World, network_id: int) -> int:
    """Take due payouts one act further: transfer, payout to the bank, or taking back."""
    funds: list[dict[str, Money] | None] = []
    gate = asyncio.Lock()

    async def submit(payout_id: UUID) -> None:
        async with gate:
            # One at a time, so that each counts what the others of the batch leave.
            if not funds:
                funds.append(await _read_funds(world))
            async with world.database.writing(network_id) as db:
                order = await prepare_payout(
                    db,
                    network_id=network_id,
                    payout_id=payout_id,
                    available=funds[0],
                    now=world.clock.now(),
                )
            if order is not None and order.leg is Leg.TRANSFER and funds[0] is not None:
                left = funds[0].get(order.amount.currency, Money.zero(order.amount.currency))
                funds[0][order.amount.currency] = left - order.amount
        if order is not None:
            world.crash("payout.claimed")
            await _send(world, network_id, order)

    return await do_claimed(world, network_id, "payout.submit", submit)


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
        await _record_payout(world, network_id, (attempt_id, account_id), found)

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
        if order.leg is Leg.TRANSFER:
            transfer = await world.rail.create_transfer(
                key=order.key,
                amount=order.amount,
                destination=order.account_id,
                transfer_group=order.group,
                metadata=order.metadata,
            )
            world.crash("payout.sent")
            await _record_transfer(world, network_id, order.attempt_id, transfer)
        elif order.leg is Leg.PAYOUT:
            sent = await world.rail.create_payout(
                key=order.key,
                account_id=order.account_id,
                amount=order.amount,
                metadata=order.metadata,
            )
            world.crash("payout.banked")
            place = (order.attempt_id, order.account_id)
            await _record_payout(world, network_id, place, sent)
        else:
            await _reverse(world, network_id, order)
    except RailError as failure:
        async with world.database.writing(network_id) as db:
            await record_failure(
                db,
                network_id=network_id,
                attempt_id=order.attempt_id,
                failure=failure,
                now=world.clock.now(),
            )
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
    await _record_reversal(world, network_id, order.attempt_id, reversal.id)


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
                await _record_transfer(world, network_id, order.attempt_id, transfer)
                return True
    elif order.leg is Leg.PAYOUT:
        since = order.prepared_at - _LOOK_BACK
        for one in await world.rail.list_payouts(order.account_id, created_after=since):
            if one.metadata.get("attempt") == mark:
                place = (order.attempt_id, order.account_id)
                await _record_payout(world, network_id, place, one)
                return True
    else:
        assert order.transfer_id is not None
        transfer = await world.rail.get_transfer(order.transfer_id)
        if transfer.amount_reversed >= order.amount:
            await _record_reversal(world, network_id, order.attempt_id, None)
            return True
    return False


async def _record_transfer(
    world: World, network_id: int, attempt_id: UUID, transfer: ProviderTransfer
) -> None:
    async with world.database.writing(network_id) as db:
        await record_transfer(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            transfer=transfer,
            now=world.clock.now(),
        )


async def _record_payout(
    world: World, network_id: int, place: tuple[UUID, str], found: ProviderPayout
) -> None:
    attempt_id, account_id = place
    async with world.database.writing(network_id) as db:
        await record_provider_payout(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            account_id=account_id,
            provider_payout=found,
            now=world.clock.now(),
        )


async def _record_reversal(
    world: World, network_id: int, attempt_id: UUID, reversal_id: str | None
) -> None:
    async with world.database.writing(network_id) as db:
        await record_reversal(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            reversal_id=reversal_id,
            now=world.clock.now(),
        )


JOBS = {
    "payout.submit": run_payout_submit,
    "payout.resolve": run_payout_resolve,
    "payout.watch": run_payout_watch,
}
