"""A share of what a partner is paid is held back, and comes back once, in the cycle of its day."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.disbursement import approve_settlement_cycle
from payouts.ledger import Account, read_balances
from payouts.money import CURRENCIES, Money, payout_multiple, round_to_multiple
from payouts.reserves import (
    RELEASE_KIND,
    Reserve,
    ReservePolicy,
    ReservePolicyInvalid,
    find_reserves_of,
    list_reserves,
    publish_reserve_policy,
    release_reserve,
    sum_released,
)
from payouts.settlement import (
    Statement,
    StatementAltered,
    close_settlement_cycle,
    list_cycle_statements,
)
from tests.conftest import NOW
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    assert_books_balance,
    is_owed,
    lines_of,
    money,
    owes,
)

MONTH = timedelta(days=30)
OPERATOR = "staff:operator"


async def publish(
    world: Database,
    share_bps: int,
    *,
    partner_id: UUID | None = None,
    currency: str = "SAR",
    hold_days: int = 30,
    now: datetime = NOW,
) -> ReservePolicy:
    async with world.writing(BOOK) as db:
        return await publish_reserve_policy(
            db,
            network_id=BOOK,
            currency=currency,
            partner_id=partner_id,
            share_bps=share_bps,
            hold_days=hold_days,
            actor=OPERATOR,
            now=now,
        )


async def settle(world: Database, currency: str = "SAR", now: datetime = NOW) -> list[Statement]:
    async with world.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency=currency, actor=MAKER, now=now
        )
    async with world.writing(BOOK) as db:
        await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=now
        )
    async with world.reading(BOOK) as db:
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def release(world: Database, reserve_id: UUID, now: datetime) -> Reserve | None:
    async with world.writing(BOOK) as db:
        return await release_reserve(
            db, network_id=BOOK, reserve_id=reserve_id, actor="worker", now=now
        )


async def reserves(world: Database) -> list[Reserve]:
    async with world.reading(BOOK) as db:
        return await list_reserves(db, network_id=BOOK, limit=9, newest_first=False)


async def paid(superuser: AsyncConnection) -> list[tuple[UUID, int]]:
    rows = await superuser.execute(
        text("SELECT partner_id, amount FROM payouts.payout ORDER BY payout_id")
    )
    return [tuple(row) for row in rows]


async def stands(world: Database, *kinds: str, partner: UUID = P) -> list[int]:
    accounts = [Account(kind, str(partner), "SAR") for kind in kinds]
    async with world.reading(BOOK) as db:
        found = await read_balances(db, network_id=BOOK, accounts=accounts)
    return [found[one].posted.minor for one in accounts]


async def due(superuser: AsyncConnection) -> list[tuple[UUID, datetime]]:
    rows = await superuser.execute(
        text("SELECT due_id, due_at FROM payouts.due WHERE kind = :kind ORDER BY due_id"),
        {"kind": RELEASE_KIND},
    )
    return [tuple(row) for row in rows]


async def test_a_share_of_what_is_paid_is_held_back_and_the_rest_is_paid(
    world: Database, superuser: AsyncConnection
) -> None:
    policy = await publish(world, 1_000)
    await owes(world, "a", P, 600)
    await is_owed(world, "b", P, 1_755)
    await owes(world, "c", Q, 700)
    first, second = await settle(world)
    # Half to even: 115.5 is 116.
    (one,) = await reserves(world)
    assert (one.partner_id, one.cycle_id, one.amount) == (P, first.cycle_id, money(116))
    assert (one.policy_id, one.withheld_at, one.release_at) == (policy.policy_id, NOW, NOW + MONTH)
    assert (one.released_at, one.released_by_journal) == (None, None)
    assert await lines_of(superuser, "reserve.keep") == [
        ("settle_payable", "0a", 116),
        ("partner_reserve", "0a", -116),
    ]
    assert await paid(superuser) == [(P, 1_039)]
    assert await stands(world, "settle_payable", "partner_reserve") == [1_039, 116]
    assert await due(superuser) == [(one.reserve_id, NOW + MONTH)]
    async with world.reading(BOOK) as db:
        found = await find_reserves_of(db, network_id=BOOK, statements=[first, second])
    assert found == {first.statement_id: one}
    await assert_books_balance(superuser)


async def test_without_a_policy_or_with_a_share_of_nothing_all_is_paid(
    world: Database, superuser: AsyncConnection
) -> None:
    await is_owed(world, "a", P, 1_000)
    await settle(world)
    await publish(world, 1_000)
    await publish(world, 0, now=NOW + timedelta(seconds=1))
    await is_owed(world, "b", P, 500)
    await settle(world, now=NOW + timedelta(seconds=2))
    assert await paid(superuser) == [(P, 1_000), (P, 500)]
    assert await reserves(world) == []
    assert await lines_of(superuser, "reserve.keep") == []
    assert await due(superuser) == []


async def test_a_partners_own_policy_goes_before_the_networks_and_the_newest_is_in_force(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, 500, partner_id=P)
    later = NOW + timedelta(seconds=1)
    await publish(world, 2_000, partner_id=P, hold_days=7, now=later)
    await publish(world, 1_000, now=later)
    await publish(world, 5_000, currency="KWD", now=later)
    await is_owed(world, "a", P, 1_000)
    await is_owed(world, "b", Q, 1_000)
    await settle(world, now=NOW + timedelta(seconds=2))
    assert [(one.partner_id, one.amount.minor) for one in await reserves(world)] == [
        (P, 200),
        (Q, 100),
    ]
    assert sorted(await paid(superuser)) == [(P, 800), (Q, 900)]
    days = [(one.release_at - one.withheld_at).days for one in await reserves(world)]
    assert days == [7, 30]


async def test_what_is_left_can_be_paid_as_the_whole_could(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, 1_000, currency="KWD")
    await is_owed(world, "a", P, 1_234, "KWD")
    await settle(world, "KWD")
    # A tenth of 1,230 is 123, of which 120 can be told from a payment that is a multiple of ten.
    assert [one.amount for one in await reserves(world)] == [money(120, "KWD")]
    assert await paid(superuser) == [(P, 1_110)]
    await assert_books_balance(superuser)


@given(
    st.integers(1, 10**12),
    st.sampled_from(sorted(CURRENCIES)),
    st.integers(0, 5_000),
)
def test_a_reserve_is_its_share_to_the_multiple_and_leaves_something_to_pay(
    minor: int, currency: str, share_bps: int
) -> None:
    paid_ = round_to_multiple(Money(minor, currency))
    policy = ReservePolicy(P, currency, None, share_bps, 30, OPERATOR, NOW)
    kept, multiple = policy.share_of(paid_), payout_multiple(currency)
    assert kept.minor % multiple == 0
    assert (paid_ - kept).minor % multiple == 0
    exact = paid_.minor * share_bps
    assert exact - multiple * 10_000 < kept.minor * 10_000 <= exact + 5_000
    assert (paid_ - kept).minor > 0 or not paid_


async def test_what_is_released_falls_into_the_cycle_of_its_day(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, 1_000)
    await owes(world, "a", P, 600)
    await is_owed(world, "b", P, 1_600)
    await settle(world)
    (one,) = await reserves(world)
    await publish(world, 0, now=NOW + timedelta(seconds=1))
    at = NOW + MONTH
    released = await release(world, one.reserve_id, at)
    assert released is not None
    assert (released.amount, released.released_at) == (money(100), at)
    assert await reserves(world) == [released]
    assert await lines_of(superuser, "reserve.release") == [
        ("partner_reserve", "0a", 100),
        ("settle_payable", "0a", -100),
    ]
    assert await lines_of(superuser, "reserve.carry") == [
        ("settle_payable", "0a", 100),
        ("partner_payable", "0a", -100),
    ]
    assert await stands(world, "settle_payable", "partner_reserve") == [900, 0]
    assert await due(superuser) == []
    await is_owed(world, "c", P, 7, now=at)
    (statement,) = await settle(world, now=at + timedelta(seconds=1))
    assert (statement.net, statement.payable) == (money(-107), money(107))
    async with world.reading(BOOK) as db:
        assert await sum_released(db, network_id=BOOK, statements=[statement]) == {
            statement.statement_id: money(100)
        }
    assert await paid(superuser) == [(P, 900), (P, 107)]
    await assert_books_balance(superuser)


async def test_a_reserve_is_not_released_before_its_time_nor_twice(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, 1_000)
    await is_owed(world, "a", P, 1_000)
    await settle(world)
    (one,) = await reserves(world)
    assert await release(world, one.reserve_id, NOW + MONTH - timedelta(microseconds=1)) is None
    assert await reserves(world) == [one]
    assert await stands(world, "partner_reserve", "partner_payable") == [100, 0]
    assert await due(superuser) == [(one.reserve_id, NOW + MONTH)]
    made = await asyncio.gather(*(release(world, one.reserve_id, NOW + MONTH) for _ in range(4)))
    assert [found.amount for found in made if found is not None] == [money(100)]
    assert await release(world, one.reserve_id, NOW + 2 * MONTH) is None
    assert await release(world, UUID(int=9), NOW + MONTH) is None
    assert len(await lines_of(superuser, "reserve.release")) == 2
    assert await stands(world, "partner_reserve", "partner_payable") == [0, 100]
    assert await due(superuser) == []


async def test_an_approval_that_is_refused_holds_nothing_back(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, 1_000)
    await is_owed(world, "a", P, 1_000)
    async with world.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
        )
    await superuser.execute(text("UPDATE payouts.statement SET payable = payable + 1"))
    await superuser.execute(text("UPDATE payouts.statement SET content_hash = 'x'"))
    with pytest.raises(StatementAltered):
        async with world.writing(BOOK) as db:
            await approve_settlement_cycle(
                db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=NOW
            )
    assert await reserves(world) == []
    assert await stands(world, "partner_reserve", "partner_payable") == [0, 1_000]
    assert await due(superuser) == []


@pytest.mark.parametrize(
    ("share_bps", "hold_days", "path"),
    [
        (-1, 30, "share_bps"),
        (5_001, 30, "share_bps"),
        (100, 0, "hold_days"),
        (100, 3_651, "hold_days"),
    ],
)
async def test_a_policy_that_cannot_be_is_refused(
    world: Database, superuser: AsyncConnection, share_bps: int, hold_days: int, path: str
) -> None:
    with pytest.raises(ReservePolicyInvalid) as refused:
        await publish(world, share_bps, hold_days=hold_days)
    assert refused.value.path == (path,)
    count = await superuser.execute(text("SELECT count(*) FROM payouts.reserve_policy"))
    assert count.scalar_one() == 0


async def test_the_database_lets_no_policy_or_amount_change(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, 1_000)
    await is_owed(world, "a", P, 1_000)
    await settle(world)
    for change in (
        "UPDATE payouts.reserve_policy SET share_bps = 1",
        "DELETE FROM payouts.reserve_policy",
        "UPDATE payouts.reserve SET amount = 1",
        "DELETE FROM payouts.reserve",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with world.writing(BOOK) as db:
                await db.execute(text(change))
    with pytest.raises(IntegrityError, match="reserve_in_time"):
        async with world.writing(BOOK) as db:
            await db.execute(
                text(
                    "UPDATE payouts.reserve SET released_at = withheld_at,"
                    " released_by_journal = reserve_id"
                )
            )
    assert [one.amount for one in await reserves(world)] == [money(100)]
