"""Payouts that nothing stands in the way of, taken one act further together.

One transaction commits all of them to their acts; then the provider is called, a few calls at a
time; then one transaction records what it answered. Who dies in between leaves attempts that have
their keys, and whoever finds their leases over asks again under the same keys.
"""

import time
from collections.abc import Sequence
from uuid import UUID

import structlog

from api.worker.jobs.claimed import do_each, raise_first
from api.worker.jobs.payout_records import keep_batch, keep_failure, keep_payout, keep_transfer
from api.worker.world import World
from payouts.disbursement import Leg, Order, Prepared, prepare_payouts
from payouts.money import Money
from payouts.rails import ProviderPayout, ProviderTransfer, RailError

PAYOUTS_AT_ONCE = 64
SEND_SECONDS_MAX = 20.0
"""How long after it was prepared an order of a batch may still be sent.

With the longest call this is less than the lease: an order is never sent by one worker while
another one, who found it unanswered, may already look whether it is there.
"""

Answer = ProviderTransfer | ProviderPayout
_log = structlog.get_logger("mizan.worker")


async def submit_together(
    world: World, network_id: int, payout_ids: Sequence[UUID], funds: dict[str, Money] | None
) -> tuple[list[UUID], list[BaseException]]:
    """Take the plain ones of claimed payouts further and count them out of the funds.

    Gives those that need a turn of their own, and what failed.
    """
    prepared = await _prepare(world, network_id, payout_ids, funds)
    for order in prepared.orders:
        count_out(funds, order)
        world.crash("payout.claimed")
    begun = time.monotonic()

    async def send(order: Order) -> Answer | None:
        if time.monotonic() - begun > SEND_SECONDS_MAX:
            return None  # it is due again when its lease ends
        return await carry_out(world, order)

    outcomes = await do_each(prepared.orders, send)
    pairs = list(zip(prepared.orders, outcomes, strict=True))
    return prepared.others, await _record(world, network_id, pairs)


async def carry_out(world: World, order: Order) -> Answer:
    """Ask the provider for a transfer or a payout. Raises RailError."""
    if order.leg is Leg.TRANSFER:
        transfer = await world.rail.create_transfer(
            key=order.key,
            amount=order.amount,
            destination=order.account_id,
            transfer_group=order.group,
            metadata=order.metadata,
        )
        world.crash("payout.sent")
        return transfer
    payout = await world.rail.create_payout(
        key=order.key,
        account_id=order.account_id,
        amount=order.amount,
        metadata=order.metadata,
    )
    world.crash("payout.banked")
    return payout


async def record_alone(world: World, network_id: int, order: Order, answer: Answer) -> None:
    """Write down what the provider answered to one order."""
    if isinstance(answer, ProviderTransfer):
        await keep_transfer(world, network_id, order.attempt_id, answer)
    else:
        await keep_payout(world, network_id, (order.attempt_id, order.account_id), answer)


def count_out(funds: dict[str, Money] | None, order: Order) -> None:
    """Leave less of the funds to the payouts that follow."""
    if funds is not None and order.leg is Leg.TRANSFER:
        left = funds.get(order.amount.currency, Money.zero(order.amount.currency))
        funds[order.amount.currency] = left - order.amount


async def _prepare(
    world: World, network_id: int, payout_ids: Sequence[UUID], funds: dict[str, Money] | None
) -> Prepared:
    try:
        async with world.database.writing(network_id) as db:
            return await prepare_payouts(
                db,
                network_id=network_id,
                payout_ids=payout_ids,
                available=funds,
                now=world.clock.now(),
            )
    except Exception:  # noqa: BLE001 whatever it was, it comes again where it belongs
        _log.warning("a batch of payouts was not prepared at once", exc_info=True)
        return Prepared([], list(payout_ids))


async def _record(
    world: World, network_id: int, pairs: Sequence[tuple[Order, Answer | BaseException | None]]
) -> list[BaseException]:
    """Write down together what was done as ordered, and the rest one by one; gives what failed."""
    failed = [
        it for _, it in pairs if isinstance(it, BaseException) and not isinstance(it, RailError)
    ]
    raise_first(it for it in failed if not isinstance(it, Exception))  # it did not live on
    kept = await keep_batch(
        world,
        network_id,
        {order.attempt_id: it for order, it in pairs if isinstance(it, ProviderTransfer)},
        {
            order.attempt_id: (order.account_id, it)
            for order, it in pairs
            if isinstance(it, ProviderPayout)
        },
    )

    async def record(pair: tuple[Order, Answer | BaseException | None]) -> None:
        order, told = pair
        if isinstance(told, RailError):
            await keep_failure(world, network_id, order.attempt_id, told)
        elif isinstance(told, Answer):
            if order.attempt_id not in kept:
                await record_alone(world, network_id, order, told)
            world.crash("payout.recorded")

    outcomes = await do_each(pairs, record)
    return [*failed, *(it for it in outcomes if isinstance(it, BaseException))]
