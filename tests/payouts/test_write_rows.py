"""Many rows are one statement, and each value arrives as it was."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from payouts.write_rows import write_rows

thing = Table(
    "thing",
    MetaData(),
    Column("network_id", BigInteger, nullable=False),
    Column("thing_id", Uuid, primary_key=True),
    Column("name", Text),
    Column("currency", String(3)),
    Column("tags", ARRAY(Text)),
    Column("rate", Numeric(30, 12)),
    Column("note", JSONB),
    Column("count", Integer),
    Column("is_open", Boolean),
)
ODD = 'a "quoted" \\ {comma,} and ق\n'
ROWS = [
    {
        "network_id": 7,
        "thing_id": UUID(int=1),
        "name": ODD,
        "currency": "SAR",
        "tags": [ODD, "NULL", ""],
        "rate": Decimal("0.000000000001"),
        "note": {"text": ODD, "list": [1, None]},
        "count": -3,
        "is_open": True,
    },
    {
        "network_id": 7,
        "thing_id": UUID(int=2),
        "name": None,
        "currency": None,
        "tags": [],
        "rate": Decimal("123456789012345678.5"),
        "note": [],
        "count": 2**31 - 1,
        "is_open": False,
    },
    {
        "network_id": 7,
        "thing_id": UUID(int=3),
        "name": "",
        "currency": "AED",
        "tags": None,
        "rate": None,
        "note": None,
        "count": None,
        "is_open": None,
    },
]


@pytest.fixture
async def table(superuser) -> Table:
    await superuser.run_sync(thing.metadata.create_all)
    return thing


async def read(superuser) -> list[dict[str, object]]:
    rows = await superuser.execute(select(*thing.c).order_by(thing.c.thing_id))
    return [dict(row._mapping) for row in rows]


async def test_every_kind_of_value_arrives_as_it_was(superuser, table) -> None:
    await write_rows(superuser, table, network_id=7, rows=ROWS)

    assert await read(superuser) == ROWS


async def test_columns_that_no_row_names_get_their_defaults(superuser, table) -> None:
    await write_rows(
        superuser, table, network_id=7, rows=[{"network_id": 7, "thing_id": UUID(int=9)}]
    )

    [row] = await read(superuser)
    assert {name for name, value in row.items() if value is not None} == {"network_id", "thing_id"}


async def test_one_bad_row_writes_none_of_them(superuser, table) -> None:
    with pytest.raises(DBAPIError, match="thing_pkey"):
        await write_rows(superuser, table, network_id=7, rows=[*ROWS, ROWS[0]])

    assert await read(superuser) == []


async def test_rows_of_another_network_are_not_taken(superuser, table) -> None:
    with pytest.raises(AssertionError):
        await write_rows(superuser, table, network_id=8, rows=ROWS)
    await write_rows(superuser, table, network_id=8, rows=[])

    assert await read(superuser) == []
