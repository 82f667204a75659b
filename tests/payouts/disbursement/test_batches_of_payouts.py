"""Payouts that go together: each as if alone, none held up by its neighbours, all safe from death."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.worker.jobs import claimed, payout_batches
from api.worker.jobs import payouts as payout_jobs
from payouts.disbursement import Payout, PayoutNotFound, PayoutState
from payouts.ledger import HoldHasLess
from payouts.rails import ProviderTransfer
from tests.factories.catalog import statements_of
from tests.payouts.disbursement.world import Bank, Crash, journal_kinds
from tests.payouts.settlement.world import MEMBER

S = PayoutState


async def ordered(bank: Bank, count: int, minor: int = 100) -> list[Payout]:
    return [await bank.request(minor) for _ in range(count)]


async def states(bank: Bank, payouts: list[Payout]) -> list[PayoutState]:
    return [(await bank.payout(one.payout_id)).state for one in payouts]


async def keys(bank: Bank, payouts: list[Payout]) -> list[str]:
    return [one.key for it in payouts for one in await bank.attempts(it.payout_id)]


async def drain(bank: Bank) -> None:
    """Work on, lease after lease, until all is at the bank or beyond."""
    for _ in range(3):
        bank.wait(61)
        await bank.work()


async def test_many_go_by_as_many_statements_as_few(payable: Bank) -> None:
    counts = []
    for number in (1, 2, 20):  # the first one opens the accounts
        payouts = await ordered(payable, number)
        with statements_of(payable.database) as of_transfers:
            assert await payable.job("payout.submit") == number
        assert await states(payable, payouts) == [S.TRANSFERRED] * number
        with statements_of(payable.database) as of_payouts:
            assert await payable.job("payout.submit") == number
        assert await states(payable, payouts) == [S.IN_TRANSIT] * number
        for one in payouts:
            assert await payable.trail(one.payout_id) == [
                ("transfer", "succeeded"),
                ("payout", "accepted"),
            ]
        counts.append((len(of_transfers), len(of_payouts)))
    assert counts[1] == counts[2]
    assert await payable.wallet() == (2_700, 0, 2_300)
    assert await payable.sent() == {
        "transfers": [100] * 23,
        "reversals": [],
        "payouts": [100] * 23,
    }


async def test_one_whose_books_refuse_it_stays_and_its_neighbours_go(
    payable: Bank, superuser: AsyncConnection
) -> None:
    first, wrong, last = payouts = await ordered(payable, 3)
    await superuser.execute(
        text("UPDATE payouts.hold SET released = amount WHERE hold_id = :hold"),
        {"hold": wrong.hold_id},
    )

    with pytest.raises(HoldHasLess):
        await payable.job("payout.submit")

    assert await states(payable, payouts) == [S.TRANSFERRED, S.SCHEDULED, S.TRANSFERRED]
    assert await payable.attempts(wrong.payout_id) == []
    assert (await payable.sent())["transfers"] == [100, 100]
    assert (await journal_kinds(superuser))["cashback_payout.request"] == 2
    await superuser.execute(text("UPDATE payouts.hold SET released = 0"))
    await drain(payable)
    assert await payable.sent() == {"transfers": [100] * 3, "reversals": [], "payouts": [100] * 3}
    assert await payable.wallet() == (4_700, 0, 300)
    assert [len(await payable.attempts(one.payout_id)) for one in (first, last)] == [2, 2]


@pytest.mark.parametrize(
    ("kind", "state", "reason"),
    [
        ("wrong_amount", S.UNKNOWN, "amount_mismatch"),
        ("error_500_after", S.UNKNOWN, "unknown_outcome"),
        ("error_429", S.SCHEDULED, "provider_transient"),
    ],
)
async def test_one_that_does_not_go_as_ordered_is_recorded_beside_the_others(
    payable: Bank, kind: str, state: PayoutState, reason: str
) -> None:
    payouts = await ordered(payable, 4)
    await payable.double.control("faults", operation="create_transfer", kind=kind, times=1)

    await payable.job("payout.submit")

    found = [await payable.payout(one.payout_id) for one in payouts]
    assert sorted((one.state, one.reason) for one in found if one.reason) == [(state, reason)]
    assert [one.state for one in found].count(S.TRANSFERRED) == 3
    assert await payable.wallet() == (4_600, 0, 400)


async def test_a_defect_at_one_call_fails_that_one_alone(payable: Bank) -> None:
    payouts = await ordered(payable, 3)
    rail = payable.double.rail
    real, wrong = rail.create_transfer, payouts[1].payout_id

    async def defective(**asked: Any) -> ProviderTransfer:
        if asked["metadata"]["payout"] == str(wrong):
            raise LookupError("a defect")
        return await real(**asked)

    with patch.object(rail, "create_transfer", defective), pytest.raises(LookupError):
        await payable.job("payout.submit")

    assert await states(payable, payouts) == [S.TRANSFERRED, S.SUBMITTING, S.TRANSFERRED]
    (begun,) = await payable.attempts(wrong)
    await drain(payable)
    again = (await payable.attempts(wrong))[0]
    assert (again.key, again.state.value, again.sends) == (begun.key, "succeeded", 2)
    assert (await payable.sent())["transfers"] == [100] * 3


async def test_answers_that_cannot_be_recorded_together_are_recorded_alone(
    payable: Bank, superuser: AsyncConnection
) -> None:
    """Two transfers of one name: the second is refused by the database, the others are not."""
    payouts = await ordered(payable, 3)
    rail = payable.double.rail
    real = rail.create_transfer

    async def confused(**asked: Any) -> ProviderTransfer:
        made = await real(**asked)
        is_last = asked["metadata"]["payout"] != str(payouts[0].payout_id)
        return type(made)(**{**_fields(made), "id": "tr_twice"}) if is_last else made

    with patch.object(rail, "create_transfer", confused), pytest.raises(IntegrityError):
        await payable.job("payout.submit")

    assert sorted(await states(payable, payouts)) == sorted(
        [S.TRANSFERRED, S.TRANSFERRED, S.SUBMITTING]
    )
    rows = await superuser.execute(
        text("SELECT state, count(*) FROM payouts.payout_attempt GROUP BY state ORDER BY state")
    )
    assert [tuple(row) for row in rows] == [("prepared", 1), ("succeeded", 2)]


def _fields(made: ProviderTransfer) -> dict[str, Any]:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


async def test_a_worker_that_dies_before_the_calls_of_a_batch_has_sent_nothing(
    payable: Bank,
) -> None:
    payouts = await ordered(payable, 5)
    payable.crash_at = "payout.claimed"
    with pytest.raises(Crash):
        await payable.job("payout.submit")

    assert await states(payable, payouts) == [S.SUBMITTING] * 5
    begun = await keys(payable, payouts)
    assert len(set(begun)) == 5
    assert (await payable.sent())["transfers"] == []
    assert await payable.job("payout.submit") == 0  # its lease stands
    payable.wait(61)
    await payable.job("payout.submit")
    assert await states(payable, payouts) == [S.TRANSFERRED] * 5
    assert await keys(payable, payouts) == begun
    assert (await payable.sent())["transfers"] == [100] * 5


@pytest.mark.parametrize("point", ["payout.sent", "payout.banked"])
async def test_a_worker_that_dies_among_the_calls_of_a_batch_pays_each_once(
    payable: Bank, point: str
) -> None:
    payouts = await ordered(payable, 5)
    if point == "payout.banked":
        await payable.job("payout.submit")
    payable.crash_at = point
    with pytest.raises(Crash):
        await payable.job("payout.submit")
    begun = await keys(payable, payouts)
    assert point in payable.passed

    await drain(payable)

    assert await payable.sent() == {"transfers": [100] * 5, "reversals": [], "payouts": [100] * 5}
    assert set(begun) <= set(await keys(payable, payouts))
    assert [len(await payable.attempts(one.payout_id)) for one in payouts] == [2] * 5
    assert await payable.wallet() == (4_500, 0, 500)


async def test_the_first_ones_have_the_funds_and_the_others_wait(bank: Bank) -> None:
    await bank.fund(250)
    await bank.onboard(member_id=MEMBER)
    await bank.give(5_000)
    payouts = await ordered(bank, 4)

    await bank.job("payout.submit")

    assert await states(bank, payouts) == [S.TRANSFERRED] * 2 + [S.WAITING_FUNDS] * 2
    assert [await bank.attempts(one.payout_id) for one in payouts[2:]] == [[], []]
    assert (await bank.sent())["transfers"] == [100, 100]


async def test_what_is_not_sent_soon_after_its_claim_is_left_to_the_next_lease(
    payable: Bank,
) -> None:
    payouts = await ordered(payable, 3)
    rail = payable.double.rail
    real, clock = rail.create_transfer, SimpleNamespace(seconds=0.0)

    running = SimpleNamespace(monotonic=lambda: clock.seconds)

    async def slow(**asked: Any) -> ProviderTransfer:
        made = await real(**asked)
        clock.seconds = payout_batches.SEND_SECONDS_MAX + 1
        return made

    with (
        patch.object(claimed, "AT_ONCE", 1),
        patch.object(rail, "create_transfer", slow),
        patch.object(payout_batches, "time", running),
        patch.object(payout_jobs, "time", running),
    ):
        await payable.job("payout.submit")

    assert await states(payable, payouts) == [S.TRANSFERRED, S.SUBMITTING, S.SUBMITTING]
    assert (await payable.sent())["transfers"] == [100]
    begun = await keys(payable, payouts)
    payable.wait(61)
    await payable.job("payout.submit")
    assert (await payable.sent())["transfers"] == [100] * 3
    assert set(begun) <= set(await keys(payable, payouts))


async def test_a_payout_of_another_network_is_not_touched(
    payable: Bank, superuser: AsyncConnection
) -> None:
    (mine,) = await ordered(payable, 1)
    assert await payable.job("payout.submit", network_id=8) == 0
    await superuser.execute(
        text("INSERT INTO payouts.due VALUES (8, 'payout.submit', :mine, :now)"),
        {"mine": mine.payout_id, "now": payable.now()},
    )
    with pytest.raises(PayoutNotFound):
        await payable.job("payout.submit", network_id=8)
    assert await states(payable, [mine]) == [S.SCHEDULED]
    assert (await payable.sent())["transfers"] == []
