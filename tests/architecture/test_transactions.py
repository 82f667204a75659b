"""What a transaction binds ends with it, for hundreds of networks over a handful of sessions."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.database.transaction import Database, Scope
from payouts.money import new_id
from tests.conftest import NOW

NETWORKS = 300
_BOUND = text(
    "SELECT current_setting('app.network_id', true), current_setting('app.scope', true),"
    " current_setting('app.scope_id', true)"
)


async def test_nothing_of_one_network_is_left_for_the_next(database: Database) -> None:
    async def visit(network_id: int) -> tuple[object, ...]:
        owner = new_id(NOW)
        async with database.reading(network_id, Scope("member", owner)) as db:
            row = tuple((await db.execute(_BOUND)).one())
        assert row == (str(network_id), "member", str(owner))
        async with database.writing(network_id) as db:
            return tuple((await db.execute(_BOUND)).one())

    seen = await asyncio.gather(*(visit(number) for number in range(1, NETWORKS + 1)))

    assert [row[0] for row in seen] == [str(number) for number in range(1, NETWORKS + 1)]
    assert {row[1:] for row in seen} <= {("", ""), (None, None)}


async def test_no_session_keeps_a_binding_or_a_prepared_set(database: Database) -> None:
    async def visit(network_id: int) -> None:
        async with database.writing(network_id) as db:
            await db.execute(_BOUND)

    await asyncio.gather(*(visit(number) for number in range(1, NETWORKS + 1)))
    held: list[tuple[str, Any]] = []
    async with database.engine.connect() as one, database.engine.connect() as two:
        for session in (one, two):
            bound = tuple((await session.execute(_BOUND)).one())
            assert set(bound) <= {"", None}
            rows = await session.execute(text("SELECT statement FROM pg_prepared_statements"))
            held += [(row.statement, session) for row in rows]

    assert held
    assert [s for s, _ in held if s.lstrip().upper().startswith(("SET", "BEGIN", "COMMIT"))] == []


async def test_an_error_ends_the_binding_as_well(database: Database) -> None:
    for number in range(1, 20):
        with pytest.raises(DBAPIError, match="division by zero"):
            await _divide_by_zero(database, number)
    async with database.engine.connect() as session:
        assert set((await session.execute(_BOUND)).one()) <= {"", None}


async def _divide_by_zero(database: Database, network_id: int) -> None:
    async with database.writing(network_id) as db:
        await db.execute(text("SELECT 1 / 0"))
