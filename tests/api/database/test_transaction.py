"""The one helper that opens transactions binds the network and leaves nothing behind."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from api.database.transaction import Database, Scope, opening


async def _context(database: Database, network_id: int) -> tuple[str | None, int]:
    async with database.reading(network_id) as db:
        row = await db.execute(
            text("SELECT current_setting('app.network_id', true), pg_backend_pid()")
        )
        setting, pid = row.one()
    return setting, pid


async def test_transaction_is_bound_to_its_network_alone(database: Database) -> None:
    found = await asyncio.gather(*(_context(database, 1 + number % 50) for number in range(400)))
    assert [setting for setting, _ in found] == [str(1 + number % 50) for number in range(400)]
    assert len({pid for _, pid in found}) <= 16


async def test_nothing_of_a_transaction_outlives_it(database: Database) -> None:
    await _context(database, 5)
    async with database.engine.connect() as bare:
        setting = await bare.execute(text("SELECT current_setting('app.network_id', true)"))
        assert setting.scalar() in (None, "")


async def test_failed_block_is_rolled_back_and_its_connection_is_clean(
    database: Database,
) -> None:
    async def fail() -> None:
        async with database.writing(5) as db:
            await db.execute(text("SELECT 1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.engine.connect() as bare:
        driver = (await bare.get_raw_connection()).driver_connection
        assert driver is not None
        assert not driver.is_in_transaction()


async def test_cancelled_block_leaves_no_transaction_open(
    database: Database, superuser: object
) -> None:
    async def sleep() -> None:
        async with database.writing(5) as db:
            await db.execute(text("SELECT pg_sleep(5)"))

    tasks = [asyncio.create_task(sleep()) for _ in range(8)]
    await asyncio.sleep(0.3)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result).__name__ for result in results] == ["CancelledError"] * 8
    found = await asyncio.gather(*(_context(database, 9) for _ in range(32)))
    assert {setting for setting, _ in found} == {"9"}


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match="read-only"):
        async with database.reading(5) as db:
            await db.execute(
                text("INSERT INTO payouts.due VALUES (1, 'x', :id, now())"), {"id": uuid4()}
            )


@pytest.mark.parametrize("network_id", [-1, 2**63, True, "1", "1'; DROP TABLE x; --", None, 1.0])
def test_network_is_a_whole_number(network_id: object) -> None:
    with pytest.raises(ValueError, match="network id"):
        opening("BEGIN", network_id, Scope(), None)  # type: ignore[arg-type]


def test_scope_is_text_that_nobody_wrote() -> None:
    owner = uuid4()
    statement = opening("BEGIN", 7, Scope("member", owner), "mizan_app")
    assert statement.startswith("BEGIN; SET LOCAL ROLE mizan_app; SET LOCAL app.network_id = '7'; ")
    assert f"SET LOCAL app.scope = 'member'; SET LOCAL app.scope_id = '{owner}'" in statement
    with pytest.raises(ValueError, match="owner"):
        Scope("member")
    with pytest.raises(ValueError, match="unknown"):
        Scope("everything", owner)


async def test_a_batch_is_bound_to_one_network_after_the_other(database: Database) -> None:
    seen = []
    async with database.batching(7) as batch:
        for network_id in (7, 8, 8, 9):
            db = await batch.enter(network_id)
            row = await db.execute(text("SELECT current_setting('app.network_id')"))
            seen.append(row.scalar_one())
        for wrong in (-1, 2**63, True, "9", "9'; SET ROLE postgres; --"):
            with pytest.raises(ValueError, match="network id"):
                await batch.enter(wrong)  # type: ignore[arg-type]
    assert seen == ["7", "8", "8", "9"]
    async with database.engine.connect() as db:
        row = await db.execute(
            text(
                "SELECT current_setting('app.network_id', true), current_setting('enable_seqscan')"
            )
        )
        assert row.one()[1] == "on"


async def test_a_load_gives_its_connection_up(database: Database) -> None:
    async def backend(transaction) -> int:
        async with transaction as db:
            return (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()

    kept = await backend(database.writing(7))
    loaded = await backend(database.loading(7))
    assert loaded == kept  # it was taken from the pool, and is not put back
    assert await backend(database.writing(7)) != loaded
