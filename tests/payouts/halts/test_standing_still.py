"""While a network is halted nothing is sent for it and no code is given; lifted, all goes on once."""

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.books import BooksWatch
from api.worker.world import World
from catalog.giftcards import issue_gift_card
from catalog.redemptions import AttemptState, RedemptionState
from catalog.vouchers import reveal_voucher
from payouts.disbursement import (
    CollectionState,
    PayoutState,
    TopUpState,
    approve_payout,
    approve_settlement_cycle,
    read_topups,
    request_topup,
    retry_payout,
)
from payouts.halts import Halted
from payouts.money import Money
from payouts.settlement import CycleState, close_settlement_cycle
from tests.catalog.redemptions.conftest import Buying, Killed
from tests.factories.small_network import ACTOR, found_network
from tests.fingerprint import KEYS, changed, fingerprint
from tests.payouts.disbursement.test_cashback_payout import policy, until_state
from tests.payouts.disbursement.test_settlement_orders import approved, orders_of, until_cycle
from tests.payouts.disbursement.world import Bank, Crash
from tests.payouts.halts.acts import halt, lift_all, opened
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, P, Q, is_owed, owes

S = PayoutState
SENDING = ("create_", "reverse_")


class CountingRail:
    """The rail of the double, and how often it was asked to send something."""

    def __init__(self, rail: Any) -> None:
        self._rail = rail
        self.sent: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        if name.startswith(SENDING):
            self.sent[name] += 1
        return getattr(self._rail, name)


@pytest.fixture
def rail(payable: Bank, monkeypatch: pytest.MonkeyPatch) -> CountingRail:
    counting = CountingRail(payable.double.rail)
    monkeypatch.setattr(payable.double, "rail", counting)
    return counting


async def wait_and_work(bank: Bank, *, minutes: int = 3) -> None:
    for _ in range(minutes):
        await bank.work()
        bank.wait(61)


async def test_a_breach_stops_the_payout_until_it_is_mended_and_lifted(
    payable: Bank, rail: CountingRail, auditor: Database, superuser: AsyncConnection
) -> None:
    requested = await payable.request(3_000)
    one_more = "UPDATE payouts.posting SET amount = amount + :by WHERE amount < 0 AND line = 2"
    assert (await superuser.execute(text(one_more), {"by": -1})).rowcount == 1
    world: World = replace(payable.world, auditor=auditor)
    await BooksWatch().look(world, 0)
    assert {one.network_id for one in await opened(payable.database)} == {BOOK}

    await wait_and_work(payable)
    waiting = await payable.payout(requested.payout_id)
    assert (waiting.state, waiting.is_taken) == (S.SCHEDULED, False)
    assert await payable.attempts(requested.payout_id) == []
    assert await payable.wallet() == (2_000, 3_000, 0)
    assert rail.sent == Counter()

    await superuser.execute(text(one_more), {"by": 1})
    await wait_and_work(payable)
    assert rail.sent == Counter()  # mending alone lets nothing go on
    await lift_all(payable.database)
    await until_state(payable, requested.payout_id, S.PAID)
    assert rail.sent == Counter(create_transfer=1, create_payout=1)
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}
    await BooksWatch().look(world, 0)
    assert await opened(payable.database) == []


async def test_a_halt_of_another_network_stops_nothing(payable: Bank, rail: CountingRail) -> None:
    await halt(payable.database, BOOK + 1)
    requested = await payable.request(3_000)
    await until_state(payable, requested.payout_id, S.PAID)
    assert rail.sent == Counter(create_transfer=1, create_payout=1)


async def test_a_payout_on_its_way_is_looked_up_and_not_sent_again(
    payable: Bank, rail: CountingRail
) -> None:
    await payable.double.control(
        "faults", operation="create_transfer", kind="error_500_after", times=1
    )
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    assert (await payable.payout(requested.payout_id)).state is S.UNKNOWN
    await halt(payable.database, BOOK)
    await wait_and_work(payable)
    assert (await payable.payout(requested.payout_id)).state is S.TRANSFERRED
    assert rail.sent == Counter(create_transfer=1)
    await lift_all(payable.database)
    await until_state(payable, requested.payout_id, S.PAID)
    assert rail.sent == Counter(create_transfer=1, create_payout=1)


async def test_a_payout_that_was_never_answered_is_sent_once_after_all(
    payable: Bank, rail: CountingRail
) -> None:
    payable.crash_at = "payout.claimed"
    requested = await payable.request(3_000)
    with pytest.raises(Crash):
        await payable.job("payout.submit")
    await halt(payable.database, BOOK)
    payable.wait(61)
    await wait_and_work(payable, minutes=2)
    assert (await payable.payout(requested.payout_id)).state is S.UNKNOWN
    assert rail.sent == Counter()
    await lift_all(payable.database)
    await until_state(payable, requested.payout_id, S.PAID)
    assert rail.sent == Counter(create_transfer=1, create_payout=1)
    assert (await payable.sent())["transfers"] == [3_000]


async def test_a_busy_provider_is_not_asked_again_during_a_halt(
    payable: Bank, rail: CountingRail
) -> None:
    await payable.double.control("faults", operation="create_transfer", kind="error_429", times=1)
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    await halt(payable.database, BOOK)
    await wait_and_work(payable)
    assert rail.sent == Counter(create_transfer=1)
    await lift_all(payable.database)
    await until_state(payable, requested.payout_id, S.PAID)
    assert rail.sent == Counter(create_transfer=2, create_payout=1)
    assert (await payable.sent())["transfers"] == [3_000]


async def test_a_top_up_waits(payable: Bank, rail: CountingRail) -> None:
    async with payable.database.writing(BOOK) as db:
        topup = await request_topup(
            db, network_id=BOOK, amount=Money(700, "SAR"), actor="m", now=payable.now()
        )
    await halt(payable.database, BOOK)
    await wait_and_work(payable)
    assert rail.sent == Counter()
    await lift_all(payable.database)
    await wait_and_work(payable)
    async with payable.database.reading(BOOK) as db:
        found = await read_topups(db, network_id=BOOK, topup_ids=[topup.topup_id])
    assert found[topup.topup_id].state is not TopUpState.REQUESTED
    assert rail.sent["create_topup"] == 1


async def test_orders_to_pay_are_refused_and_change_nothing(
    payable: Bank, superuser: AsyncConnection
) -> None:
    await policy(payable, approval_above=1)
    pending = await payable.request(500)
    await halt(payable.database, BOOK)
    before = await fingerprint(superuser, without=KEYS)
    with pytest.raises(Halted):
        await payable.request(500)
    named: dict[str, Any] = {"network_id": BOOK, "actor": "staff:c", "now": payable.now()}
    for act in (
        lambda db: approve_payout(db, payout_id=pending.payout_id, **named),
        lambda db: request_topup(db, amount=Money(1, "SAR"), **named),
    ):
        with pytest.raises(Halted):
            async with payable.database.writing(BOOK) as db:
                await act(db)
    assert changed(before, await fingerprint(superuser, without=KEYS)) == []


async def test_a_failed_payout_is_not_tried_again(payable: Bank) -> None:
    await payable.double.control("fail_next_payout", failure_code="account_closed")
    requested = await payable.request(500)
    await until_state(payable, requested.payout_id, S.RETURNED)
    await halt(payable.database, BOOK)
    with pytest.raises(Halted):
        async with payable.database.writing(BOOK) as db:
            await retry_payout(
                db,
                network_id=BOOK,
                payout_id=requested.payout_id,
                actor="staff:c",
                now=payable.now(),
            )


async def test_a_cycle_is_not_approved_and_its_orders_are_not_sent(
    payable: Bank, rail: CountingRail, superuser: AsyncConnection
) -> None:
    for partner_id in (P, Q):
        await payable.onboard(partner_id=partner_id)
    await is_owed(payable.database, "p", P, 9_000, now=payable.now())
    await owes(payable.database, "q", Q, 700, now=payable.now())
    async with payable.database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=payable.now()
        )
    rail.sent.clear()

    async def approve() -> None:
        async with payable.database.writing(BOOK) as db:
            await approve_settlement_cycle(
                db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=payable.now()
            )

    await halt(payable.database, BOOK)
    before = await fingerprint(superuser, without=KEYS)
    with pytest.raises(Halted):
        await approve()
    assert changed(before, await fingerprint(superuser, without=KEYS)) == []
    await lift_all(payable.database)
    await approve()
    await halt(payable.database, BOOK)
    await wait_and_work(payable)
    (payout,), (collection,) = await orders_of(payable, cycle.cycle_id)
    assert (payout.state, collection.state) == (S.SCHEDULED, CollectionState.SCHEDULED)
    assert rail.sent == Counter()
    await lift_all(payable.database)
    await until_cycle(payable, cycle.cycle_id, CycleState.SETTLED)
    assert (rail.sent["create_transfer"], rail.sent["create_payment_intent"]) == (1, 1)


async def test_a_debit_on_its_way_is_looked_up_and_not_sent_again(
    payable: Bank, rail: CountingRail
) -> None:
    await payable.onboard(partner_id=Q)
    rail.sent.clear()
    await payable.double.control(
        "faults", operation="create_payment_intent", kind="error_500_after", times=1
    )
    await owes(payable.database, "q", Q, 700, now=payable.now())
    cycle = await approved(payable, owed_to_p=0, owed_by_q=0)
    await payable.job("collection.submit")
    await halt(payable.database, BOOK)
    for _ in range(9):
        await wait_and_work(payable)
    _, collections = await orders_of(payable, cycle.cycle_id)
    states = {one.partner_id: one.state for one in collections}
    assert states[Q] is CollectionState.SUCCEEDED
    assert rail.sent == Counter(create_payment_intent=1)


# Codes


async def voucher_of(buying: Buying, redemption: Any) -> UUID:
    (voucher,) = await buying.vouchers(redemption)
    return voucher.voucher_id


async def reveal(buying: Buying, voucher_id: UUID) -> str:
    souq = buying.souq
    async with souq.database.writing(souq.network_id) as db:
        shown = await reveal_voucher(
            db,
            vault=souq.vault,
            network_id=souq.network_id,
            voucher_id=voucher_id,
            member_id=souq.member_id,
            actor=ACTOR,
            now=buying.now,
        )
    return shown.code.number.reveal()


async def test_a_card_is_not_ordered_until_the_halt_is_lifted(buying: Buying) -> None:
    one = await buying.place()
    await halt(buying.souq.database, buying.souq.network_id)
    for _ in range(3):
        await buying.work()
        buying.pass_time(seconds=91)
    assert (await buying.find(one)).state is RedemptionState.PLACED
    assert buying.double.orders() == []
    assert await buying.is_untouched(one) is False  # its value is still held
    await lift_all(buying.souq.database)
    done = await buying.work_until_done(one)
    assert done.state is RedemptionState.FULFILLED
    assert len(buying.double.orders()) == 1


async def test_an_order_that_was_sent_is_looked_up_and_delivered_during_a_halt(
    buying: Buying,
) -> None:
    buying.kill_at = "redemption.ordered"
    one = await buying.place()
    with pytest.raises(Killed):
        await buying.work()
    await halt(buying.souq.database, buying.souq.network_id)
    buying.pass_time(seconds=91)
    done = await buying.work_until_done(one)
    assert done.state is RedemptionState.FULFILLED
    assert len(buying.double.orders()) == 1
    voucher_id = await voucher_of(buying, one)
    with pytest.raises(Halted):
        await reveal(buying, voucher_id)
    await lift_all(buying.souq.database)
    assert len(await reveal(buying, voucher_id)) == 16


async def test_an_order_that_never_arrived_is_not_sent_again_during_a_halt(buying: Buying) -> None:
    buying.kill_at = "redemption.claimed"
    one = await buying.place()
    with pytest.raises(Killed):
        await buying.work()
    await halt(buying.souq.database, buying.souq.network_id)
    buying.pass_time(seconds=91)
    for _ in range(6):
        await buying.work()
        buying.pass_time(seconds=61)
    assert (await buying.find(one)).state is RedemptionState.UNKNOWN
    assert (await buying.attempt(one)).state is AttemptState.UNKNOWN
    assert buying.double.orders() == []
    await lift_all(buying.souq.database)
    done = await buying.work_until_done(one)
    assert done.state is RedemptionState.FULFILLED
    assert len(buying.double.orders()) == 1


async def test_no_card_is_issued_or_quoted_away_during_a_halt(
    buying: Buying, superuser: AsyncConnection
) -> None:
    souq = buying.souq
    own = await souq.quote(await souq.own_card_reward(2_000), souq.money(2_000))
    bought = await souq.quote(buying.rewards["7001"], Money(5_000, "SAR"), now=buying.now)
    await halt(souq.database, souq.network_id)
    before = await fingerprint(superuser, without=KEYS)
    for quote in (own, bought):
        with pytest.raises(Halted):
            await souq.place(quote)
    with pytest.raises(Halted):
        async with souq.database.writing(souq.network_id) as db:
            await issue_gift_card(
                db,
                vault=souq.vault,
                network_id=souq.network_id,
                partner_id=souq.partner_id,
                face=souq.money(5_000),
                external_id="sale",
                actor=ACTOR,
                now=buying.now,
            )
    assert changed(before, await fingerprint(superuser, without=KEYS)) == []
    await lift_all(souq.database)
    done = await souq.place(own)
    assert done.state is RedemptionState.FULFILLED


async def test_codes_of_another_network_are_given(buying: Buying) -> None:
    await halt(buying.souq.database, buying.souq.network_id)
    other = await found_network(buying.souq.database, slug="other")
    await other.fund(5_000)
    done = await other.place(
        await other.quote(await other.own_card_reward(2_000), other.money(2_000))
    )
    there = replace(buying, souq=other)
    assert len(await reveal(there, await voucher_of(there, done))) > 0
