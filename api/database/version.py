"""Which schema a database has and which one this code needs, without loading Alembic."""

from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_ABSENT = frozenset({"42P01", "3F000", "42501", "42704"})


@cache
def expected_version() -> str:
    """Tell the newest revision of this code: files of migrations begin with their number."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


async def read_version(db: AsyncConnection) -> str | None:
    """Read the revision of a database; None when it was never migrated."""
    try:
        found = await db.execute(text("SELECT version_num FROM api.schema_version"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _ABSENT:
            return None
        raise
    version: str | None = found.scalar_one_or_none()
    return version
