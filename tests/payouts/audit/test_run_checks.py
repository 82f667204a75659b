"""Every invariant holds in a sound world, and one planted breach is named by that one alone."""

import json
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.cli.check import check
from api.database.cluster import Cluster
from api.database.engine import Addresses, open_engine
from api.database.transaction import Database
from payouts.audit import CheckResult, run_checks
from payouts.audit.model import invariants
from tests.conftest import NOW
from tests.payouts.audit.plants import COMPANY, PLANTS
from tests.payouts.audit.world import LATER, build

NAMES = [one.name for one in invariants()]


@pytest.fixture(scope="module")
async def sound(cluster: Cluster, template: str) -> AsyncIterator[str]:
    """One sound world for all plants, each of which is rolled back."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine = open_engine(cluster.url(user="mizan_app", database=name), pool_size=4)
    owner = create_async_engine(
        cluster.url(user="postgres", database=name),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with owner.connect() as db:
        await build(Database(engine), db)
    yield name
    await engine.dispose()
    await owner.dispose()
    async with admin.connect() as db:
        await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await admin.dispose()


@pytest.fixture
async def planted(cluster: Cluster, sound: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(cluster.url(user="postgres", database=sound), poolclass=NullPool)
    async with engine.connect() as db:
        yield db
        await db.rollback()
    await engine.dispose()


async def checked(db: AsyncConnection, now: datetime = LATER) -> dict[str, CheckResult]:
    await db.execute(text("SET LOCAL ROLE mizan_auditor"))
    return {one.name: one for one in await run_checks(db, now=now)}


async def test_all_hold_in_a_sound_world_and_each_examined_rows(planted: AsyncConnection) -> None:
    results = await checked(planted)
    assert {name: one.breaches for name, one in results.items() if not one.ok} == {}
    assert [name for name, one in results.items() if not one.examined] == []
    assert len(results) == len(NAMES) >= 39


async def test_all_hold_on_an_empty_database(superuser: AsyncConnection) -> None:
    await superuser.execute(text("BEGIN"))
    results = await checked(superuser, NOW)
    await superuser.execute(text("ROLLBACK"))
    assert [name for name, one in results.items() if not one.ok] == []


def test_every_invariant_is_tried_on_a_breach() -> None:
    assert sorted(PLANTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_a_planted_breach_is_named_by_its_invariant_alone(
    planted: AsyncConnection, name: str
) -> None:
    for statement in PLANTS[name]:
        changed = await planted.execute(text(statement))
        assert changed.rowcount != 0
    results = await checked(planted)
    assert [one for one, result in results.items() if not result.ok] == [
        *COMPANY.get(name, ()),
        name,
    ]
    assert results[name].breaches


@pytest.mark.parametrize(
    "change",
    [
        "expires_at = '2099-01-01'", "earned_at = earned_at + interval '1 day'",
        "funder = 'network'", "origin_id = gen_random_uuid()::text",
        "lapses_to = CASE lapses_to WHEN 'network' THEN 'funder' ELSE 'network' END",
    ],
)  # fmt: skip
async def test_value_whose_terms_are_not_those_of_its_accrual_is_named(
    planted: AsyncConnection, change: str
) -> None:
    changed = await planted.execute(
        text(f"UPDATE payouts.lot SET {change} WHERE origin_kind = 'accrual'")
    )
    assert changed.rowcount != 0
    results = await checked(planted)
    assert [one for one, result in results.items() if not result.ok] == ["lots_keep_terms"]


@pytest.mark.parametrize(
    "change",
    [
        # As if more had been drawn, or set aside, than was agreed.
        "UPDATE payouts.account SET floor_limit = 199 WHERE floor_limit > 0;"
        " UPDATE payouts.floor_limit SET amount = 199 WHERE number = 2",
        "UPDATE payouts.floor_limit SET amount = 200 WHERE number = 2;"
        " UPDATE payouts.account SET floor_limit = 199 WHERE floor_limit > 0",
    ],
)
async def test_a_prefund_below_its_limit_is_named(planted: AsyncConnection, change: str) -> None:
    for statement in change.split(";"):
        assert (await planted.execute(text(statement))).rowcount == 1
    results = await checked(planted)
    broken = [one for one, result in results.items() if not result.ok]
    assert broken[0] == "balance_floors"
    assert broken[1:] == (["floor_limits_agreed"] if "amount = 200" in change else [])


async def test_a_check_that_sees_nothing_where_rows_are_fails(planted: AsyncConnection) -> None:
    await planted.execute(text("ANALYZE payouts.hold"))
    await planted.execute(text("DROP POLICY hold_audit ON payouts.hold"))
    results = await checked(planted)
    assert results["hold_bounds"].examined == 0
    assert results["hold_bounds"].breaches == ({"fault": "rows exist, but none could be seen"},)


async def test_the_auditor_reads_the_views_and_nothing_else(planted: AsyncConnection) -> None:
    await planted.execute(text("SET LOCAL ROLE mizan_auditor"))
    found = await planted.execute(text("SELECT count(*) FROM audit.posting"))
    assert found.scalar_one() > 0
    for forbidden in (
        "SELECT 1 FROM payouts.posting",
        "SELECT 1 FROM catalog.voucher",
        "DELETE FROM audit.hold",
        "SELECT 1 FROM payouts.payee",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with planted.begin_nested():
                await planted.execute(text(forbidden))


async def test_the_command_prints_every_outcome_and_exits_1_on_a_breach(
    cluster: Cluster, sound: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = cluster.url(user="postgres", database=sound)
    found = Addresses(application=url, migrator=url, role=None)
    assert await check(found, as_json=True, now=LATER) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in shown] == NAMES
    assert {tuple(one) for one in shown} == {("name", "ok", "examined", "breaches")}
    assert await check(found, as_json=False, now=LATER + timedelta(minutes=30)) == 1
    printed = capsys.readouterr().out
    assert "BROKEN due_work_is_done (1 examined)" in printed
    assert printed.endswith(f"{len(NAMES) - 1} of {len(NAMES)} invariants hold\n")
