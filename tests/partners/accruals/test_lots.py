"""Each unit a member has knows its accrual, its funder and its end, through all that happens."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import AccrualState
from payouts.ledger import Cause, list_lots_of
from tests.conftest import NOW
from tests.partners.accruals.world import EXPIRED, broken, open_store
from tests.partners.purchases.world import CONFIRMED


async def test_pending_value_is_one_lot_for_each_funder_and_keeps_its_terms(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.buy()
    accrual = await store.accrual(bought)
    assert await store.lots("member_pending") == [("grocery", 300), ("hotel", 200)]
    await store.confirm()
    assert await store.lots("member_pending") == []
    async with database.reading(store.network_id) as db:
        lots = await list_lots_of(
            db, network_id=store.network_id, account=store.account(), limit=100
        )
    assert [
        (one.amount.minor, one.funder, one.origin, one.earned_at, one.expires_at, one.lapses_to)
        for one in lots
    ] == [
        (
            amount,
            f"partner:{partner_id}",
            Cause("accrual", str(accrual.accrual_id)),
            NOW,
            EXPIRED,
            "network",
        )
        for amount, partner_id in ((300, store.partner_id), (200, store.hotel_id))
    ]
    assert all(one.from_lot_id is not None for one in lots)
    assert await broken(superuser, CONFIRMED) == {}


async def test_return_while_pending_takes_from_every_funders_lot(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.buy()
    await store.buy(10_000, "p-2")
    await store.give_back(bought, 4_000)
    pending = await store.lots("member_pending")
    assert sorted(pending) == [("grocery", 180), ("grocery", 300), ("hotel", 120), ("hotel", 200)]
    await store.confirm()
    available = await store.lots()
    assert sorted(available) == [("grocery", 180), ("grocery", 300), ("hotel", 120), ("hotel", 200)]
    assert await broken(superuser, CONFIRMED) == {}


async def test_odd_amounts_come_back_exactly_however_they_are_split(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.buy(9_997)  # 499.85, so 500: 300 and 200
    for number, part in enumerate((3_333, 1, 2_221)):
        await store.give_back(bought, part, f"r-{number}")
    # 5,555 of 9,997 is 277.83 of 500, so 278 came back: 167 and 111.
    assert await store.lots("member_pending") == [("grocery", 133), ("hotel", 89)]
    await store.confirm()
    await store.give_back(bought, 9_997 - 5_555, "rest", now=CONFIRMED)
    assert await store.lots() == []
    assert await store.wallet() == (0, 0, 0)
    assert await broken(superuser, CONFIRMED) == {}


async def test_return_takes_the_lots_of_its_own_accrual_not_the_soonest(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    await store.grant(1_000, CONFIRMED + timedelta(days=1))
    bought = await store.earn()
    assert await store.lots() == [("network", 1_000), ("grocery", 300), ("hotel", 200)]
    await store.give_back(bought, 4_000, now=CONFIRMED)
    assert await store.lots() == [("network", 1_000), ("grocery", 180), ("hotel", 120)]
    assert await broken(superuser, CONFIRMED) == {}


async def test_return_of_what_was_spent_takes_other_value_then_makes_a_debt(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    first = await store.earn()
    await store.grant(120, None)
    await store.use(450)  # 300 of the grocery, 150 of the hotel
    assert await store.lots() == [("hotel", 50), ("network", 120)]
    back = await store.give_back(first, 10_000, now=CONFIRMED)
    # 500 came back: the hotel's 50 that were left, 120 of the gift, and 330 are owed.
    assert back.debt.minor == 330
    assert await store.lots() == []
    assert await store.wallet() == (0, 0, 330)
    second = await store.buy(10_000, "p-2")
    await store.confirm()
    assert (await store.accrual(second)).debt_offset.minor == 330
    assert await store.lots() == [("grocery", 170)]  # the last of it paid the debt
    assert await store.wallet() == (170, 0, 0)
    assert await broken(superuser, CONFIRMED) == {}


async def test_spending_takes_the_soonest_end_first_and_none_at_all_last(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    await store.grant(100, None, "for ever")
    await store.grant(100, EXPIRED + timedelta(days=1), "late")
    await store.earn()
    assert [amount for _, amount in await store.lots()] == [300, 200, 100, 100]
    await store.use(550)
    assert await store.lots() == [("network", 50), ("network", 100)]
    assert await broken(superuser, CONFIRMED) == {}


async def test_what_comes_back_comes_to_the_very_lots_the_last_used_first(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    await store.earn()
    spent = await store.use(400)
    assert await store.lots() == [("hotel", 100)]
    await store.undo(150, spent, CONFIRMED, "some")
    assert await store.lots() == [("grocery", 50), ("hotel", 200)]
    await store.undo(250, spent, CONFIRMED, "rest")
    assert await store.lots() == [("grocery", 300), ("hotel", 200)]
    assert await broken(superuser, CONFIRMED) == {}


async def test_value_passed_on_keeps_origin_funder_and_end(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.earn()
    friend = await store.other_member()
    await store.give(250, friend)
    await store.give(100, friend)
    assert await store.lots() == [("hotel", 150)]
    assert await store.lots(owner=friend) == [("grocery", 250), ("grocery", 50), ("hotel", 50)]
    assert await store.expire(EXPIRED - timedelta(seconds=1)) == 0
    assert [await store.expire(limit=2) for _ in range(3)] == [2, 2, 0]
    assert await store.lots(owner=friend) == []
    assert await store.has("member_available", friend) == 0
    assert await store.has("breakage_cashback", "-") == 500
    assert (await store.accrual(bought)).state is AccrualState.EXPIRED
    assert await broken(superuser) == {}
