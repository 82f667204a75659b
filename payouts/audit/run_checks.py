"""Checking every invariant."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import column, func, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.audit.model import CheckResult, Invariant, invariants
from payouts.audit.queries import hides_rows

BREACHES_MAX = 100


async def run_checks(db: AsyncConnection, *, now: datetime) -> list[CheckResult]:
    """Ask every invariant of the books, on the snapshot and as the role of the connection.

    Changes nothing. An invariant that examined nothing although there is something to examine is
    broken: a check that sees no rows proves nothing.
    """
    return [await _check(db, one, now) for one in invariants()]


async def _check(db: AsyncConnection, one: Invariant, now: datetime) -> CheckResult:
    relation = table(one.relation, column("oid"), schema=one.schema)
    examined = (await db.execute(select(func.count()).select_from(relation))).scalar_one()
    rows = await db.execute(text(one.query), one.values(since=None, now=now))
    breaches = [
        {name: _plain(value) for name, value in row.items()}
        for row in rows.mappings().fetchmany(BREACHES_MAX)
    ]
    if not examined and not breaches and await hides_rows(db, one):
        breaches.append({"fault": "rows exist, but none could be seen"})
    return CheckResult(one.name, one.says, examined, tuple(breaches))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
