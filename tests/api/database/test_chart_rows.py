"""Every database has the whole chart of accounts, whenever it was made."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.database.migrate import migrate
from payouts.ledger import CHART
from tests.api.database.earlier import database_before

FIRST, BEFORE, FLOORED = 28, "0008", "0012"
ROWS = "SELECT type, gl_code, class, normal, floor, mode, owner_kind FROM payouts.account_type"


@pytest.fixture
async def earlier(cluster: Cluster) -> AsyncIterator[tuple[str, AsyncConnection]]:
    """A database with the first chart only: its address, and a superuser's connection."""
    async with database_before(cluster, BEFORE) as made:
        yield made


def charted() -> set[tuple[object, ...]]:
    return {
        (one.name, one.gl_code, one.account_class, one.normal, one.floor, one.mode, one.owner_kind)
        for one in CHART.values()
    }


async def rows(db: AsyncConnection) -> set[tuple[object, ...]]:
    return {tuple(row) for row in await db.execute(text(ROWS))}


async def test_a_new_database_has_the_whole_chart(superuser: AsyncConnection) -> None:
    assert await rows(superuser) == charted()


async def test_an_earlier_database_gets_the_accounts_it_lacks(
    earlier: tuple[str, AsyncConnection],
) -> None:
    url, db = earlier
    first = await rows(db)
    assert len(first) == FIRST
    assert {row for row in first if row[0] != "supplier_prefund"} < charted()
    # As if somebody had inserted one of them already.
    one = CHART["retained"]
    await db.execute(
        text(
            "INSERT INTO payouts.account_type (type, gl_code, class, normal, floor, mode,"
            f" owner_kind) VALUES ('retained', '{one.gl_code}', 'equity', -1, 'none', 'append',"
            " 'platform')"
        )
    )
    await migrate(url, login=True, to=FLOORED)
    later = {"partner_contested", "settlement_concession", "order_loss"}
    assert {row[0] for row in await rows(db)} == set(CHART) - later
    await migrate(url, login=True)
    assert await rows(db) == charted()


def test_the_chart_is_in_the_order_of_its_numbers_and_names_nothing_twice() -> None:
    numbers = [one.gl_code for one in CHART.values()]
    assert numbers == sorted(set(numbers))
    sides = {one.account_class: one.normal for one in CHART.values()}
    assert sides == {
        "asset": 1,
        "liability": -1,
        "contra_liability": 1,
        "equity": -1,
        "revenue": -1,
        "expense": 1,
        "memo_debit": 1,
        "memo_credit": -1,
    }
