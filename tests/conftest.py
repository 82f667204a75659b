"""What every test stands on: one throw-away PostgreSQL, one database a test, made by migrations."""

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.database.cluster import Cluster
from api.database.engine import open_engine
from api.database.migrate import migrate
from api.database.transaction import Database

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 3, 15, 9, 0, tzinfo=UTC)
PROOF = "proof"
SHARED_MEMORY = Path("/dev/shm")
MEMORY_FREE_MIN = 4 * 2**30


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full-counts", action="store_true", help="run the proofs at the counts that are promised"
    )


@pytest.fixture(scope="session")
def full_counts(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--full-counts"))


@pytest.fixture
def tell_proof(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say in one line what a proof tried; the lines of all proofs end the run's output."""
    return lambda line: record_property(PROOF, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for kind in terminalreporter.stats.values() for one in kind]
    told = [value for one in reports for name, value in _properties(one) if name == PROOF]
    if told:
        terminalreporter.section("proofs")
    for line in dict.fromkeys(told):
        terminalreporter.line(str(line))


def _properties(report: object) -> list[tuple[str, object]]:
    return list(getattr(report, "user_properties", ()))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server without fsync, shared by all workers of the run; its folder is kept for the next."""
    binaries = os.environ.get("MIZAN_PG_BIN", "")
    label = hashlib.sha256(binaries.encode()).hexdigest()[:8] if binaries else "embedded"
    with Cluster(
        _server_folder(f"test-postgres-{label}"),
        durable=False,
        pg_bin=Path(binaries) if binaries else None,
    ) as running:
        yield running


def _server_folder(name: str) -> Path:
    """In memory where there is plenty: a test's database is a thousand files, made and dropped."""
    # A copy of the project may link the folder of another and so share its server.
    build = (ROOT / "build").resolve()
    is_roomy = os.access(SHARED_MEMORY, os.W_OK) and (
        shutil.disk_usage(SHARED_MEMORY).free >= MEMORY_FREE_MIN
    )
    if not is_roomy:
        return build / name
    project = hashlib.sha256(f"{os.getuid()}:{build}".encode()).hexdigest()[:12]
    memory = SHARED_MEMORY / f"mizan-{project}"
    build.mkdir(exist_ok=True)
    # By the link `make clean` finds what lies outside.
    with contextlib.suppress(FileExistsError):
        (build / "memory").symlink_to(memory)
    return memory / name


async def _run(url: str, statement: str) -> object:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as db:
            result = await db.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        await engine.dispose()


def schema_digest(root: Path = ROOT) -> str:
    files = [*root.glob("api/database/**/*.py"), root / "payouts/ledger/chart.py"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
async def template(cluster: Cluster) -> str:
    """The name of a migrated, empty database; made once for each state of the migrations."""
    name = f"template_{schema_digest()}"
    admin = cluster.url(user="postgres", database="postgres")
    engine = create_async_engine(admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as db:
            await db.execute(text("SELECT pg_advisory_lock(77)"))
            found = await db.execute(
                text("SELECT datistemplate FROM pg_database WHERE datname = :name"), {"name": name}
            )
            is_ready = found.scalar()
            if is_ready is None:
                await db.execute(text(f'CREATE DATABASE "{name}"'))
            if not is_ready:
                await migrate(cluster.url(user="postgres", database=name), login=True)
                await db.execute(text(f'ALTER DATABASE "{name}" IS_TEMPLATE true'))
    finally:
        await engine.dispose()
    return name


@pytest.fixture
async def database_name(cluster: Cluster, template: str) -> AsyncIterator[str]:
    """A database of this test alone."""
    name = f"test_{secrets.token_hex(6)}"
    admin = cluster.url(user="postgres", database="postgres")
    # Copied as files: through the log it takes more processor time than most tests do.
    await _run(admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield name
    await _run(admin, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database(cluster: Cluster, database_name: str) -> AsyncIterator[Database]:
    """The test's database as the application sees it: role mizan_app, policies on."""
    engine = open_engine(cluster.url(user="mizan_app", database=database_name), pool_size=16)
    yield Database(engine)
    await engine.dispose()


@pytest.fixture
async def superuser(cluster: Cluster, database_name: str) -> AsyncIterator[AsyncConnection]:
    """A connection that sees everything, for looking at what the application may not."""
    engine = create_async_engine(
        cluster.url(user="postgres", database=database_name),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with engine.connect() as db:
        yield db
    await engine.dispose()
