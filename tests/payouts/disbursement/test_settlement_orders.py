import asyncio
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import (
    Collection,
    CollectionState,
    Payout,
    PayoutNotCancellable,
    PayoutState,
    approve_settlement_cycle,
    cancel_payout,
    find_collection_of_payment_intent,
    list_collection_attempts,
    list_cycle_collections,
    list_cycle_payouts,
    retry_payout,
)
from payouts.settlement import (
    CycleState,
    SettlementCycle,
    close_settlement_cycle,
    get_settlement_cycle,
)
from tests.payouts.disbursement.world import FAULTS, Bank
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    balance_of,
    is_owed,
    lines_of,
    owes,
)


async def approved(bank: Bank, *, owed_to_p: int = 1_400, owed_by_q: int = 700) -> SettlementCycle:
    if owed_to_p:
        await is_owed(bank.database, "p", P, owed_to_p, now=bank.now())
    if owed_by_q:
        await owes(bank.database, "q", Q, owed_by_q, now=bank.now())
    async with bank.database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=bank.now()
        )
    async with bank.database.writing(BOOK) as db:
        return await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=bank.now()
        )


async def orders_of(bank: Bank, cycle_id: UUID) -> tuple[list[Payout], list[Collection]]:
    async with bank.database.reading(BOOK) as db:
        return (
            await list_cycle_payouts(db, network_id=BOOK, cycle_id=cycle_id),
            await list_cycle_collections(db, network_id=BOOK, cycle_id=cycle_id),
        )


async def state_of(bank: Bank, cycle_id: UUID) -> CycleState:
    async with bank.database.reading(BOOK) as db:
        return (await get_settlement_cycle(db, network_id=BOOK, cycle_id=cycle_id)).state


async def until_cycle(bank: Bank, cycle_id: UUID, state: CycleState) -> None:
    for _ in range(150):
        await bank.work()
        found = await state_of(bank, cycle_id)
        if found is state:
            return
        await asyncio.sleep(0.02)
        bank.wait(31)
    raise AssertionError(f"still {found}, {await orders_of(bank, cycle_id)}")


async def test_creditor_is_paid_and_debtor_debited(bank: Bank, superuser: AsyncConnection) -> None:
    await bank.onboard(partner_id=P)
    await bank.onboard(partner_id=Q)
    await bank.fund(10_000)
    cycle = await approved(bank)
    assert cycle.state is CycleState.EXECUTING
    await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)
    (payout,), (collection,) = await orders_of(bank, cycle.cycle_id)
    assert (payout.state, payout.amount.minor, payout.partner_id) == (PayoutState.PAID, 1_400, P)
    assert (payout.requested_by, payout.approved_by) == (MAKER, CHECKER)
    assert (collection.state, collection.amount.minor, collection.partner_id) == (
        CollectionState.SUCCEEDED,
        700,
        Q,
    )
    assert await lines_of(superuser, "settlement.transfer") == [
        ("settle_payable", "0a", 1_400),
        ("transfer_clearing", "0a", -1_400),
    ]
    state = await bank.double.state()
    assert [one["amount"] for one in state["transfers"]] == [1_400]
    assert [one["amount"] for one in state["payment_intents"]] == [700]
    async with bank.database.reading(BOOK) as db:
        found = await find_collection_of_payment_intent(
            db, network_id=BOOK, payment_intent_id=state["payment_intents"][0]["id"]
        )
    assert found == (collection.collection_id, Q)
    # The cash lines are posted when the provider's balance transactions are read.
    assert await balance_of(superuser, "settle_recv") == 700
    assert await balance_of(superuser, "transfer_clearing") == -1_400
    assert await balance_of(superuser, "settle_payable") == 0


async def test_orders_wait_for_payees_and_go_on_once_they_are_ready(bank: Bank) -> None:
    await bank.fund(10_000)
    cycle = await approved(bank)
    await bank.work()
    (payout,), (collection,) = await orders_of(bank, cycle.cycle_id)
    assert (payout.state, payout.reason) == (PayoutState.SCHEDULED, "identity_needed")
    assert (collection.state, collection.reason) == (
        CollectionState.SCHEDULED,
        "payment_method_needed",
    )
    await bank.onboard(partner_id=P)
    await bank.onboard(partner_id=Q)
    await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)


async def test_fault_of_a_debit_debits_once(bank: Bank) -> None:
    await bank.onboard(partner_id=Q)
    amounts = []
    for minor, kind in enumerate(FAULTS, start=701):
        await bank.double.control("faults", operation="create_payment_intent", kind=kind, times=1)
        await owes(bank.database, kind, Q, minor, now=bank.now())
        cycle = await approved(bank, owed_to_p=0, owed_by_q=0)
        await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)
        amounts.append(minor)
        state = await bank.double.state()
        assert [one["amount"] for one in state["payment_intents"]] == amounts


async def test_declined_debit_is_tried_again_later_a_few_times(bank: Bank) -> None:
    await bank.onboard(partner_id=Q)
    for _ in range(3):
        await bank.double.control("decline_next_intent")
    cycle = await approved(bank, owed_to_p=0)
    await bank.work()
    _, (collection,) = await orders_of(bank, cycle.cycle_id)
    assert (collection.state, collection.reason) == (CollectionState.FAILED, "refused_by_provider")
    assert await state_of(bank, cycle.cycle_id) is CycleState.PARTIALLY_SETTLED
    for _ in range(5):
        bank.wait(86_401)
        await bank.work()
    async with bank.database.reading(BOOK) as db:
        attempts = await list_collection_attempts(
            db, network_id=BOOK, collection_id=collection.collection_id
        )
    assert [(one.epoch, one.state.value) for one in attempts] == [
        (1, "failed_final"),
        (2, "failed_final"),
        (3, "failed_final"),
    ]
    assert len({one.key for one in attempts}) == 3


async def test_a_new_mandate_takes_up_what_was_given_up(bank: Bank) -> None:
    await bank.onboard(partner_id=Q)
    for _ in range(3):
        await bank.double.control("decline_next_intent")
    cycle = await approved(bank, owed_to_p=0)
    for _ in range(5):
        await bank.work()
        bank.wait(86_401)
    assert await state_of(bank, cycle.cycle_id) is CycleState.PARTIALLY_SETTLED
    (customer,) = {one["customer"] for one in (await bank.double.state())["payment_intents"]}
    await bank.double.control("attach", customer=customer)
    await bank.connect(partner_id=Q)
    await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)


async def test_debit_that_the_bank_refuses_later_is_tried_again(bank: Bank) -> None:
    await bank.onboard(partner_id=Q)
    await bank.double.control("hold", kinds=["payment_intent"])
    cycle = await approved(bank, owed_to_p=0)
    await bank.work()
    (intent,) = (await bank.double.state())["payment_intents"]
    await bank.double.control("settle", id=intent["id"], failure_code="debit_not_authorized")
    bank.wait(31)
    await bank.work()
    assert await state_of(bank, cycle.cycle_id) is CycleState.PARTIALLY_SETTLED
    await bank.double.control("release", kinds=["payment_intent"])
    # The mandate is gone with the failed debit unless it is given again.
    await bank.double.control("attach", customer=intent["customer"])
    bank.wait(86_401)
    await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)


async def test_refused_transfer_owes_the_partner_again_and_can_be_retried(
    bank: Bank, superuser: AsyncConnection
) -> None:
    payee = await bank.onboard(partner_id=P)
    await bank.fund(10_000)
    accounts = (await bank.double.state())["accounts"]
    account = next(one for one in accounts if one["metadata"]["payee"] == str(payee.payee_id))
    await bank.double.control("restrict", account=account["id"])
    cycle = await approved(bank, owed_by_q=0)
    await bank.work()
    (payout,), _ = await orders_of(bank, cycle.cycle_id)
    assert (payout.state, payout.reason) == (PayoutState.FAILED, "refused_by_provider")
    assert await state_of(bank, cycle.cycle_id) is CycleState.PARTIALLY_SETTLED
    assert await balance_of(superuser, "settle_payable") == -1_400
    assert await balance_of(superuser, "transfer_clearing") == 0
    with pytest.raises(PayoutNotCancellable):
        async with bank.database.writing(BOOK) as db:
            await cancel_payout(
                db, network_id=BOOK, payout_id=payout.payout_id, actor="f", now=bank.now()
            )
    await bank.double.control("onboard", account=account["id"])
    async with bank.database.writing(BOOK) as db:
        await retry_payout(
            db, network_id=BOOK, payout_id=payout.payout_id, actor="f", now=bank.now()
        )
    assert await state_of(bank, cycle.cycle_id) is CycleState.EXECUTING
    await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)
    assert [one["amount"] for one in (await bank.double.state())["transfers"]] == [1_400]
    assert await balance_of(superuser, "settle_payable") == 0
    assert await balance_of(superuser, "transfer_clearing") == -1_400
