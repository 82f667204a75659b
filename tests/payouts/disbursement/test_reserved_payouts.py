"""What is held back of a payout stays here, and the worker gives it back on its day."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.worker.jobs import reserves
from api.worker.registry import DUE
from payouts.disbursement import PayoutState, approve_settlement_cycle, list_cycle_payouts
from payouts.reserves import list_reserves, publish_reserve_policy
from payouts.settlement import close_settlement_cycle
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    assert_books_balance,
    balance_of,
    is_owed,
    money,
)

DAY = 86_400


async def settle(bank: Bank) -> UUID:
    async with bank.database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=bank.now()
        )
    async with bank.database.writing(BOOK) as db:
        await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=bank.now()
        )
    return cycle.cycle_id


async def test_the_rest_is_paid_and_the_reserve_is_paid_by_the_cycle_of_its_day(
    bank: Bank, superuser: AsyncConnection
) -> None:
    assert set(reserves.JOBS.items()) < set(DUE.items())
    await bank.onboard(partner_id=P)
    await bank.fund(100_000)
    async with bank.database.writing(BOOK) as db:
        await publish_reserve_policy(
            db,
            network_id=BOOK,
            currency="SAR",
            partner_id=P,
            share_bps=1_000,
            hold_days=30,
            actor="staff:operator",
            now=bank.now(),
        )
    await is_owed(bank.database, "a", P, 1_000, now=bank.now())
    withheld_at = bank.now()
    first = await settle(bank)
    await bank.work()
    assert (await bank.sent())["transfers"] == [900]
    assert await balance_of(superuser, "partner_reserve") == -100

    bank.wait(29 * DAY)
    await bank.work()
    assert await balance_of(superuser, "partner_reserve") == -100
    bank.wait(DAY)
    await bank.work()
    assert await balance_of(superuser, "partner_reserve") == 0
    assert await balance_of(superuser, "partner_payable") == -100
    async with bank.database.reading(BOOK) as db:
        (one,) = await list_reserves(db, network_id=BOOK, limit=9, is_released=True)
        (payout,) = await list_cycle_payouts(db, network_id=BOOK, cycle_id=first)
    assert (one.amount, one.released_at) == (money(100), withheld_at + timedelta(days=30))
    assert payout.amount == money(900)
    assert payout.state in (PayoutState.IN_TRANSIT, PayoutState.PAID)

    bank.wait(1)
    await settle(bank)
    await bank.work()
    # Of what comes back a share is held back again.
    assert (await bank.sent())["transfers"] == [900, 90]
    assert await balance_of(superuser, "partner_reserve") == -10
    await assert_books_balance(superuser)
