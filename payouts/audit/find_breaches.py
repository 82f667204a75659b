"""Finding breaches of what guards money."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.audit.model import Breach, Invariant, invariants
from payouts.audit.queries import hides_rows, sees_rows
from payouts.halts import ALL_NETWORKS

# Grouped by the server: one network's thousand rows must not hide another's single one.
_COUNTED = """
    SELECT coalesce(to_jsonb(q) ->> 'network_id', to_jsonb(q) ->> 'book_id', '0') AS network,
      count(*) AS rows
    FROM (query) q GROUP BY 1 ORDER BY 1
    """


async def find_breaches(
    db: AsyncConnection, *, since: datetime | None, now: datetime
) -> list[Breach]:
    """Ask the invariants that guard money, and tell in which networks they are broken.

    Looks at what was written since an instant and at what that touched; without one, at
    everything, and by those too that can be asked of everything alone. Changes nothing. What the auditor cannot see counts as broken in every network.
    """
    found: list[Breach] = []
    for one in invariants():
        if one.guards_money and (since is None or not one.is_whole):
            found += await _ask(db, one, since, now)
    return found


async def _ask(
    db: AsyncConnection, one: Invariant, since: datetime | None, now: datetime
) -> list[Breach]:
    counted = _COUNTED.replace("(query)", f"({one.query})")
    rows = await db.execute(text(counted), one.values(since=since, now=now))
    found = [Breach(int(row.network), one.name, row.rows) for row in rows]
    if not found and not await sees_rows(db, one) and await hides_rows(db, one):
        return [Breach(ALL_NETWORKS, one.name, 1)]
    return found
