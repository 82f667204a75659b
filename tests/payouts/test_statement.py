"""Statements that pass SQLAlchemy by: values by name, and the driver's errors as everybody's."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.database.transaction import Database
from payouts.statement import Statement

_DIVIDE = Statement(text("SELECT CAST(:a AS int) / CAST(:b AS int) AS part, CAST(:a AS int) AS a"))


async def test_values_are_bound_by_name_wherever_they_stand(database: Database) -> None:
    async with database.reading(0) as db:
        rows = await _DIVIDE.rows(db, {"b": 3, "a": 12, "unused": "x"})
    assert [(row["part"], row["a"]) for row in rows] == [(4, 12)]


async def test_an_error_of_the_database_is_told_as_ever(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.writing(0) as db:
            await _DIVIDE.rows(db, {"a": 1, "b": 0})
    assert getattr(caught.value.orig, "sqlstate", None) == "22012"
    async with database.reading(0) as db:
        assert len(await _DIVIDE.rows(db, {"a": 1, "b": 1})) == 1
