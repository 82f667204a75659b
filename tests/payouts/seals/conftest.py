"""A book that is sealed, for tests to tamper with."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from api.database.engine import Addresses, open_engine
from api.database.transaction import Database
from tests.payouts.seals.tampering import Book, fill
from tests.payouts.seals.world import Sealed, open_sealed


@pytest.fixture
async def sealed(database: Database, tmp_path: Path) -> Sealed:
    return await open_sealed(database, tmp_path / "data")


@pytest.fixture(scope="module")
async def sound(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Book]:
    """One book for all alterations, each of which is rolled back."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_async_engine(
        cluster.url(user="postgres", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with admin.connect() as db:
        await db.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine = open_engine(cluster.url(user="mizan_app", database=name), pool_size=4)
    url = cluster.url(user="postgres", database=name)
    one = await open_sealed(Database(engine), tmp_path_factory.mktemp("sound"))
    blocks = await fill(one)
    altering = create_async_engine(url, poolclass=NullPool)
    async with altering.connect() as db:
        yield Book(one, db, Addresses(url, url, role=None), blocks, one.anchors.path)
    await altering.dispose()
    await engine.dispose()
    async with admin.connect() as db:
        await db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await admin.dispose()


@pytest.fixture
async def book(sound: Book, tmp_path: Path) -> AsyncIterator[Book]:
    await sound.superuser.begin()
    copy = tmp_path / "anchors.jsonl"
    copy.write_bytes(sound.anchors.read_bytes())
    yield replace(sound, anchors=copy)
    await sound.superuser.rollback()


@pytest.fixture
async def own_book(
    sealed: Sealed, superuser: AsyncConnection, cluster: Cluster, database_name: str
) -> Book:
    """A book that goes on after it was altered."""
    url = cluster.url(user="postgres", database=database_name)
    blocks = await fill(sealed)
    return Book(sealed, superuser, Addresses(url, url, role=None), blocks, sealed.anchors.path)
