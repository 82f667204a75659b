"""Bringing a database to the newest schema."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.database.bootstrap import bootstrap_statements

_FOLDER = Path(__file__).parent / "migrations"
_GATE = 0x6D697A616E  # two migrators of one database take turns; correctness rests on Alembic's row
ATTEMPTS_MAX = 5


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def newest_version() -> str:
    """Tell the newest revision that this code knows, without a database."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head


async def migrate(url: str, *, login: bool, to: str = "head") -> None:
    """Create roles and schemas, then run every migration not yet run; idempotent.

    `login` lets the outer roles log in (see bootstrap), `to` stops at an earlier revision. Safe
    to run twice at once.
    """
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as db:
            await db.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": _GATE})
            for statement in bootstrap_statements(login=login):
                await _retrying(db, statement)
            await db.run_sync(_upgrade, to)
            await db.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, to: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


async def _retrying(db: AsyncConnection, statement: str) -> None:
    # Grants on cluster-wide roles conflict when another database of the cluster is made ready.
    for attempt in range(ATTEMPTS_MAX):
        try:
            async with db.begin_nested():
                await db.execute(text(statement))
            return
        except Exception as error:
            is_last = attempt == ATTEMPTS_MAX - 1
            if is_last or "concurrently updated" not in str(error):
                raise
            await asyncio.sleep(0.1 * (attempt + 1))
