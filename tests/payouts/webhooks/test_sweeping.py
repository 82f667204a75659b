"""What lost messages left behind is found by listing what the provider did lately."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.jobs.balance_transactions import run_balance_transactions
from api.worker.registry import SWEEPS
from payouts.disbursement import PayoutState, read_topups, request_topup
from payouts.money import Money
from tests.payouts.disbursement.test_settlement_orders import approved, orders_of
from tests.payouts.disbursement.world import Bank
from tests.payouts.rails.stripe_double import until
from tests.payouts.settlement.world import BOOK, MEMBER, P, Q
from tests.payouts.webhooks.test_webhooks import delivered, inbox

TABLES = (
    *("payout", "payout_attempt", "collection", "collection_attempt", "topup", "payee"),
    *("provider_object", "provider_transaction", "reconciliation_item", "due", "journal"),
    *("posting", "webhook_inbox", "unplaced_transaction", "provider_cursor"),
)
Tell = Callable[[Bank], Awaitable[None]]


async def sweep(bank: Bank) -> None:
    for job in SWEEPS.values():
        assert await job(bank.world, 0) == 0


async def listen(bank: Bank) -> None:
    """What the messages alone bring about, for comparison."""
    await until(lambda: delivered(bank))
    while await bank.job("webhook.process", 0):
        pass


async def kept(superuser: AsyncConnection) -> dict[str, Any]:
    found = {}
    for table in TABLES:
        rows = await superuser.execute(text(f"SELECT t::text FROM payouts.{table} t ORDER BY 1"))
        found[table] = list(rows.scalars())
    return found


async def sent_into_the_world(bank: Bank) -> tuple[UUID, UUID, UUID]:
    """Pay a member and a partner, debit a partner, draw a top-up: all of it is on its way."""
    for payee in ({"member_id": MEMBER}, {"partner_id": P}, {"partner_id": Q}):
        await bank.onboard(**payee)
    await listen(bank)
    await bank.give(5_000)
    await bank.fund(100_000)
    await bank.double.control("hold")
    payout = await bank.request(3_000)
    # What the partner is owed, less the member's 50.00 that it funds, is 14.00.
    cycle = await approved(bank, owed_to_p=6_400)
    async with bank.database.writing(BOOK) as db:
        topup = await request_topup(
            db, network_id=BOOK, amount=Money(9_000, "SAR"), actor="maker", now=bank.now()
        )
    for kind in ("payout.submit", "payout.submit", "collection.submit", "topup.submit"):
        await bank.job(kind)
    assert (await bank.payout(payout.payout_id)).state is PayoutState.IN_TRANSIT
    await listen(bank)
    return payout.payout_id, cycle.cycle_id, topup.topup_id


async def ends(bank: Bank, ids: tuple[UUID, UUID, UUID]) -> dict[str, str]:
    payout_id, cycle_id, topup_id = ids
    (owed,), (debit,) = await orders_of(bank, cycle_id)
    async with bank.database.reading(BOOK) as db:
        topup = (await read_topups(db, network_id=BOOK, topup_ids=[topup_id]))[topup_id]
    return {
        "cashback": (await bank.payout(payout_id)).state.value,
        "owed": owed.state.value,
        "debit": debit.state.value,
        "topup": topup.state.value,
    }


async def end_well(bank: Bank) -> None:
    state = await bank.double.state()
    for kind in ("payouts", "payment_intents", "topups"):
        for one in state[kind]:
            await bank.double.control("settle", id=one["id"])


async def end_badly(bank: Bank) -> None:
    """Every bank refuses, and somebody takes the partner's transfer back by hand."""
    state = await bank.double.state()
    for one in (*state["payouts"], *state["payment_intents"]):
        await bank.double.control("settle", id=one["id"], failure_code="account_closed")
    (topup,) = [one for one in state["topups"] if one["status"] == "pending"]
    await bank.double.control("settle", id=topup["id"], failure_code="declined")
    (owed,) = [one for one in state["transfers"] if one["amount"] == 1_400]
    await bank.double.rail.reverse_transfer(
        key="by-hand", transfer_id=owed["id"], amount=Money(1_400, "SAR")
    )


@pytest.mark.parametrize("tell", [listen, sweep], ids=["told by messages", "swept up"])
@pytest.mark.parametrize(
    ("end", "wanted"),
    [
        (
            end_well,
            {"cashback": "paid", "owed": "paid", "debit": "succeeded", "topup": "succeeded"},
        ),
        (
            end_badly,
            {"cashback": "returning", "owed": "returned", "debit": "failed", "topup": "failed"},
        ),
    ],
    ids=["well", "badly"],
)
async def test_everything_ends_where_messages_would_have_led_it(
    bank: Bank,
    superuser: AsyncConnection,
    tell: Tell,
    end: Tell,
    wanted: dict[str, str],
) -> None:
    ids = await sent_into_the_world(bank)
    before = len(await inbox(superuser))
    if tell is sweep:
        await bank.double.control("webhooks", drop="all")
    await end(bank)
    await until(lambda: delivered(bank))
    if tell is sweep:
        assert not await bank.job("webhook.process", 0)
        assert await ends(bank, ids) != wanted

    await tell(bank)

    assert await ends(bank, ids) == wanted
    if tell is sweep:
        after = await kept(superuser)
        assert len(after["webhook_inbox"]) == before
        await sweep(bank)
        assert await kept(superuser) == after


async def test_a_transfer_whose_answer_and_message_were_lost_is_found(
    bank: Bank, superuser: AsyncConnection
) -> None:
    await bank.onboard(member_id=MEMBER)
    await bank.give(5_000)
    await bank.fund(100_000)
    await bank.double.control("webhooks", drop="all")
    await bank.double.control("hold")
    await bank.double.control("faults", operation="create_transfer", kind="timeout_after")
    payout = await bank.request(3_000)
    await bank.job("payout.submit")
    assert (await bank.payout(payout.payout_id)).state is PayoutState.UNKNOWN
    await sweep(bank)
    assert (await bank.payout(payout.payout_id)).state is PayoutState.TRANSFERRED
    # Then the payout to the bank, in the same way.
    await bank.double.control("faults", operation="create_payout", kind="timeout_after")
    await bank.job("payout.submit")
    await bank.double.control("settle", id=(await bank.double.state())["payouts"][0]["id"])
    await sweep(bank)
    assert (await bank.payout(payout.payout_id)).state is PayoutState.PAID
    assert await bank.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}


async def test_an_account_that_was_restricted_unheard_is_asked_again(
    bank: Bank, superuser: AsyncConnection
) -> None:
    payee = await bank.onboard(member_id=MEMBER)
    await listen(bank)
    await bank.double.control("webhooks", drop="all")
    (account,) = (await bank.double.state())["accounts"]
    await bank.double.control("restrict", account=account["id"])
    state = text("SELECT state FROM payouts.payee WHERE payee_id = :it").bindparams(
        it=payee.payee_id
    )
    assert (await superuser.execute(state)).scalar_one() == "active"
    await sweep(bank)
    assert (await superuser.execute(state)).scalar_one() == "restricted"
    await bank.double.control("onboard", account=account["id"])
    await sweep(bank)
    assert (await superuser.execute(state)).scalar_one() == "active"


async def test_where_nothing_was_lost_nothing_is_written(
    bank: Bank, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sent_into_the_world(bank)
    await end_well(bank)
    await listen(bank)
    while await run_balance_transactions(bank.world, 0):
        pass
    before = await kept(superuser)
    assert len(before["provider_transaction"]) >= 4
    counted = Counter[str]()
    for name in ("reading", "writing"):
        plain = getattr(Database, name)

        def counting(
            self: Database, *given: Any, _plain: Any = plain, _name: str = name, **more: Any
        ) -> Any:
            counted[_name] += 1
            return _plain(self, *given, **more)

        monkeypatch.setattr(Database, name, counting)
    await sweep(bank)
    assert counted["writing"] == 0
    assert 0 < counted["reading"] < 20
    assert await kept(superuser) == before


async def test_movements_that_were_shown_late_are_booked_by_the_sweep_alone(
    bank: Bank, superuser: AsyncConnection
) -> None:
    await bank.fund(10_000)
    bank.wait(600)
    await bank.fund(20_000)
    assert await run_balance_transactions(bank.world, 0) == 2
    now = bank.now()
    assert bank.clock.file is not None
    bank.clock.file.write_text((now - timedelta(seconds=300)).isoformat())
    await bank.double.control("stray", type="stripe_fee", amount=-77, currency="sar")
    bank.clock.file.write_text(now.isoformat())
    assert await run_balance_transactions(bank.world, 0) == 0
    await sweep(bank)
    fees = text(
        "SELECT count(*), sum(amount) FROM payouts.provider_transaction WHERE type = 'stripe_fee'"
    )
    assert tuple((await superuser.execute(fees)).one()) == (1, -77)
    after = await kept(superuser)
    await sweep(bank)
    assert await kept(superuser) == after


async def test_what_is_older_than_three_days_is_left_alone(
    bank: Bank, superuser: AsyncConnection
) -> None:
    ids = await sent_into_the_world(bank)
    await bank.double.control("webhooks", drop="all")
    await end_well(bank)
    before = await ends(bank, ids)
    bank.wait(73 * 3_600)
    await sweep(bank)
    assert await ends(bank, ids) == before


async def test_a_transfer_that_is_old_and_taken_back_unheard_is_found_by_its_movement(
    bank: Bank, superuser: AsyncConnection
) -> None:
    _, cycle_id, _ = await sent_into_the_world(bank)
    await bank.double.control("webhooks", drop="all")
    while await run_balance_transactions(bank.world, 0):
        pass
    bank.wait(10 * 86_400)
    state = await bank.double.state()
    (owed,) = [one for one in state["transfers"] if one["amount"] == 1_400]
    await bank.double.rail.reverse_transfer(
        key="by-hand", transfer_id=owed["id"], amount=Money(1_400, "SAR")
    )
    await sweep(bank)
    (payout,), _ = await orders_of(bank, cycle_id)
    assert payout.state is PayoutState.RETURNED
    while await run_balance_transactions(bank.world, 0):
        pass
    after = await kept(superuser)
    await sweep(bank)
    assert await kept(superuser) == after


async def test_marks_of_others_and_of_nobody_change_nothing(
    bank: Bank, superuser: AsyncConnection
) -> None:
    """Objects that name an order of ours which did not make them, or another network."""
    payout_id, _, _ = await sent_into_the_world(bank)
    (transfer, payout) = await bank.attempts(payout_id)
    before = await kept(superuser)
    marks = (
        {"network": str(BOOK), "attempt": str(transfer.attempt_id)},
        {"network": str(BOOK), "attempt": str(payout.attempt_id)},
        {"network": "999", "attempt": str(transfer.attempt_id)},
        {"network": "x", "attempt": "y"},
        {},
    )
    for number, metadata in enumerate(marks):
        made = await bank.double.rail.create_transfer(
            key=f"stray{number}",
            amount=Money(100, "SAR"),
            destination=transfer.account_id,
            transfer_group="stray",
            metadata=metadata,
        )
        await bank.double.rail.reverse_transfer(
            key=f"back{number}", transfer_id=made.id, amount=Money(100, "SAR")
        )
        sent = await bank.double.rail.create_payout(
            key=f"p{number}", account_id=None, amount=Money(100, "SAR"), metadata=metadata
        )
        await bank.double.control("settle", id=sent.id, failure_code="account_closed")
    await sweep(bank)
    assert await kept(superuser) | {"webhook_inbox": [], "due": []} == before | {
        "webhook_inbox": [],
        "due": [],
    }
