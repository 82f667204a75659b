"""What every command stands on: the settings, a running database at the right schema, the keys."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from api.auth import SigningKeyFile, open_signing_keys
from api.clock import Clock
from api.crash import arm_crash_point
from api.database.cluster import Cluster
from api.database.engine import Addresses, addresses, open_database, open_direct_engine
from api.database.transaction import Database
from api.database.version import expected_version, read_version
from api.seal_keys import SealKeyFile, open_seal_keys
from api.secret_keys import Secrets, open_secrets
from api.settings import Settings


class SchemaBehind(Exception):
    """The database is not at the schema of this code; run `mizan migrate` with its migrator."""


class SchemaAhead(Exception):
    """The database was migrated by newer code than this."""


class NoDatabase(Exception):
    """The data folder holds no database."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """An open database and what goes with it."""

    settings: Settings
    clock: Clock
    keys: SigningKeyFile
    seal_keys: SealKeyFile
    secrets: Secrets
    addresses: Addresses
    database: Database


def read_settings() -> Settings:
    """Read the environment and arm the crash point that a test may have set there."""
    settings = Settings.from_environment()
    arm_crash_point(os.environ, is_stripe_live=settings.is_stripe_live)
    return settings


def require_database(settings: Settings) -> None:
    """Refuse an embedded database that is not there; what asks or keeps books must not make some.

    Raises NoDatabase.
    """
    is_there = (settings.data_dir / "postgres" / "data").is_dir()
    if settings.database_url is None and not is_there:
        raise NoDatabase(
            f"{settings.data_dir} holds no database; MIZAN_DATA_DIR names the folder that does."
        )


@asynccontextmanager
async def reachable_database(settings: Settings) -> AsyncIterator[Addresses]:
    """Have a PostgreSQL: the given one, or the embedded one started and at the end let go."""
    if settings.database_url is not None:
        yield addresses(settings, None)
        return
    cluster = Cluster(settings.data_dir / "postgres", pg_bin=settings.pg_bin)
    try:
        await asyncio.to_thread(cluster.start)
        yield addresses(settings, cluster)
    finally:
        # Not in a thread: this must also end when the loop is being torn down.
        cluster.stop()


@asynccontextmanager
async def open_runtime(settings: Settings, *, pool_size: int = 8) -> AsyncIterator[Runtime]:
    """Open everything a command needs; an embedded database is migrated when it is behind.

    Raises SchemaBehind or SchemaAhead for a database of somebody else's that does not fit.
    """
    secrets = open_secrets(settings)
    settings = replace(settings, secret_keys=secrets.secret_keys)
    async with reachable_database(settings) as found:
        await _require_schema(found, is_embedded=settings.database_url is None)
        database = await open_database(found, pooler=settings.pooler, pool_size=pool_size)
        try:
            yield Runtime(
                settings=settings,
                clock=Clock(settings.clock_file),
                keys=open_signing_keys(settings.data_dir),
                seal_keys=open_seal_keys(settings.data_dir),
                secrets=secrets,
                addresses=found,
                database=database,
            )
        finally:
            await database.engine.dispose()


async def run_migrations(settings: Settings, found: Addresses) -> None:
    """Bring the database to the newest schema."""
    # Alembic costs most of a second to load, which only a database that is behind has to pay.
    from api.database.migrate import migrate

    has_own_logins = settings.database_url is None or settings.migrator_url is not None
    await migrate(found.migrator, login=has_own_logins)


async def find_version(found: Addresses) -> str | None:
    """Ask the database for its schema with one query."""
    engine = open_direct_engine(found.migrator)
    try:
        async with engine.connect() as db:
            return await read_version(db)
    finally:
        await engine.dispose()


async def _require_schema(found: Addresses, *, is_embedded: bool) -> None:
    version = await find_version(found)
    if version == expected_version():
        return
    if version is not None and version > expected_version():
        raise SchemaAhead(
            f"The database is at schema {version}, this code knows {expected_version()}."
        )
    if not is_embedded:
        raise SchemaBehind(
            f"The database is at schema {version or 'none'}, this code needs {expected_version()}:"
            " run `mizan migrate`."
        )
    from api.database.migrate import migrate

    await migrate(found.migrator, login=True)
