"""Bringing a base backup back as a new embedded server, up to the last change of the WAL folder."""

import asyncio
import shlex
import shutil
from pathlib import Path

from sqlalchemy import text

from api.backup.draft import require_empty
from api.backup.errors import BackupFailed
from api.backup.look import MIGRATOR_ROLE, require_positions
from api.backup.make_base import BASE, verify_base
from api.backup.manifest import Manifest, Position
from api.database.binaries import find_binaries
from api.database.cluster import Cluster
from api.database.engine import open_direct_engine
from api.database.server_owner import choose_owner
from api.database.version import expected_version
from api.database.wal_folder import ARCHIVE, LIVE

REPLAY_SECONDS_MAX = 3_600.0
_PAUSE_SECONDS = 0.1


async def restore_base(
    folder: Path,
    manifest: Manifest,
    cluster_folder: Path,
    *,
    wal: Path | None,
    pg_bin: Path | None = None,
) -> tuple[Position, ...]:
    """Make an embedded server of the backup's files, replay the WAL to its end, and stop it.

    Gives the positions that its books have come to. The WAL folder is only read. Raises
    PlaceNotEmpty, BackupFailed, BackupDamaged.
    """
    if manifest.schema > expected_version():
        raise BackupFailed(
            f"The backup is of schema {manifest.schema}, this code knows {expected_version()}."
        )
    if wal is not None and not (wal / ARCHIVE).is_dir():
        raise BackupFailed(f"{wal} is no WAL folder: it holds no {ARCHIVE}.")
    await asyncio.to_thread(_lay_out, folder / BASE, cluster_folder, wal, pg_bin)
    cluster = Cluster(cluster_folder, pg_bin=pg_bin)
    try:
        await asyncio.to_thread(cluster.start)
        return await _replayed(cluster.url(user="postgres"), manifest)
    finally:
        cluster.stop()


def _lay_out(base: Path, cluster_folder: Path, wal: Path | None, pg_bin: Path | None) -> None:
    require_empty(cluster_folder)
    verify_base(find_binaries(pg_bin), base)
    cluster_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = choose_owner(cluster_folder, cluster_folder / "data")
    unfinished = cluster_folder / "data.unfinished"
    shutil.copytree(base, unfinished)
    unfinished.chmod(0o700)
    if wal is not None:
        (unfinished / "recovery.signal").touch(mode=0o600)
        with (unfinished / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"restore_command = {_quoted(_fetching(wal.absolute()))}\n")
    for path in (cluster_folder, unfinished, *unfinished.rglob("*")):
        owner.adopt(path)
    unfinished.rename(cluster_folder / "data")


def _fetching(wal: Path) -> str:
    # A finished segment is in the archive; the last one may be in the server's own folder alone.
    archive, live = (
        shlex.quote(str(wal / name).replace("%", "%%")) + "/%f" for name in (ARCHIVE, LIVE)
    )
    return f"cp {archive} %p 2>/dev/null || cp {live} %p 2>/dev/null"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


async def _replayed(url: str, manifest: Manifest) -> tuple[Position, ...]:
    engine = open_direct_engine(url)
    try:
        async with asyncio.timeout(REPLAY_SECONDS_MAX):
            while True:
                async with engine.connect() as db:
                    if not (await db.execute(text("SELECT pg_is_in_recovery()"))).scalar_one():
                        break
                await asyncio.sleep(_PAUSE_SECONDS)
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
            await db.execute(text("ALTER SYSTEM RESET restore_command"))
            await db.execute(text("CHECKPOINT"))
        async with engine.begin() as db:
            await db.execute(text(f"SET LOCAL ROLE {MIGRATOR_ROLE}"))
            return await require_positions(db, manifest)
    finally:
        await engine.dispose()
