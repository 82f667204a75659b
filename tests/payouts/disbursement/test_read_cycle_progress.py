"""How far a cycle has come is counted from its statements and orders, with two queries."""

from datetime import datetime
from uuid import UUID

import pytest

from payouts.disbursement import (
    CycleProgress,
    MoneyProgress,
    OrderKind,
    read_cycle_progress,
    retry_payout,
)
from payouts.settlement import (
    CycleState,
    Outcome,
    SettlementCycle,
    abandon_settlement_cycle,
    close_settlement_cycle,
    publish_payout_policy,
)
from tests.conftest import NOW
from tests.factories.catalog import statements_of
from tests.payouts.disbursement.test_settlement_orders import approved, orders_of, until_cycle
from tests.payouts.disbursement.world import Bank, Crash
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, P, Q, R, is_owed, money, owes


async def progress_of(
    bank: Bank, *cycles: SettlementCycle, book: int = BOOK
) -> list[CycleProgress]:
    ids = [one.cycle_id for one in cycles]
    async with bank.database.reading(book) as db:
        found = await read_cycle_progress(db, network_id=book, cycle_ids=ids)
    return [found[one] for one in ids if one in found]


def counted(one: CycleProgress) -> list[tuple[str, str, str | None, int, int, datetime]]:
    return [
        (it.kind.value, it.state, it.reason, it.count, it.amount.minor, it.since)
        for it in one.orders
    ]


def sums(one: MoneyProgress) -> tuple[int, int, int, int]:
    return one.to_pay.minor, one.paid.minor, one.to_collect.minor, one.collected.minor


async def closed(bank: Bank) -> SettlementCycle:
    async with bank.database.writing(BOOK) as db:
        return await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=bank.now()
        )


async def test_a_cycle_is_counted_from_its_review_to_its_last_payment(bank: Bank) -> None:
    await is_owed(bank.database, "p", P, 1_400)
    await owes(bank.database, "q", Q, 700)
    await owes(bank.database, "r", R, 3)
    async with bank.database.writing(BOOK) as db:
        await publish_payout_policy(
            db,
            network_id=BOOK,
            approval_above=money(1_000_000),
            minimum=money(100),
            actor=CHECKER,
            now=NOW,
        )
    cycle = await closed(bank)
    (reviewed,) = await progress_of(bank, cycle)
    assert (reviewed.state, reviewed.issued.version, reviewed.issued.count) == (
        CycleState.IN_REVIEW,
        1,
        3,
    )
    assert [(it.outcome, it.count, it.net.minor) for it in reviewed.issued.counts] == [
        (Outcome.CARRIED, 1, 3),
        (Outcome.COLLECT, 1, 700),
        (Outcome.PAY, 1, -1_400),
    ]
    assert (reviewed.orders, reviewed.waiting) == ((), [])
    assert [sums(it) for it in reviewed.money] == [(1_400, 0, 700, 0)]


async def test_what_waits_is_counted_by_its_reason_since_it_was_ordered(bank: Bank) -> None:
    await bank.fund(10_000)
    cycle = await approved(bank)
    ordered = bank.now()
    await bank.work()
    # Tried again and again meanwhile; it waits since it was ordered all the same.
    bank.wait(31)
    await bank.work()
    (waiting,) = await progress_of(bank, cycle)
    assert waiting.state is CycleState.EXECUTING
    assert counted(waiting) == [
        ("collection", "scheduled", "payment_method_needed", 1, 700, ordered),
        ("payout", "scheduled", "identity_needed", 1, 1_400, ordered),
    ]
    assert waiting.waiting == list(waiting.orders)

    await bank.onboard(partner_id=P)
    await bank.onboard(partner_id=Q)
    await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)
    (settled,) = await progress_of(bank, cycle)
    assert settled.is_over
    assert counted(settled) == [
        ("collection", "succeeded", None, 1, 700, ordered),
        ("payout", "paid", None, 1, 1_400, ordered),
    ]
    assert settled.waiting == []
    assert [sums(it) for it in settled.money] == [(1_400, 1_400, 700, 700)]


async def test_a_failed_payout_waits_for_a_person_beside_what_arrived(bank: Bank) -> None:
    payee = await bank.onboard(partner_id=P)
    await bank.onboard(partner_id=Q)
    await bank.fund(10_000)
    accounts = (await bank.double.state())["accounts"]
    account = next(one for one in accounts if one["metadata"]["payee"] == str(payee.payee_id))
    await bank.double.control("restrict", account=account["id"])
    cycle = await approved(bank)
    ordered = bank.now()
    await until_cycle(bank, cycle.cycle_id, CycleState.PARTIALLY_SETTLED)
    (partial,) = await progress_of(bank, cycle)
    assert not partial.is_over
    assert [
        (it.kind, it.state, it.reason, it.count, it.amount.minor, it.since)
        for it in partial.waiting
    ] == [(OrderKind.PAYOUT, "failed", "refused_by_provider", 1, 1_400, ordered)]
    assert [sums(it) for it in partial.money] == [(1_400, 0, 700, 700)]

    (payout,), _ = await orders_of(bank, cycle.cycle_id)
    async with bank.database.writing(BOOK) as db:
        await retry_payout(
            db, network_id=BOOK, payout_id=payout.payout_id, actor="f", now=bank.now()
        )
    (again,) = await progress_of(bank, cycle)
    assert (again.state, again.waiting) == (CycleState.EXECUTING, [])


@pytest.mark.parametrize(
    ("point", "left"),
    [
        ("payout.claimed", ("payout", "submitting")),
        ("payout.sent", ("payout", "submitting")),
        ("collection.claimed", ("collection", "submitting")),
        ("collection.sent", ("collection", "submitting")),
    ],
)
async def test_a_cycle_whose_worker_died_is_shown_as_it_was_left_and_goes_on(
    bank: Bank, point: str, left: tuple[str, str]
) -> None:
    await bank.onboard(partner_id=P)
    await bank.onboard(partner_id=Q)
    await bank.fund(10_000)
    cycle = await approved(bank)
    bank.crash_at = point
    with pytest.raises(Crash):
        await bank.work()
    (under_way,) = await progress_of(bank, cycle)
    assert under_way.state is CycleState.EXECUTING
    assert left in [(it.kind.value, it.state) for it in under_way.orders]
    assert sum(it.count for it in under_way.orders) == 2

    await until_cycle(bank, cycle.cycle_id, CycleState.SETTLED)
    (settled,) = await progress_of(bank, cycle)
    assert [sums(it) for it in settled.money] == [(1_400, 1_400, 700, 700)]
    state = await bank.double.state()
    assert [one["amount"] for one in state["transfers"]] == [1_400]
    assert [one["amount"] for one in state["payment_intents"]] == [700]


async def test_an_abandoned_cycle_has_no_statements_and_is_over(bank: Bank) -> None:
    await owes(bank.database, "q", Q, 700)
    cycle = await closed(bank)
    async with bank.database.writing(BOOK) as db:
        await abandon_settlement_cycle(db, network_id=BOOK, cycle_id=cycle.cycle_id, now=bank.now())
    (given_up,) = await progress_of(bank, cycle)
    assert (given_up.state, given_up.is_over, given_up.issued.counts, given_up.money) == (
        CycleState.ABANDONED,
        True,
        (),
        [],
    )


async def test_two_queries_tell_of_many_partners_and_cycles(bank: Bank) -> None:
    first = await approved(bank)
    for number in range(40):
        await is_owed(bank.database, f"n{number}", UUID(int=0x700 + number), 100 + number)
    second = await approved(bank, owed_to_p=0, owed_by_q=0)
    with statements_of(bank.database) as seen:
        one, other = await progress_of(bank, first, second)
    assert len(seen) == 2
    assert (one.issued.count, other.issued.count) == (2, 42)
    assert [sums(it) for it in other.money] == [(sum(range(100, 140)), 0, 0, 0)]


async def test_another_network_sees_nothing_of_it(bank: Bank) -> None:
    cycle = await approved(bank)
    assert await progress_of(bank, cycle, book=BOOK + 1) == []
