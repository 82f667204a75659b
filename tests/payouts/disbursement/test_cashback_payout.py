import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import (
    DestinationChanged,
    PayeeNotReady,
    PayoutBelowMinimum,
    PayoutNotCancellable,
    PayoutNotPending,
    PayoutNotRetryable,
    PayoutState,
    approve_payout,
    cancel_payout,
    find_network_of_object,
    find_owner_of_transfer,
    retry_payout,
)
from payouts.ledger import BalanceTooLow
from payouts.money import Money
from payouts.settlement import ApproverIsMaker, publish_payout_policy
from tests.payouts.disbursement.world import FAULTS, Bank, Crash, journal_kinds
from tests.payouts.settlement.world import BOOK, MEMBER, lines_of

S = PayoutState


async def until_state(bank: Bank, payout_id: object, state: PayoutState) -> None:
    for _ in range(200):
        await bank.work()
        found = await bank.payout(payout_id)  # type: ignore[arg-type]
        if found.state is state:
            return
        await asyncio.sleep(0.02)
        bank.wait(6)
    raise AssertionError(f"still {found.state}, {found.reason}, not {state}")


async def policy(bank: Bank, approval_above: int, minimum: int = 1) -> None:
    async with bank.database.writing(BOOK) as db:
        await publish_payout_policy(
            db,
            network_id=BOOK,
            approval_above=Money(approval_above, "SAR"),
            minimum=Money(minimum, "SAR"),
            actor="op",
            now=bank.now(),
        )


async def test_payout_goes_through_transfer_and_bank_to_paid(
    payable: Bank, superuser: AsyncConnection
) -> None:
    requested = await payable.request(3_000)
    assert requested.state is S.SCHEDULED
    assert await payable.wallet() == (2_000, 3_000, 0)
    await payable.job("payout.submit")
    assert (await payable.payout(requested.payout_id)).state is S.TRANSFERRED
    assert await payable.wallet() == (2_000, 0, 3_000)
    await until_state(payable, requested.payout_id, S.PAID)
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}
    assert await payable.trail(requested.payout_id) == [
        ("transfer", "succeeded"),
        ("payout", "succeeded"),
    ]
    assert await lines_of(superuser, "cashback_payout.request") == [
        ("member_available", "f0", 3_000),
        ("member_payout_clearing", "f0", -3_000),
    ]
    transfer_id = (await payable.attempts(requested.payout_id))[0].external_id
    assert transfer_id is not None
    async with payable.database.reading(BOOK) as db:
        owned = await find_owner_of_transfer(db, network_id=BOOK, transfer_id=transfer_id)
        assert owned is not None
        assert (owned.payout_id, owned.kind, owned.owner_id) == (
            requested.payout_id,
            "cashback",
            MEMBER,
        )
        assert await find_owner_of_transfer(db, network_id=BOOK, transfer_id="tr_x") is None
    async with payable.database.reading(0) as db:
        assert await find_network_of_object(db, object_id=transfer_id) == BOOK


async def test_payout_needs_a_ready_payee_enough_and_a_minimum(
    bank: Bank, superuser: AsyncConnection
) -> None:
    await bank.give(5_000)
    with pytest.raises(PayeeNotReady):
        await bank.request(100)
    await bank.onboard(member_id=MEMBER)
    with pytest.raises(BalanceTooLow):
        await bank.request(5_001)
    await policy(bank, 100_000, minimum=200)
    with pytest.raises(PayoutBelowMinimum):
        await bank.request(199)
    assert await bank.wallet() == (5_000, 0, 0)
    assert await journal_kinds(superuser) == {"accrual.confirm": 1}


async def test_second_person_approves_above_the_limit(payable: Bank) -> None:
    await policy(payable, approval_above=1_000)
    small = await payable.request(1_000)
    large = await payable.request(1_001)
    assert (small.state, large.state) == (S.SCHEDULED, S.PENDING_APPROVAL)
    await payable.work()
    assert (await payable.payout(large.payout_id)).state is S.PENDING_APPROVAL
    with pytest.raises(ApproverIsMaker):
        async with payable.database.writing(BOOK) as db:
            await approve_payout(
                db, network_id=BOOK, payout_id=large.payout_id, actor="member:1", now=payable.now()
            )
    async with payable.database.writing(BOOK) as db:
        approved = await approve_payout(
            db, network_id=BOOK, payout_id=large.payout_id, actor="checker", now=payable.now()
        )
    assert (approved.state, approved.approved_by) == (S.SCHEDULED, "checker")
    with pytest.raises(PayoutNotPending):
        async with payable.database.writing(BOOK) as db:
            await approve_payout(
                db, network_id=BOOK, payout_id=large.payout_id, actor="checker", now=payable.now()
            )
    await until_state(payable, large.payout_id, S.PAID)


async def test_changed_destination_is_not_approved_and_not_paid(
    payable: Bank, superuser: AsyncConnection
) -> None:
    scheduled = await payable.request(500)
    await policy(payable, approval_above=1)
    pending = await payable.request(600)
    await superuser.execute(
        text("UPDATE payouts.payee SET destination_hash = 'other', offered_hash = 'other'")
    )
    with pytest.raises(DestinationChanged):
        async with payable.database.writing(BOOK) as db:
            await approve_payout(
                db, network_id=BOOK, payout_id=pending.payout_id, actor="c", now=payable.now()
            )
    await payable.job("payout.submit")
    found = await payable.payout(scheduled.payout_id)
    assert (found.state, found.reason) == (S.FAILED, "destination_changed")
    assert await payable.wallet() == (4_400, 600, 0)
    assert (await payable.sent())["transfers"] == []


async def test_cancelled_payout_gives_its_hold_back(payable: Bank) -> None:
    requested = await payable.request(700)
    async with payable.database.writing(BOOK) as db:
        cancelled = await cancel_payout(
            db, network_id=BOOK, payout_id=requested.payout_id, actor="m", now=payable.now()
        )
    assert cancelled.state is S.CANCELLED
    assert await payable.wallet() == (5_000, 0, 0)
    await payable.work()
    assert (await payable.sent())["transfers"] == []
    with pytest.raises(PayoutNotCancellable):
        async with payable.database.writing(BOOK) as db:
            await cancel_payout(
                db, network_id=BOOK, payout_id=requested.payout_id, actor="m", now=payable.now()
            )


async def test_too_little_at_the_provider_waits_and_goes_on_when_money_comes(bank: Bank) -> None:
    await bank.onboard(member_id=MEMBER)
    await bank.give(5_000)
    requested = await bank.request(3_000)
    await bank.job("payout.submit")
    waiting = await bank.payout(requested.payout_id)
    assert (waiting.state, waiting.reason) == (S.WAITING_FUNDS, "insufficient_platform_funds")
    assert await bank.attempts(requested.payout_id) == []
    assert await bank.wallet() == (2_000, 3_000, 0)
    await bank.fund(3_000)
    assert await bank.job("payout.submit") == 0
    bank.wait(5)
    await until_state(bank, requested.payout_id, S.PAID)


async def test_refusal_for_balance_is_tried_again_under_a_new_key(payable: Bank) -> None:
    """The balance looked enough before, and was not when the transfer came."""
    requested = await payable.request(3_000)
    await payable.double.control("stray", currency="sar", amount=-99_999)
    world = payable.world
    real = world.rail.get_balance

    async def generous() -> object:
        found = await real()
        return type(found)({"SAR": Money(10**9, "SAR")}, found.pending)

    payable.double.rail.get_balance = generous  # type: ignore[method-assign,assignment]
    await payable.job("payout.submit")
    assert (await payable.payout(requested.payout_id)).state is S.WAITING_FUNDS
    assert await payable.trail(requested.payout_id) == [("transfer", "failed_retryable")]
    await payable.fund(99_999)
    await until_state(payable, requested.payout_id, S.PAID)
    first, second, *_ = await payable.attempts(requested.payout_id)
    assert first.key != second.key
    assert (second.epoch, second.state.value) == (2, "succeeded")


@pytest.mark.parametrize("operation", ["create_transfer", "create_payout", "reverse_transfer"])
async def test_fault_at_any_leg_moves_the_money_once(
    payable: Bank, superuser: AsyncConnection, operation: str
) -> None:
    is_return = operation == "reverse_transfer"
    amounts = []
    for minor, kind in enumerate(FAULTS, start=101):
        if is_return:
            await payable.double.control("fail_next_payout", failure_code="account_closed")
        await payable.double.control("faults", operation=operation, kind=kind, times=1)
        requested = await payable.request(minor)
        await until_state(payable, requested.payout_id, S.RETURNED if is_return else S.PAID)
        amounts.append(minor)
        assert (await payable.double.state())["faults"] == []
        assert await payable.sent() == {
            "transfers": amounts,
            "reversals": amounts if is_return else [],
            "payouts": amounts,
        }
    out = sum(amounts)
    assert await payable.wallet() == ((5_000, 0, 0) if is_return else (5_000 - out, 0, out))
    kinds = await journal_kinds(superuser)
    assert kinds["cashback_payout.request"] == len(FAULTS)
    assert kinds.get("cashback_payout.return", 0) == (len(FAULTS) if is_return else 0)


async def test_unknown_transfer_blocks_a_second_try_until_it_is_found(payable: Bank) -> None:
    await payable.double.control(
        "faults", operation="create_transfer", kind="error_500_after", times=1
    )
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    unknown = await payable.payout(requested.payout_id)
    assert (unknown.state, unknown.reason) == (S.UNKNOWN, "unknown_outcome")
    assert await payable.job("payout.submit") == 0
    with pytest.raises(PayoutNotCancellable):
        async with payable.database.writing(BOOK) as db:
            await cancel_payout(
                db, network_id=BOOK, payout_id=requested.payout_id, actor="m", now=payable.now()
            )
    payable.wait(3)
    await payable.job("payout.resolve")
    assert (await payable.payout(requested.payout_id)).state is S.TRANSFERRED
    assert len((await payable.sent())["transfers"]) == 1


async def test_transfer_that_never_happened_is_proven_absent_and_tried_anew(payable: Bank) -> None:
    """A saved failure answers every try under its key; only the look-ups can end it."""
    await payable.double.control(
        "faults", operation="create_transfer", kind="timeout_before", times=3
    )
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    lookups = []
    for _ in range(12):
        payable.wait(12)
        await payable.job("payout.resolve")
        (attempt, *_) = await payable.attempts(requested.payout_id)
        lookups.append((attempt.lookups, attempt.state.value))
        if attempt.state.value != "unknown":
            break
    assert lookups[-1][1] == "failed_retryable"
    assert lookups[-1][0] >= 3
    dead = (await payable.attempts(requested.payout_id))[0]
    assert dead.resolved_at is not None
    assert (dead.resolved_at - dead.sent_at).total_seconds() >= 60
    await until_state(payable, requested.payout_id, S.PAID)
    assert (await payable.sent())["transfers"] == [3_000]
    assert (await payable.attempts(requested.payout_id))[1].key != dead.key


@pytest.mark.parametrize("after_paid", [False, True])
async def test_payout_that_the_bank_sends_back_returns_to_the_wallet(
    payable: Bank, superuser: AsyncConnection, after_paid: bool
) -> None:
    await payable.double.control("hold", kinds=["payout"])
    requested = await payable.request(3_000)
    await until_state(payable, requested.payout_id, S.IN_TRANSIT)
    (sent,) = (await payable.double.state())["payouts"]
    if after_paid:
        await payable.double.control("settle", id=sent["id"])
        await until_state(payable, requested.payout_id, S.PAID)
    await payable.double.control("settle", id=sent["id"], failure_code="account_closed")
    await payable.double.control("release", kinds=["payout"])
    payable.wait(86_400)
    await until_state(payable, requested.payout_id, S.RETURNED)
    found = await payable.payout(requested.payout_id)
    assert found.reason == "returned_by_bank"
    assert await payable.wallet() == (5_000, 0, 0)
    assert await payable.sent() == {"transfers": [3_000], "reversals": [3_000], "payouts": [3_000]}
    assert await lines_of(superuser, "cashback_payout.return") == [
        ("member_payout_clearing", "f0", 3_000),
        ("member_available", "f0", -3_000),
    ]
    assert await payable.trail(requested.payout_id) == [
        ("transfer", "returned"),
        ("payout", "failed_final"),
        ("reversal", "succeeded"),
    ]
    async with payable.database.writing(BOOK) as db:
        again = await retry_payout(
            db, network_id=BOOK, payout_id=requested.payout_id, actor="m", now=payable.now()
        )
    assert (again.state, again.round) == (S.SCHEDULED, 2)
    assert await payable.wallet() == (2_000, 3_000, 0)
    await until_state(payable, requested.payout_id, S.PAID)
    assert (await payable.sent())["transfers"] == [3_000, 3_000]
    with pytest.raises(PayoutNotRetryable):
        async with payable.database.writing(BOOK) as db:
            await retry_payout(
                db, network_id=BOOK, payout_id=requested.payout_id, actor="m", now=payable.now()
            )


async def test_crash_at_any_point_pays_once(payable: Bank) -> None:
    amounts: list[int] = []
    points = ("payout.claimed", "payout.sent", "payout.banked", "payout.recorded")
    for minor, point in enumerate(points, start=101):
        requested = await payable.request(minor)
        payable.crash_at = point
        for _ in range(3):
            try:
                await payable.work()
            except Crash:
                break
        assert payable.crash_at is None
        payable.wait(61)
        await until_state(payable, requested.payout_id, S.PAID)
        amounts.append(minor)
        assert await payable.sent() == {"transfers": amounts, "reversals": [], "payouts": amounts}
    out = sum(amounts)
    assert await payable.wallet() == (5_000 - out, 0, out)


async def test_wrong_amount_stops_for_a_person(payable: Bank) -> None:
    await payable.double.control("faults", operation="create_transfer", kind="wrong_amount")
    requested = await payable.request(3_000)
    await payable.work()
    payable.wait(600)
    await payable.work()
    found = await payable.payout(requested.payout_id)
    assert (found.state, found.reason) == (S.UNKNOWN, "amount_mismatch")
    assert len((await payable.sent())["transfers"]) == 1


async def test_workers_at_once_make_one_live_attempt(payable: Bank) -> None:
    payouts = [await payable.request(100) for _ in range(5)]
    await asyncio.gather(*(payable.job("payout.submit") for _ in range(6)))
    for one in payouts:
        await until_state(payable, one.payout_id, S.PAID)
        assert await payable.trail(one.payout_id) == [
            ("transfer", "succeeded"),
            ("payout", "succeeded"),
        ]
    assert (await payable.sent())["transfers"] == [100] * 5


async def test_database_refuses_a_second_live_attempt(
    payable: Bank, superuser: AsyncConnection
) -> None:
    await payable.request(100)
    await payable.job("payout.submit")
    with pytest.raises(DBAPIError, match="payout_attempt_live"):
        await superuser.execute(
            text(
                "INSERT INTO payouts.payout_attempt SELECT network_id, gen_random_uuid(),"
                " payout_id, round, 9, leg, 'other', account_id, amount, currency, 'prepared',"
                " NULL, NULL, 1, 0, prepared_at, sent_at, NULL FROM payouts.payout_attempt"
            )
        )
