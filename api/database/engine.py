"""How this process connects: one place for driver and pooler settings."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from api.database.transaction import Database
from api.settings import Settings

POOL_SIZE = 8
STATEMENT_CACHE_SIZE = 500
DATABASE_NAME = "mizan"
APPLICATION_ROLE = "mizan_app"
AUDITOR_ROLE = "mizan_auditor"


class UnsafeDatabaseRole(Exception):
    """The service may not run as a superuser, for whom row-level security does not hold."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the application and the migrator connect, and the role each transaction takes."""

    application: str
    migrator: str
    role: str | None


def addresses(settings: Settings, cluster: Cluster | None) -> Addresses:
    """Work out both addresses from the settings, or from the embedded cluster."""
    if cluster is not None:
        return Addresses(
            application=cluster.url(user=APPLICATION_ROLE, database=DATABASE_NAME),
            migrator=cluster.url(user="postgres", database=DATABASE_NAME),
            role=None,
        )
    if settings.database_url is None:
        raise ValueError("without DATABASE_URL an embedded cluster is needed")
    application = normalise_url(settings.database_url)
    if settings.migrator_url is None:
        # One address for both: the roles cannot log in, so each transaction takes its role.
        return Addresses(application=application, migrator=application, role=APPLICATION_ROLE)
    return Addresses(application, normalise_url(settings.migrator_url), role=None)


def normalise_url(url: str) -> str:
    """Rewrite any PostgreSQL address to the asyncpg driver; `sslmode` becomes its `ssl`."""
    parts = urlsplit(url)
    scheme = parts.scheme.split("+")[0]
    if scheme not in ("postgres", "postgresql"):
        raise ValueError("DATABASE_URL is a postgresql:// address")
    query = [("ssl" if k == "sslmode" else k, v) for k, v in parse_qsl(parts.query)]
    return urlunsplit(parts._replace(scheme="postgresql+asyncpg", query=urlencode(query)))


def open_engine(url: str, *, pooler: str = "none", pool_size: int = POOL_SIZE) -> AsyncEngine:
    """Make the engine of this process; statements are cached unless a legacy pooler forbids it."""
    cache = 0 if pooler == "txn_legacy" else STATEMENT_CACHE_SIZE
    return create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",  # transactions are opened by the one helper alone
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_use_lifo=True,  # few servers stay warm, where turns would cool the caches of all
        pool_reset_on_return=None,  # every transaction ends itself; nothing else is in a session
        connect_args={
            "statement_cache_size": cache,
            "prepared_statement_cache_size": cache,
            "timeout": 10,
        },
    )


def open_direct_engine(url: str) -> AsyncEngine:
    """Make an engine without a pool for migrations and other single acts."""
    return create_async_engine(url, poolclass=NullPool)


def open_auditor(found: Addresses, *, connections: int = 1) -> Database:
    """Make the auditor's database, over connections of its own.

    It sees the audit views and nothing else, whatever address is used.
    """
    return Database(open_engine(found.migrator, pool_size=connections), role=AUDITOR_ROLE)


async def open_database(
    found: Addresses, *, pooler: str = "none", pool_size: int = POOL_SIZE
) -> Database:
    """Open the database for serving; refuses to serve as a superuser."""
    engine = open_engine(found.application, pooler=pooler, pool_size=pool_size)
    database = Database(engine, role=found.role)
    async with database.reading(0) as db:
        row = await db.execute(
            text(
                "select rolsuper or rolbypassrls from pg_catalog.pg_roles where rolname = current_user"
            )
        )
        if row.scalar_one():
            await engine.dispose()
            raise UnsafeDatabaseRole
    return database
