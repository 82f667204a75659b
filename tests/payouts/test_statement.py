"""Statements that pass SQLAlchemy by: values by name, and the driver's errors as everybody's."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
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


_LISTS = Statement(
    text(
        "SELECT CAST(:ids AS uuid[]) AS ids, CAST(:large AS bigint[]) AS large,"
        " CAST(:small AS smallint[]) AS small, CAST(:told AS text[]) AS told, :at AS at,"
        " CAST(:open AS boolean[]) AS open,"
        " cardinality(CAST(:ids AS uuid[])) AS count"
    ).bindparams(bindparam("at", type_=ARRAY(DateTime(timezone=True))))
)

_NOTHING: dict[str, list[object]] = {
    "ids": [],
    "large": [],
    "small": [],
    "told": [],
    "at": [],
    "open": [],
}


@pytest.mark.parametrize(
    "values",
    [
        _NOTHING,
        {
            "ids": [UUID(int=0), None, UUID(int=2**128 - 1)],
            "large": [2**63 - 1, -(2**63), 0, None],
            "small": [-1, None],
            "told": ["a,b", '"', "{}", "\\", '\\"', "NULL", "", " ", "\n", "ق", None],
            "at": [
                datetime(1, 1, 1, tzinfo=UTC),
                None,
                datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            ],
            "open": [True, None, False],
        },
    ],
)
async def test_arrays_arrive_as_they_were(
    database: Database, values: dict[str, list[object]]
) -> None:
    async with database.reading(0) as db:
        [row] = await _LISTS.rows(db, values)
    assert {name: row[name] for name in values} == values
    assert row["count"] == len(values["ids"])


async def test_an_instant_is_the_same_in_any_zone(database: Database) -> None:
    given = datetime(2026, 3, 15, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=3, minutes=30)))
    async with database.reading(0) as db:
        [row] = await _LISTS.rows(db, {**_NOTHING, "at": [given]})
    assert row["at"] == [datetime(2026, 3, 15, 8, 30, 0, 1, tzinfo=UTC)]


@pytest.mark.parametrize(("name", "value"), [("large", 2**63), ("small", 2**15)])
async def test_a_number_that_does_not_fit_is_refused(
    database: Database, name: str, value: int
) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.writing(0) as db:
            await _LISTS.rows(db, {**_NOTHING, name: [value]})
    assert getattr(caught.value.orig, "sqlstate", None) == "22003"


@pytest.mark.parametrize(
    ("name", "value"), [("large", "1,2"), ("ids", "00,11"), ("at", "2026-01-01")]
)
async def test_text_never_passes_for_another_element(
    database: Database, name: str, value: str
) -> None:
    with pytest.raises((ValueError, AttributeError)):
        async with database.reading(0) as db:
            await _LISTS.rows(db, {**_NOTHING, name: [value]})


_ROWS = Statement(
    text(
        """
    SELECT given.item, given.id, given.amount, given.name, given.at, given.note,
        ARRAY(SELECT s.part FROM unnest(CAST(:of AS uuid[]), CAST(:part AS smallint[]))
          AS s (of, part) WHERE s.of = given.id ORDER BY s.part) AS parts
      FROM unnest(CAST(:id AS uuid[]), CAST(:amount AS bigint[]), CAST(:name AS text[]),
        CAST(:at AS timestamptz[]), CAST(:note AS jsonb[])) WITH ORDINALITY
        AS given (id, amount, name, at, note, item)
      ORDER BY given.item
    """
    )
)
_AT = datetime(2026, 3, 15, 12, 0, 0, 1, tzinfo=UTC)
_GIVEN = [
    (UUID(int=1), 2**63 - 1, 'a,"b"\\', _AT, '{"a": [1]}'),
    (UUID(int=2), None, None, None, None),
    (UUID(int=3), -1, "", _AT, "[]"),
]
_PARTS = [(UUID(int=1), 3), (UUID(int=1), 4), (UUID(int=2), None)]


@pytest.mark.parametrize("parts", [0, 1, 3])
@pytest.mark.parametrize("rows", [0, 1, 2, 3])
@pytest.mark.parametrize("skipped", [0, 1])
async def test_rows_are_the_same_however_many_they_are(
    database: Database, rows: int, parts: int, skipped: int
) -> None:
    given, own = _GIVEN[skipped:][:rows], _PARTS[:parts]
    values = {
        name: [row[place] for row in given]
        for place, name in enumerate(("id", "amount", "name", "at", "note"))
    }
    async with database.reading(0) as db:
        found = await _ROWS.rows(
            db, {**values, "of": [one for one, _ in own], "part": [part for _, part in own]}
        )
    assert [tuple(row) for row in found] == [
        (
            item,
            *row[:-1],
            row[-1] and json.loads(row[-1]),
            [part for one, part in own if one == row[0]],
        )
        for item, row in enumerate(given, 1)
    ]


async def test_a_row_is_never_cut_from_longer_lists(database: Database) -> None:
    values = {name: [None] for name in ("amount", "name", "at", "note")}
    with pytest.raises(ValueError, match="too many values"):
        async with database.reading(0) as db:
            await _ROWS.rows(
                db, {**values, "id": [UUID(int=1)], "amount": [1, 2], "of": [], "part": []}
            )
