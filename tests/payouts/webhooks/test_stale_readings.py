"""What was read of an object before somebody wrote newer news of it never replaces them."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import (
    Payee,
    PayeeState,
    PayoutState,
    TopUpState,
    read_payees,
    read_topups,
    record_payment_intent,
    record_provider_payout,
    record_topup,
    record_transfer,
    request_topup,
)
from payouts.money import Money
from tests.payouts.disbursement.test_settlement_orders import approved, orders_of
from tests.payouts.disbursement.world import Bank
from tests.payouts.rails.stripe_double import until
from tests.payouts.settlement.world import BOOK, MEMBER, Q
from tests.payouts.webhooks.test_webhooks import delivered, inbox, paid, settle


async def payee_of(bank: Bank, payee_id: UUID) -> Payee:
    async with bank.database.reading(BOOK) as db:
        return (await read_payees(db, network_id=BOOK, payee_ids=[payee_id]))[payee_id]


async def news_of_account(bank: Bank, account: str | None) -> None:
    """Have the provider tell that an account changed, whatever became of it."""
    await bank.double.control("require", account=account)
    await until(lambda: delivered(bank))


async def test_an_account_read_before_it_was_restricted_stays_restricted(bank: Bank) -> None:
    payee = await bank.onboard(member_id=MEMBER)
    await until(lambda: delivered(bank))
    await bank.job("webhook.process", 0)
    account = (await payee_of(bank, payee.payee_id)).account_id
    await news_of_account(bank, account)
    # Two readings: whose the account is, and how it is; the second is answered late.
    await bank.double.control("faults", operation="get_account", kind="slow_after")
    await bank.double.control("faults", operation="get_account", kind="slow_after", seconds=1.0)
    late = asyncio.create_task(bank.job("webhook.process", 0))
    await asyncio.sleep(0.5)
    await bank.double.control("restrict", account=account)
    await until(lambda: delivered(bank))
    await bank.job("webhook.process", 0)
    assert (await payee_of(bank, payee.payee_id)).state is PayeeState.RESTRICTED

    await late

    found = await payee_of(bank, payee.payee_id)
    assert (found.state, found.requirements) == (
        PayeeState.RESTRICTED,
        ("individual.id_number",),
    )


async def test_news_of_an_account_wait_while_the_provider_is_busy(
    bank: Bank, superuser: AsyncConnection
) -> None:
    payee = await bank.onboard(member_id=MEMBER)
    await until(lambda: delivered(bank))
    await bank.work()
    account = (await payee_of(bank, payee.payee_id)).account_id
    await bank.double.control("restrict", account=account)
    await until(lambda: delivered(bank))
    await bank.double.control("faults", operation="get_account", kind="slow_after")
    await bank.double.control("faults", operation="get_account", kind="error_429")
    await bank.job("webhook.process", 0)
    assert (await payee_of(bank, payee.payee_id)).state is PayeeState.ACTIVE
    assert not all(is_processed for _, is_processed in await inbox(superuser))
    bank.wait(3)
    await bank.job("webhook.process", 0)
    assert (await payee_of(bank, payee.payee_id)).state is PayeeState.RESTRICTED
    assert all(is_processed for _, is_processed in await inbox(superuser))


async def test_a_payout_does_not_go_back_from_paid_nor_from_failed(bank: Bank) -> None:
    payout_id: UUID = await paid(bank)  # type: ignore[assignment]
    attempt = (await bank.attempts(payout_id))[-1]
    assert attempt.external_id is not None

    async def reading() -> object:
        assert attempt.external_id is not None
        return await bank.double.rail.get_payout(attempt.account_id, attempt.external_id)

    async def record(*readings: object) -> PayoutState:
        for one in readings:
            async with bank.database.writing(BOOK) as db:
                await record_provider_payout(
                    db,
                    network_id=BOOK,
                    attempt_id=attempt.attempt_id,
                    account_id=attempt.account_id,
                    provider_payout=one,  # type: ignore[arg-type]
                    now=bank.now(),
                )
        return (await bank.payout(payout_id)).state

    on_its_way = await reading()
    await settle(bank)
    arrived = await reading()
    assert await record(arrived, on_its_way) is PayoutState.PAID
    await settle(bank, failure_code="account_closed")
    failed = await reading()
    assert await record(failed, arrived, on_its_way) is PayoutState.RETURNING


async def test_a_transfer_taken_back_is_not_made_again(bank: Bank) -> None:
    payout_id: UUID = await paid(bank)  # type: ignore[assignment]
    attempt = (await bank.attempts(payout_id))[0]
    assert attempt.external_id is not None
    made = await bank.double.rail.get_transfer(attempt.external_id)
    for one in (replace(made, amount_reversed=made.amount), made):
        async with bank.database.writing(BOOK) as db:
            await record_transfer(
                db, network_id=BOOK, attempt_id=attempt.attempt_id, transfer=one, now=bank.now()
            )
    assert (await bank.payout(payout_id)).state is PayoutState.RETURNED
    assert await bank.wallet() == (5_000, 0, 0)


@pytest.mark.parametrize("failure", [None, "debit_not_authorized"])
async def test_a_debit_does_not_go_back_from_its_end(bank: Bank, failure: str | None) -> None:
    await bank.double.control("hold", kinds=["payment_intent"])
    await bank.onboard(partner_id=Q)
    cycle = await approved(bank, owed_to_p=0)
    await bank.job("collection.submit")
    (told,) = (await bank.double.state())["payment_intents"]
    attempt_id = UUID(told["metadata"]["attempt"])
    waiting = await bank.double.rail.get_payment_intent(told["id"])
    more = {"failure_code": failure} if failure else {}
    await bank.double.control("settle", id=told["id"], **more)
    ended = await bank.double.rail.get_payment_intent(told["id"])
    states = []
    for one in (ended, waiting):
        async with bank.database.writing(BOOK) as db:
            await record_payment_intent(
                db, network_id=BOOK, attempt_id=attempt_id, intent=one, now=bank.now()
            )
        _, (collection,) = await orders_of(bank, cycle.cycle_id)
        states.append(collection.state.value)
    assert states == (["failed"] * 2 if failure else ["succeeded"] * 2)


@pytest.mark.parametrize(
    ("failure", "end"), [(None, TopUpState.SUCCEEDED), ("declined", TopUpState.FAILED)]
)
async def test_a_top_up_does_not_go_back_from_its_end(
    bank: Bank, superuser: AsyncConnection, failure: str | None, end: TopUpState
) -> None:
    await bank.double.control("hold", kinds=["topup"])
    async with bank.database.writing(BOOK) as db:
        made = await request_topup(
            db, network_id=BOOK, amount=Money(9_000, "SAR"), actor="maker", now=bank.now()
        )
    await bank.job("topup.submit")
    (told,) = (await bank.double.state())["topups"]
    waiting = await bank.double.rail.get_topup(told["id"])
    more = {"failure_code": failure} if failure else {}
    await bank.double.control("settle", id=told["id"], **more)
    ended = await bank.double.rail.get_topup(told["id"])
    for one in (ended, waiting):
        async with bank.database.writing(BOOK) as db:
            await record_topup(
                db, network_id=BOOK, topup_id=made.topup_id, provider_topup=one, now=bank.now()
            )
    async with bank.database.reading(BOOK) as db:
        found = (await read_topups(db, network_id=BOOK, topup_ids=[made.topup_id]))[made.topup_id]
    assert found.state is end
    due = text("SELECT count(*) FROM payouts.due WHERE kind = 'topup.submit'")
    assert (await superuser.execute(due)).scalar_one() == 0
