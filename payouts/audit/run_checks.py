"""Checking every invariant."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import column, func, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.audit.model import CheckResult, Invariant, invariants

BREACHES_MAX = 100

# Counted by the server itself, whoever asks and whatever the walls show him.
_HOLDS_ROWS = text(
    """
    SELECT coalesce(bool_or(pg_stat_get_live_tuples(t.oid) > 0 OR t.reltuples > 0), false)
    FROM pg_catalog.pg_class v
    JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace AND n.nspname = 'audit'
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_catalog.pg_depend d ON d.objid = r.oid
    JOIN pg_catalog.pg_class t
      ON t.oid = d.refobjid AND t.relname = v.relname AND t.relkind IN ('r', 'p')
    WHERE v.relname = :relation
    """
)
_CHANGING = frozenset({"due"})
"""Lists that are empty when all is well, though they have held rows."""


async def run_checks(db: AsyncConnection, *, now: datetime) -> list[CheckResult]:
    """Ask every invariant of the books, on the snapshot and as the role of the connection.

    Changes nothing. An invariant that examined nothing although there is something to examine is
    broken: a check that sees no rows proves nothing.
    """
    return [await _check(db, one, now) for one in invariants()]


async def _check(db: AsyncConnection, one: Invariant, now: datetime) -> CheckResult:
    relation = table(one.relation, column("oid"), schema=one.schema)
    examined = (await db.execute(select(func.count()).select_from(relation))).scalar_one()
    values = {"now": now} if ":now" in one.query else {}
    rows = await db.execute(text(one.query), values)
    breaches = [
        {name: _plain(value) for name, value in row.items()}
        for row in rows.mappings().fetchmany(BREACHES_MAX)
    ]
    if not examined and not breaches and one.relation not in _CHANGING:
        holds = await db.execute(_HOLDS_ROWS, {"relation": one.relation})
        if holds.scalar_one():
            breaches.append({"fault": "rows exist, but none could be seen"})
    return CheckResult(one.name, one.says, examined, tuple(breaches))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
