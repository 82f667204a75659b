"""What a bank takes back long after it had gone well is in the books again, and nobody loses it."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.worker.jobs.balance_transactions import run_balance_transactions
from payouts.disbursement import PayoutState as S
from payouts.disbursement import request_topup
from payouts.money import Money
from payouts.settlement import get_settlement_cycle
from tests.payouts.disbursement.test_cashback_payout import until_state
from tests.payouts.disbursement.test_hostile_answers import items
from tests.payouts.disbursement.test_settlement_orders import approved, orders_of
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import BOOK, MEMBER, P, Q, balance_of

REFUSING = {
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
}


@pytest.mark.parametrize("number", REFUSING)
async def test_a_payout_to_a_bank_that_refuses_comes_back_to_the_wallet(
    bank: Bank, number: str
) -> None:
    payee = await bank.connect(member_id=MEMBER)
    await bank.job("payee.connect")
    (account,) = (await bank.double.state())["accounts"]
    assert account["metadata"]["payee"] == str(payee.payee_id)
    await bank.double.control("onboard", account=account["id"], account_number=number)
    bank.wait(31)
    await bank.job("payee.refresh")
    await bank.give(5_000)
    await bank.fund(100_000)
    requested = await bank.request(3_000)
    await until_state(bank, requested.payout_id, S.RETURNED)
    found = await bank.payout(requested.payout_id)
    assert (found.reason, found.is_taken) == ("returned_by_bank", False)
    assert await bank.wallet() == (5_000, 0, 0)
    codes = [one.code for one in await bank.attempts(requested.payout_id) if one.code]
    assert codes == [REFUSING[number]]
    assert await bank.sent() == {"transfers": [3_000], "reversals": [3_000], "payouts": [3_000]}


async def test_a_debit_that_comes_back_is_owed_again(
    bank: Bank, superuser: AsyncConnection
) -> None:
    await bank.onboard(partner_id=Q)
    cycle = await approved(bank, owed_to_p=0)
    await bank.job("collection.submit")
    (intent,) = (await bank.double.state())["payment_intents"]
    await bank.double.control("settle", id=intent["id"])
    bank.wait(31)
    await bank.work()
    _, (debit,) = await orders_of(bank, cycle.cycle_id)
    assert debit.state.value == "succeeded"
    await run_balance_transactions(bank.world, 0)
    owed = await balance_of(superuser, "settle_recv")
    held = await balance_of(superuser, "stripe_balance")
    assert (owed, held) == (0, 700 - 5)

    bank.wait(3 * 86_400)
    await bank.double.control("take_back", id=intent["id"])
    await bank.work()
    await run_balance_transactions(bank.world, 0)

    assert await balance_of(superuser, "settle_recv") == 700
    assert await balance_of(superuser, "stripe_balance") == -400 - 5
    assert await items(superuser) == []
    _, (debit,) = await orders_of(bank, cycle.cycle_id)
    assert (debit.state.value, debit.reason) == ("failed", "returned_by_bank")
    async with bank.database.reading(BOOK) as db:
        found = await get_settlement_cycle(db, network_id=BOOK, cycle_id=cycle.cycle_id)
    assert found.state.value == "partially_settled"

    # A day later it is debited anew, by another intent; that what was taken back says so again
    # changes nothing.
    await run_balance_transactions(bank.world, 0)
    bank.wait(86_400)
    await bank.job("collection.submit")
    first, second = (await bank.double.state())["payment_intents"]
    assert (first["id"], second["amount"]) == (intent["id"], 700)
    await bank.double.control("settle", id=second["id"])
    bank.wait(31)
    await bank.work()
    await run_balance_transactions(bank.world, 0)
    _, (debit,) = await orders_of(bank, cycle.cycle_id)
    assert (debit.state.value, debit.reason) == ("succeeded", None)
    assert await balance_of(superuser, "settle_recv") == 0
    assert await items(superuser) == []


async def test_a_top_up_that_is_taken_back_leaves_nothing_behind(
    bank: Bank, superuser: AsyncConnection
) -> None:
    async with bank.database.writing(BOOK) as db:
        await request_topup(
            db, network_id=BOOK, amount=Money(9_000, "SAR"), actor="maker", now=bank.now()
        )
    await bank.job("topup.submit")
    (topup,) = (await bank.double.state())["topups"]
    await bank.double.control("settle", id=topup["id"])
    await run_balance_transactions(bank.world, 0)
    assert await balance_of(superuser, "stripe_balance") == 9_000
    await bank.double.control("take_back", id=topup["id"])
    await run_balance_transactions(bank.world, 0)
    assert await balance_of(superuser, "stripe_balance") == 0
    assert await balance_of(superuser, "cash_in_transit") == 0
    assert await items(superuser) == []


async def test_refunds_and_disputes_that_nobody_ordered_are_parked_one_by_one(
    bank: Bank, superuser: AsyncConnection
) -> None:
    await bank.onboard(partner_id=Q)
    await approved(bank, owed_to_p=0)
    await bank.job("collection.submit")
    (intent,) = (await bank.double.state())["payment_intents"]
    await bank.double.control("settle", id=intent["id"])
    bank.wait(31)
    await bank.work()
    charge = (await bank.double.rail.get_payment_intent(intent["id"])).latest_charge
    refund = await bank.double.control("refund", charge=charge, amount=100)
    bank.wait(1)
    await bank.double.control("take_back", id=refund["id"])
    bank.wait(1)
    dispute = await bank.double.control("dispute", charge=charge, amount=300)
    bank.wait(1)
    await bank.double.control("win", dispute=dispute["id"])
    for _ in range(2):
        await run_balance_transactions(bank.world, 0)
        told = sorted(one[:3] for one in await items(superuser))
        assert told == [
            ("unexpected", "nobody_ordered_it", amount) for amount in (-300, -100, 100, 300)
        ]


async def test_a_transfer_taken_back_during_an_outage_is_owed_again_when_its_movement_is_read(
    bank: Bank, superuser: AsyncConnection
) -> None:
    """After so long no message comes any more, and no sweep looks back so far."""
    await bank.onboard(partner_id=P)
    await bank.fund(10_000)
    cycle = await approved(bank, owed_by_q=0)
    await bank.work()
    (payout,), _ = await orders_of(bank, cycle.cycle_id)
    assert payout.state is S.PAID
    await run_balance_transactions(bank.world, 0)
    (transfer,) = (await bank.double.state())["transfers"]
    await bank.double.rail.reverse_transfer(
        key="by-hand", transfer_id=transfer["id"], amount=Money(1_400, "SAR")
    )
    bank.wait(100 * 3_600)
    await run_balance_transactions(bank.world, 0)
    assert (await bank.payout(payout.payout_id)).state is S.RETURNED
    assert await balance_of(superuser, "settle_payable") == -1_400
    assert await balance_of(superuser, "transfer_clearing") == 0


async def test_a_payout_that_its_bank_sends_back_during_an_outage_comes_back_to_the_wallet(
    payable: Bank,
) -> None:
    """A paid payout is looked at once more, however late, before it is left alone."""
    requested = await payable.request(3_000)
    await until_state(payable, requested.payout_id, S.PAID)
    (sent,) = (await payable.double.state())["payouts"]
    await payable.double.control("take_back", id=sent["id"])
    payable.wait(9 * 86_400)
    await until_state(payable, requested.payout_id, S.RETURNED)
    assert await payable.wallet() == (5_000, 0, 0)


async def test_a_paid_payout_is_left_alone_after_some_days(payable: Bank) -> None:
    requested = await payable.request(3_000)
    await until_state(payable, requested.payout_id, S.PAID)
    payable.wait(9 * 86_400)
    assert await payable.job("payout.watch") == 1
    payable.wait(9 * 86_400)
    assert await payable.job("payout.watch") == 0
