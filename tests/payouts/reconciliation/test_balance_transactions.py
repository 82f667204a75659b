"""The provider's stream of movements goes to the books of the right networks, each once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import Clock
from api.database.transaction import PLATFORM_NETWORK_ID, Database
from api.worker.jobs.balance_transactions import (
    place_transaction,
    run_balance_transactions,
    sweep_balance_transactions,
)
from api.worker.jobs.sealing import run_sealing
from api.worker.world import World
from payouts.reconciliation import list_waiting
from tests.graphql_client import TestClock
from tests.payouts.rails.stripe_double import StripeDouble, running_double
from tests.payouts.reconciliation.world import (
    BOOK,
    counts,
    items,
    opened,
    payout_ordered,
    sar,
    standing,
)

OTHER = 8


@pytest.fixture
async def double(tmp_path: Path) -> AsyncIterator[StripeDouble]:
    async with running_double(tmp_path / "stripe") as running:
        yield running


@pytest.fixture
async def world(database: Database, double: StripeDouble) -> World:
    await opened(database)
    return World(database, double.rail, TestClock(Clock().now()))


async def sent(double: StripeDouble, key: str, minor: int, **metadata: str) -> str:
    payee = await double.onboarded(f"account-{key}")
    made = await double.rail.create_transfer(
        key=key, amount=sar(minor), destination=payee, transfer_group=key, metadata=metadata
    )
    return made.id


async def unplaced(superuser: AsyncConnection) -> int:
    return (await counts(superuser))["unplaced_transaction"]


async def test_the_same_pages_twice_book_once_and_two_readers_at_once_book_once(
    world: World, double: StripeDouble, superuser: AsyncConnection
) -> None:
    await double.control("fund", amount=50_000, currency="sar")
    await payout_ordered(superuser, await sent(double, "k1", 3_000), minor=3_000)
    await payout_ordered(superuser, await sent(double, "k2", 1_000), minor=1_000)
    booked = await asyncio.gather(*(run_balance_transactions(world, 0) for _ in range(4)))
    assert sum(booked) == 3
    assert await run_balance_transactions(world, 0) == 0
    assert await standing(world.database) == {
        "stripe_balance": 46_000,
        "member_payout_clearing": 4_000,
        "suspense": -50_000,
    }
    assert sorted(one[1] for one in await items(superuser)) == ["matched", "matched", "unexpected"]
    state = await double.state()
    assert state["balances"]["platform"]["sar"]["available"] == 46_000


async def test_each_network_gets_its_own_movements_and_the_rest_waits_without_amounts(
    world: World, double: StripeDouble, superuser: AsyncConnection
) -> None:
    await opened(world.database, OTHER)
    await double.control("fund", amount=50_000, currency="sar")
    await payout_ordered(superuser, await sent(double, "k1", 3_000), minor=3_000)
    other = await sent(double, "k2", 1_000)
    await payout_ordered(superuser, other, minor=1_000, network_id=OTHER)
    assert await run_balance_transactions(world, 0) == 2
    assert await standing(world.database) == {
        "stripe_balance": -3_000,
        "member_payout_clearing": 3_000,
    }
    assert await standing(world.database, OTHER) == {
        "stripe_balance": -1_000,
        "member_payout_clearing": 1_000,
    }
    assert await unplaced(superuser) == 1
    waiting = await superuser.execute(
        text("SELECT transaction_id FROM payouts.unplaced_transaction WHERE type = 'topup'")
    )
    assert await run_balance_transactions(world, 0) == 0
    assert await place_transaction(world, OTHER, waiting.scalar_one())
    assert not await place_transaction(world, OTHER, "txn_of_nobody")
    assert await run_balance_transactions(world, 0) == 1
    assert await unplaced(superuser) == 0
    assert (await standing(world.database, OTHER))["suspense"] == -50_000


async def test_a_transfer_of_ours_waits_for_its_record_and_then_clears_its_payout(
    world: World, double: StripeDouble, superuser: AsyncConnection
) -> None:
    await double.control("fund", amount=50_000, currency="sar")
    await run_balance_transactions(world, 0)
    transfer = await sent(double, "k1", 3_000, network=str(BOOK))
    assert await run_balance_transactions(world, 0) == 0
    assert await unplaced(superuser) == 1
    await payout_ordered(superuser, transfer, minor=3_000)
    assert await run_balance_transactions(world, 0) == 1
    assert await unplaced(superuser) == 0
    assert (await standing(world.database))["member_payout_clearing"] == 3_000


async def test_a_transfer_never_recorded_becomes_an_item_after_the_grace(
    world: World, double: StripeDouble, superuser: AsyncConnection
) -> None:
    await double.control("fund", amount=50_000, currency="sar")
    await sent(double, "k1", 3_000, network=str(BOOK))
    assert await run_balance_transactions(world, 0) == 1
    assert isinstance(world.clock, TestClock)
    world.clock.set(world.clock.now() + timedelta(hours=1, minutes=1))
    assert await run_balance_transactions(world, 0) == 1
    assert await standing(world.database) == {"stripe_balance": 47_000, "suspense": -47_000}
    assert await unplaced(superuser) == 0


async def test_sealing_gives_every_committed_journal_its_place(
    world: World, double: StripeDouble
) -> None:
    await double.control("fund", amount=50_000, currency="sar")
    await run_balance_transactions(world, 0)
    assert await run_sealing(world, BOOK) == 1
    assert await run_sealing(world, BOOK) == 0


async def lie_about_the_next(double: StripeDouble, minor: int, **fields: object) -> str:
    booked = await double.control("stray", currency="sar", amount=minor)
    await double.control(
        "faults", operation="list_balance_transactions", kind="wrong_answer", fields=fields
    )
    return str(booked["id"])


@pytest.mark.parametrize(
    "fields",
    [{"currency": "zzz"}, {"amount": 1.5}, {"net": 1}, {"fee": None}, {"amount": 10**30}],
    ids=str,
)
async def test_a_movement_that_cannot_be_read_waits_and_holds_nothing_up(
    world: World, double: StripeDouble, superuser: AsyncConnection, fields: dict[str, object]
) -> None:
    key = await lie_about_the_next(double, -4_200, **fields)
    assert await run_balance_transactions(world, 0) == 0
    assert (await counts(superuser))["provider_transaction"] == 0
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        (waiting,) = await list_waiting(db)
    assert (waiting.transaction_id, waiting.type) == (key, "unreadable: adjustment")
    assert await run_balance_transactions(world, 0) == 1
    assert await unplaced(superuser) == 0
    assert await items(superuser) == [("provider", "unexpected", "nobody_ordered_it", -4_200)]
    assert await run_balance_transactions(world, 0) == 0


async def test_a_page_that_ends_with_what_cannot_be_read_is_not_the_last(
    world: World, double: StripeDouble, superuser: AsyncConnection
) -> None:
    for _ in range(101):
        await double.control("stray", currency="sar", amount=-1)
    await double.control(
        "faults",
        operation="list_balance_transactions",
        kind="wrong_answer",
        fields={"currency": "zzz"},
    )
    assert await run_balance_transactions(world, 0) == 1
    assert await unplaced(superuser) == 100
    await sweep_balance_transactions(world, 0)
    assert await unplaced(superuser) == 0
    assert (await counts(superuser))["provider_transaction"] == 101
