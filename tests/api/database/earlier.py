"""Databases as they were before some migration."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from api.database.migrate import migrate


@asynccontextmanager
async def database_before(
    cluster: Cluster, version: str
) -> AsyncIterator[tuple[str, AsyncConnection]]:
    """Make an empty database of this schema: its address, and a connection that sees all."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    url = cluster.url(user="postgres", database=name)
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        await migrate(url, login=True, to=version)
        async with engine.connect() as db:
            yield url, db
    finally:
        await engine.dispose()
        async with admin.connect() as db:
            await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        await admin.dispose()
