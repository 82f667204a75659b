"""What the provider says or does wrongly is not believed, says so, and loses and posts nothing."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.worker.jobs.balance_transactions import run_balance_transactions
from api.worker.registry import SWEEPS
from payouts.disbursement import PayoutState as S
from payouts.disbursement import read_topups, record_transfer, request_topup
from payouts.money import Money
from tests.payouts.disbursement.test_cashback_payout import until_state
from tests.payouts.disbursement.test_settlement_orders import approved, orders_of
from tests.payouts.disbursement.world import Bank, journal_kinds
from tests.payouts.settlement.world import BOOK, Q

LIES: dict[str, dict[str, Any]] = {
    "amount": {"amount": 1},
    "currency": {"currency": "usd"},
    "both": {"amount": 3_000_00, "currency": "kwd"},
}


async def sweep(bank: Bank) -> None:
    for job in SWEEPS.values():
        await job(bank.world, 0)


async def lie(bank: Bank, operation: str, fields: dict[str, Any]) -> None:
    await bank.double.control("faults", operation=operation, kind="wrong_answer", fields=fields)


async def standing(bank: Bank, payout_id: UUID) -> tuple[S, str | None]:
    found = await bank.payout(payout_id)
    return found.state, found.reason


async def items(superuser: AsyncConnection) -> list[tuple[Any, ...]]:
    rows = await superuser.execute(
        text(
            "SELECT state, reason, amount, currency, open_amount"
            " FROM payouts.reconciliation_item WHERE state <> 'matched' ORDER BY item_id"
        )
    )
    return [tuple(row) for row in rows]


# Answers that lie, while what was asked for was done


@pytest.mark.parametrize("fields", LIES.values(), ids=LIES)
async def test_a_transfer_told_of_wrongly_waits_until_it_is_told_of_rightly(
    payable: Bank, superuser: AsyncConnection, fields: dict[str, Any]
) -> None:
    await lie(payable, "create_transfer", fields)
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    before = await journal_kinds(superuser)
    assert await standing(payable, requested.payout_id) == (S.UNKNOWN, "amount_mismatch")
    assert await payable.wallet() == (2_000, 0, 3_000)
    await payable.work()
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": []}

    await sweep(payable)

    assert await standing(payable, requested.payout_id) == (S.TRANSFERRED, None)
    assert await journal_kinds(superuser) == before
    await until_state(payable, requested.payout_id, S.PAID)
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}


@pytest.mark.parametrize("fields", [{"currency": "zzz"}, {"amount": None}, {"id": None}])
async def test_an_answer_without_sense_is_looked_up(payable: Bank, fields: dict[str, Any]) -> None:
    await lie(payable, "create_transfer", fields)
    await lie(payable, "create_payout", fields)
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    if "id" not in fields:
        assert (await payable.payout(requested.payout_id)).state is S.UNKNOWN
    await until_state(payable, requested.payout_id, S.PAID)
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}


@pytest.mark.parametrize("fields", LIES.values(), ids=LIES)
async def test_a_payout_on_its_way_told_of_wrongly_says_so_and_goes_on_when_it_is_right(
    payable: Bank, superuser: AsyncConnection, fields: dict[str, Any]
) -> None:
    await payable.double.control("hold", kinds=["payout"])
    requested = await payable.request(3_000)
    await until_state(payable, requested.payout_id, S.IN_TRANSIT)
    before = await journal_kinds(superuser)
    (sent,) = (await payable.double.state())["payouts"]
    await payable.double.control("settle", id=sent["id"])
    for _ in range(2):
        await lie(payable, "get_payout", {**fields, "status": "failed"})
        payable.wait(31)
        await payable.job("payout.watch")
        assert await standing(payable, requested.payout_id) == (S.IN_TRANSIT, "amount_mismatch")
    assert await journal_kinds(superuser) == before
    assert await payable.wallet() == (2_000, 0, 3_000)
    payable.wait(31)
    await payable.job("payout.watch")
    assert await standing(payable, requested.payout_id) == (S.PAID, None)
    paid_at = (await payable.payout(requested.payout_id)).paid_at
    await lie(payable, "list_payouts", fields)
    await sweep(payable)
    assert await standing(payable, requested.payout_id) == (S.PAID, "amount_mismatch")
    await sweep(payable)
    assert await standing(payable, requested.payout_id) == (S.PAID, None)
    assert (await payable.payout(requested.payout_id)).paid_at == paid_at


async def test_a_transfer_that_claims_to_be_smaller_and_taken_back_gives_nothing_back(
    payable: Bank, superuser: AsyncConnection
) -> None:
    await payable.double.control("hold", kinds=["payout"])
    requested = await payable.request(3_000)
    await until_state(payable, requested.payout_id, S.IN_TRANSIT)
    before = await journal_kinds(superuser)
    await lie(payable, "find_transfers", {"amount": 1, "amount_reversed": 1})
    await sweep(payable)
    assert await standing(payable, requested.payout_id) == (S.IN_TRANSIT, "amount_mismatch")
    assert await payable.wallet() == (2_000, 0, 3_000)
    assert await journal_kinds(superuser) == before
    await sweep(payable)
    assert await standing(payable, requested.payout_id) == (S.IN_TRANSIT, None)


@pytest.mark.parametrize("fields", LIES.values(), ids=LIES)
async def test_a_debit_told_of_wrongly_is_not_tried_again_and_heals(
    bank: Bank, fields: dict[str, Any]
) -> None:
    await bank.onboard(partner_id=Q)
    cycle = await approved(bank, owed_to_p=0)
    await lie(bank, "create_payment_intent", fields)
    await bank.job("collection.submit")
    _, (debit,) = await orders_of(bank, cycle.cycle_id)
    assert (debit.state.value, debit.reason) == ("unknown", "amount_mismatch")
    bank.wait(86_400)
    await bank.work()
    (intent,) = (await bank.double.state())["payment_intents"]
    await bank.double.control("settle", id=intent["id"])
    await sweep(bank)
    _, (debit,) = await orders_of(bank, cycle.cycle_id)
    assert (debit.state.value, debit.reason) == ("succeeded", None)
    assert len((await bank.double.state())["payment_intents"]) == 1


# What is really another amount or currency


async def test_a_transfer_in_another_currency_stops_its_payout_and_is_parked(
    payable: Bank, superuser: AsyncConnection
) -> None:
    await payable.double.control("fund", amount=100_000, currency="usd")
    await payable.double.control(
        "faults", operation="create_transfer", kind="wrong_currency", currency="usd"
    )
    requested = await payable.request(3_000)
    await payable.work()
    assert await standing(payable, requested.payout_id) == (S.UNKNOWN, "amount_mismatch")
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": []}
    await run_balance_transactions(payable.world, 0)
    transfers = [one for one in await items(superuser) if one[2] == -3_000]
    assert transfers == [("unexpected", "nobody_ordered_it", -3_000, "USD", -3_000)]
    await sweep(payable)
    assert await standing(payable, requested.payout_id) == (S.UNKNOWN, "amount_mismatch")
    assert await payable.wallet() == (2_000, 0, 3_000)


async def test_a_payout_of_another_amount_stops_and_says_so(payable: Bank) -> None:
    await payable.double.control("faults", operation="create_payout", kind="wrong_amount", delta=-1)
    requested = await payable.request(3_000)
    await payable.work()
    assert await standing(payable, requested.payout_id) == (S.UNKNOWN, "amount_mismatch")
    await sweep(payable)
    await payable.work()
    assert await standing(payable, requested.payout_id) == (S.UNKNOWN, "amount_mismatch")
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": [2_999]}


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("wrong_amount", ("mismatched", "amount_differs", 701, "SAR", 1)),
        ("wrong_currency", ("unexpected", "nobody_ordered_it", 700, "USD", 700)),
    ],
)
async def test_a_debit_of_another_amount_or_currency_stops_and_what_it_brought_is_parked(
    bank: Bank, superuser: AsyncConnection, kind: str, item: tuple[Any, ...]
) -> None:
    await bank.onboard(partner_id=Q)
    cycle = await approved(bank, owed_to_p=0)
    await bank.double.control("faults", operation="create_payment_intent", kind=kind)
    await bank.job("collection.submit")
    (intent,) = (await bank.double.state())["payment_intents"]
    await bank.double.control("settle", id=intent["id"])
    await bank.work()
    await sweep(bank)
    _, (debit,) = await orders_of(bank, cycle.cycle_id)
    assert (debit.state.value, debit.reason) == ("unknown", "amount_mismatch")
    await run_balance_transactions(bank.world, 0)
    assert await items(superuser) == [item]
    assert len((await bank.double.state())["payment_intents"]) == 1


async def test_a_top_up_of_another_amount_says_so_and_its_difference_is_parked(
    bank: Bank, superuser: AsyncConnection
) -> None:
    await bank.double.control("faults", operation="create_topup", kind="wrong_amount", delta=500)
    async with bank.database.writing(BOOK) as db:
        made = await request_topup(
            db, network_id=BOOK, amount=Money(9_000, "SAR"), actor="maker", now=bank.now()
        )
    await bank.job("topup.submit")
    (topup,) = (await bank.double.state())["topups"]
    await bank.double.control("settle", id=topup["id"])
    await sweep(bank)
    async with bank.database.reading(BOOK) as db:
        found = (await read_topups(db, network_id=BOOK, topup_ids=[made.topup_id]))[made.topup_id]
    assert (found.state.value, found.reason) == ("succeeded", "amount_mismatch")
    await run_balance_transactions(bank.world, 0)
    assert await items(superuser) == [("mismatched", "amount_differs", 9_500, "SAR", 500)]


async def test_a_movement_of_another_amount_than_was_ordered_is_parked(
    payable: Bank, superuser: AsyncConnection
) -> None:
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    await lie(payable, "list_balance_transactions", {"amount": -2_000, "net": -2_000})
    await run_balance_transactions(payable.world, 0)
    told = [one for one in await items(superuser) if one[0] == "mismatched"]
    assert told == [("mismatched", "amount_differs", -2_000, "SAR", 1_000)]
    assert await payable.wallet() == (2_000, 0, 0)
    assert (await payable.payout(requested.payout_id)).state is S.TRANSFERRED


async def test_a_transfer_to_somebody_else_is_not_taken_for_ours(payable: Bank) -> None:
    await lie(payable, "create_transfer", {"destination": "acct_somebody"})
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    assert await standing(payable, requested.payout_id) == (S.UNKNOWN, "amount_mismatch")
    attempt = (await payable.attempts(requested.payout_id))[0]
    assert attempt.external_id is not None
    right = await payable.double.rail.get_transfer(attempt.external_id)
    for _ in range(2):
        async with payable.database.writing(BOOK) as db:
            await record_transfer(
                db,
                network_id=BOOK,
                attempt_id=attempt.attempt_id,
                transfer=right,
                now=payable.now(),
            )
        assert await standing(payable, requested.payout_id) == (S.TRANSFERRED, None)
