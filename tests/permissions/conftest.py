import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from api.database.engine import open_engine
from api.database.transaction import Database
from tests.permissions.world import World, make_world


@dataclass
class Standing:
    """A world that no test may change, and a look at it past every policy."""

    world: World
    superuser: AsyncConnection


@pytest.fixture(scope="session")
async def standing(cluster: Cluster, template: str) -> AsyncIterator[Standing]:
    """Both networks, made once: every call that is tried must be refused or only read."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine = open_engine(cluster.url(user="mizan_app", database=name), pool_size=8)
    look = create_async_engine(
        cluster.url(user="postgres", database=name),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with look.connect() as superuser:
        yield Standing(await make_world(Database(engine)), superuser)
    await look.dispose()
    await engine.dispose()
    async with admin.connect() as db:
        await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await admin.dispose()
