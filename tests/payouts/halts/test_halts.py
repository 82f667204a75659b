"""A halt is opened once for a broken promise, stops its network, and is lifted by a recorded act."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.audit import is_halted
from payouts.halts import (
    ALL_NETWORKS,
    Halted,
    HaltIsLifted,
    HaltNotFound,
    lift_halt,
    list_halts,
    open_halt,
    refuse_halted,
)
from tests.conftest import NOW
from tests.payouts.halts.acts import halt, lift_all, opened

LATER = NOW + timedelta(minutes=5)


async def stands(database: Database, network_id: int) -> bool:
    async with database.reading(network_id) as db:
        return await is_halted(db, network_id=network_id)


async def test_a_halt_stops_its_network_and_no_other(database: Database) -> None:
    made = await halt(database, 7)
    assert (made.network_id, made.invariant, made.breaches) == (7, "balance_floors", 2)
    assert [await stands(database, number) for number in (7, 8)] == [True, False]
    async with database.reading(7) as db:
        with pytest.raises(Halted) as refused:
            await refuse_halted(db, network_id=7)
    assert refused.value.retryable
    async with database.reading(8) as db:
        await refuse_halted(db, network_id=8)


async def test_a_halt_of_the_platform_stops_every_network(database: Database) -> None:
    await halt(database, ALL_NETWORKS)
    assert [await stands(database, number) for number in (0, 7, 8)] == [True, True, True]


async def test_a_breach_found_again_makes_no_second_halt(database: Database) -> None:
    made = await halt(database, 7)
    for breaches in (9, 3):
        async with database.writing(0) as db:
            assert await _open(db, breaches) is None
    (found,) = await opened(database)
    assert (found.halt_id, found.breaches, found.opened_at) == (made.halt_id, 9, NOW)


async def _open(db: AsyncConnection, breaches: int) -> object:
    return await open_halt(
        db, network_id=7, invariant="balance_floors", breaches=breaches, now=LATER
    )


async def test_two_workers_at_once_open_one_halt(database: Database) -> None:
    async def find() -> object:
        async with database.writing(0) as db:
            return await _open(db, 1)

    made = await asyncio.gather(*(find() for _ in range(8)))
    assert [one is not None for one in made].count(True) == 1
    assert len(await opened(database)) == 1


async def test_lifting_records_who_when_and_why_and_a_later_breach_halts_anew(
    database: Database,
) -> None:
    made = await halt(database, 7)
    async with database.writing(7) as db:
        lifted = await lift_halt(
            db, network_id=7, halt_id=made.halt_id, actor="staff:said", reason="why", now=LATER
        )
    assert (lifted.lifted_at, lifted.lifted_by, lifted.reason) == (LATER, "staff:said", "why")
    assert not lifted.is_open
    assert not await stands(database, 7)
    again = await halt(database, 7)
    assert again.halt_id != made.halt_id
    assert await stands(database, 7)
    async with database.reading(7) as db:
        told = {
            is_open: [
                one.halt_id for one in await list_halts(db, network_id=7, is_open=is_open, limit=9)
            ]
            for is_open in (True, False, None)
        }
    assert told[True] == [again.halt_id]
    assert told[False] == [made.halt_id]
    assert set(told[None]) == {again.halt_id, made.halt_id}


async def test_what_cannot_be_lifted_is_refused_and_changes_nothing(database: Database) -> None:
    own, all_networks = await halt(database, 7), await halt(database, ALL_NETWORKS)
    lifting: dict[str, Any] = {"actor": "staff:said", "reason": "why", "now": LATER}
    for network_id, halt_id in ((8, own.halt_id), (7, all_networks.halt_id)):
        async with database.writing(network_id) as db:
            with pytest.raises(HaltNotFound):
                await lift_halt(db, network_id=network_id, halt_id=halt_id, **lifting)
    assert len(await opened(database)) == 2
    await lift_all(database)
    async with database.writing(7) as db:
        with pytest.raises(HaltIsLifted):
            await lift_halt(db, network_id=7, halt_id=own.halt_id, **lifting)
    async with database.reading(7) as db:
        (found,) = [one for one in await list_halts(db, network_id=7, limit=9) if one.network_id]
    assert (found.reason, found.lifted_at) == ("mended", NOW)


async def test_the_record_of_a_halt_cannot_be_removed_or_left_without_a_name(
    database: Database,
) -> None:
    await halt(database, 7)
    for statement, reason in (
        ("DELETE FROM payouts.halt", "permission denied"),
        ("UPDATE payouts.halt SET invariant = 'other'", "permission denied"),
        ("UPDATE payouts.halt SET lifted_at = now()", "halt_lifted_by_somebody"),
    ):
        async with database.engine.connect() as db:
            with pytest.raises(DBAPIError, match=reason):
                await db.execute(text(statement))
