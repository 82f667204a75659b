"""Whether anything changed: the number of rows and a checksum of every table."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Print = dict[str, tuple[int, int]]
KEYS = frozenset({"api.idempotency_key", "catalog.card_guess"})
"""What a refusal may leave: its outcome under the key of its request, and a wrong code's count."""
_TABLES = (
    "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
    " WHERE table_type = 'BASE TABLE' AND table_schema IN ('api', 'catalog', 'partners', 'payouts')"
    " AND NOT (SELECT c.relispartition FROM pg_class c"
    "  WHERE c.oid = format('%I.%I', table_schema, table_name)::regclass)"
    " ORDER BY 1"
)


async def fingerprint(superuser: AsyncConnection, *, without: Collection[str] = ()) -> Print:
    """Look at all tables past every policy; two equal prints mean that nothing changed."""
    tables = (await superuser.execute(text(_TABLES))).scalars().all()
    each = " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(r::text, 0)), 0)::text FROM {name} r"
        for name in tables
        if name not in without
    )
    rows = await superuser.execute(text(each))
    return {name: (count, int(digest)) for name, count, digest in rows}


def changed(before: Print, after: Print) -> list[str]:
    """Name the tables that differ."""
    return sorted(name for name in after if before.get(name) != after[name])
