"""Has suppliers fulfil redemptions: claim, ask, record; nothing is asked inside a transaction."""

import asyncio
from datetime import timedelta

import structlog

from api.worker.world import World
from catalog.redemptions import (
    FIRST_LOOK,
    Action,
    AttemptState,
    FulfilmentStep,
    claim_fulfilments,
    record_absence,
    record_delivery,
    record_progress,
    record_refusal,
)
from catalog.suppliers import (
    OrderState,
    Supplier,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierOrder,
    SupplierOrderMistaken,
    SupplierRefused,
    SupplierUnauthorised,
)
from payouts.refusal import Refusal

BATCH = 10
STUCK_PAUSE = timedelta(minutes=10)
_log = structlog.get_logger("mizan.fulfilment")


async def run_redemption_fulfil(world: World, network_id: int) -> int:
    """Take a batch of redemptions one step further each; tell how many."""
    async with world.database.writing(network_id) as db:
        steps = await claim_fulfilments(
            db,
            network_id=network_id,
            connected=world.suppliers.keys(),
            limit=BATCH,
            now=world.clock.now(),
        )
    world.crash("redemption.claimed")
    done = await asyncio.gather(
        *(_take(world, network_id, step) for step in steps), return_exceptions=True
    )
    for failure in done:
        # One that failed in no foreseen way is due again when its lease is over.
        if isinstance(failure, BaseException):
            raise failure
    return len(steps)


async def _take(world: World, network_id: int, step: FulfilmentStep) -> None:
    supplier = world.suppliers.get(step.supplier_name)
    if supplier is None:
        is_unsent = step.action is Action.ORDER
        state = AttemptState.NOT_TAKEN if is_unsent else None
        await _progress(world, network_id, step, state, remark="this supplier is not connected")
        return
    again: FulfilmentStep | None = step
    if step.action is Action.LOOK_UP:
        again = await _look_up(world, network_id, supplier, step)
    if again is not None:
        await _order(world, network_id, supplier, again)


async def _order(world: World, network_id: int, supplier: Supplier, step: FulfilmentStep) -> None:
    try:
        order = await supplier.place_order(step.supplier_key, step.supplier_sku, step.face, 1)
    except SupplierRefused as refused:
        await _refuse(
            world,
            network_id,
            step,
            code=refused.code,
            remark=refused.message,
            is_out_of_stock=refused.is_out_of_stock,
        )
        return
    except (SupplierBusy, SupplierUnauthorised) as busy:
        state = AttemptState.NOT_TAKEN
        await _progress(world, network_id, step, state, remark=busy.message)
        return
    except SupplierOrderMistaken as mistaken:
        # It is paid for: sent again it would be paid for twice. Found under our key it goes on,
        # and until then it is for people.
        state = AttemptState.ORDERED
        await _progress(world, network_id, step, state, remark=mistaken.message, pause=FIRST_LOOK)
        return
    except Exception as lost:  # noqa: BLE001 whatever else happened, the order may have been taken
        remark = lost.message if isinstance(lost, Refusal) else type(lost).__name__
        state = AttemptState.UNKNOWN
        await _progress(world, network_id, step, state, remark=remark, pause=FIRST_LOOK)
        return
    world.crash("redemption.ordered")
    await _settle(world, network_id, supplier, step, order)


async def _look_up(
    world: World, network_id: int, supplier: Supplier, step: FulfilmentStep
) -> FulfilmentStep | None:
    try:
        order = await supplier.find_order(step.supplier_key)
    except Refusal as refusal:
        await _progress(world, network_id, step, None, remark=refusal.message)
        return None
    if order is not None:
        await _settle(world, network_id, supplier, step, order)
        return None
    async with world.database.writing(network_id) as db:
        again = await record_absence(db, network_id=network_id, step=step, now=world.clock.now())
    world.crash("redemption.absent")
    return again


async def _settle(
    world: World,
    network_id: int,
    supplier: Supplier,
    step: FulfilmentStep,
    order: SupplierOrder,
) -> None:
    if order.state is OrderState.FAILED:
        code = order.failure or "FAILED"
        await _refuse(world, network_id, step, code=code, remark="the supplier's order failed")
    elif order.state is OrderState.PENDING:
        await _ordered(world, network_id, step, order)
    else:
        await _deliver(world, network_id, supplier, step, order)


async def _deliver(
    world: World,
    network_id: int,
    supplier: Supplier,
    step: FulfilmentStep,
    order: SupplierOrder,
) -> None:
    try:
        codes = await supplier.fetch_codes(order.reference)
        if not codes:
            raise SupplierAnswerInvalid("The supplier's order has no codes.")
    except Refusal as refusal:
        await _ordered(world, network_id, step, order, remark=refusal.message)
        return
    world.crash("redemption.fetched")
    try:
        async with world.database.writing(network_id) as db:
            await record_delivery(
                db,
                vault=world.vault,
                network_id=network_id,
                redemption_id=step.redemption_id,
                epoch=step.epoch,
                order=order,
                codes=codes,
                now=world.clock.now(),
            )
    except Refusal as refusal:
        # Delivered, but the books or the vault do not take it: people have to look at it.
        _log.error(
            "a delivery cannot be recorded",
            network_id=network_id,
            redemption_id=str(step.redemption_id),
            refusal=type(refusal).__name__,
        )
        name = type(refusal).__name__
        await _ordered(world, network_id, step, order, remark=name, pause=STUCK_PAUSE)
        return
    world.crash("redemption.recorded")


async def _ordered(
    world: World,
    network_id: int,
    step: FulfilmentStep,
    order: SupplierOrder,
    *,
    remark: str | None = None,
    pause: timedelta | None = None,
) -> None:
    async with world.database.writing(network_id) as db:
        await record_progress(
            db,
            network_id=network_id,
            redemption_id=step.redemption_id,
            epoch=step.epoch,
            sends=step.sends,
            attempt_state=AttemptState.ORDERED,
            reference=order.reference,
            remark=remark,
            pause=pause,
            now=world.clock.now(),
        )


async def _progress(
    world: World,
    network_id: int,
    step: FulfilmentStep,
    state: AttemptState | None,
    *,
    remark: str,
    pause: timedelta | None = None,
) -> None:
    async with world.database.writing(network_id) as db:
        await record_progress(
            db,
            network_id=network_id,
            redemption_id=step.redemption_id,
            epoch=step.epoch,
            sends=step.sends,
            attempt_state=state,
            remark=remark,
            pause=pause,
            now=world.clock.now(),
        )


async def _refuse(
    world: World,
    network_id: int,
    step: FulfilmentStep,
    *,
    code: str,
    remark: str,
    is_out_of_stock: bool = False,
) -> None:
    async with world.database.writing(network_id) as db:
        await record_refusal(
            db,
            network_id=network_id,
            redemption_id=step.redemption_id,
            epoch=step.epoch,
            sends=step.sends,
            code=code,
            remark=remark,
            is_out_of_stock=is_out_of_stock,
            now=world.clock.now(),
        )
    world.crash("redemption.refused")
