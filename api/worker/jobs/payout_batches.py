"""Payouts that nothing stands in the way of, taken one act further in batches.

One transaction commits a batch to its acts; then the provider is called, a few calls at a time;
then one transaction records what it answered. While it is called for one batch, the next is
prepared and the last is recorded. Who dies in between leaves attempts that have their keys, and
whoever finds their leases over asks again under the same keys.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from api.worker.jobs import claimed
from api.worker.jobs.claimed import do_each, raise_first
from api.worker.jobs.payout_records import keep_batch, keep_failure, keep_payout, keep_transfer
from api.worker.world import World
from payouts.disbursement import Leg, Order, Prepared, prepare_payouts
from payouts.money import Money
from payouts.rails import ProviderPayout, ProviderTransfer, RailError

BATCH = 64
CLAIMED_MAX = 4 * BATCH
BATCHES_AT_ONCE = 3
SEND_SECONDS_MAX = 20.0
"""How long after they were claimed payouts of a batch may still be prepared and sent.

With the longest call this is less than the lease: no worker sends an order while another one, who
found it unanswered, may already look whether it is there.
"""

Answer = ProviderTransfer | ProviderPayout
_Told = tuple[Order, Answer | BaseException | None]
_log = structlog.get_logger("mizan.worker")


@dataclass(slots=True)
class Batches:
    """The claimed payouts of one network, and the funds that they are paid out of."""

    world: World
    network_id: int
    funds: dict[str, Money] | None
    begun: float
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _calls: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._calls = asyncio.Semaphore(claimed.AT_ONCE)

    @property
    def is_late(self) -> bool:
        """True when what is not sent yet is left to whoever finds its lease over."""
        return time.monotonic() - self.begun > SEND_SECONDS_MAX

    async def submit(self, payout_ids: Sequence[UUID]) -> tuple[list[UUID], list[BaseException]]:
        """Take the plain ones further; gives those that need a turn alone, and what failed."""
        parts = [payout_ids[at : at + BATCH] for at in range(0, len(payout_ids), BATCH)]
        at_once = asyncio.Semaphore(min(BATCHES_AT_ONCE, claimed.AT_ONCE))
        outcomes = await do_each(parts, self._submit, gate=at_once)
        others: list[UUID] = []
        failures: list[BaseException] = []
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                failures.append(outcome)
            else:
                others += outcome[0]
                failures += outcome[1]
        raise_first(it for it in failures if not isinstance(it, Exception))  # it did not live on
        return others, failures

    async def _submit(self, payout_ids: Sequence[UUID]) -> tuple[list[UUID], list[BaseException]]:
        async with self._turn:  # the first ones have the funds first
            if self.is_late:
                return [], []
            prepared = await _prepare(self.world, self.network_id, payout_ids, self.funds)
            for order in prepared.orders:
                count_out(self.funds, order)
        for _ in prepared.orders:
            self.world.crash("payout.claimed")
        answers = await do_each(prepared.orders, self._send, gate=self._calls)
        told = list(zip(prepared.orders, answers, strict=True))
        return prepared.others, await _record(self.world, self.network_id, told)

    async def _send(self, order: Order) -> Answer | None:
        return None if self.is_late else await carry_out(self.world, order)


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
    except Exception as error:  # noqa: BLE001 it comes again where it belongs
        _log.warning("a batch of payouts was not prepared", error=type(error).__name__)
        return Prepared([], list(payout_ids))


async def _record(world: World, network_id: int, pairs: Sequence[_Told]) -> list[BaseException]:
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

    async def record(pair: _Told) -> None:
        order, told = pair
        if isinstance(told, RailError):
            await keep_failure(world, network_id, order.attempt_id, told)
        elif isinstance(told, Answer):
            if order.attempt_id not in kept:
                await record_alone(world, network_id, order, told)
            world.crash("payout.recorded")

    outcomes = await do_each(pairs, record)
    return [*failed, *(it for it in outcomes if isinstance(it, BaseException))]
