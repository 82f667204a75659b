"""A base backup: the embedded server's files, onto which the WAL kept since can be replayed."""

import asyncio
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from api.anchors import FILE
from api.backup.draft import drafted
from api.backup.errors import BackupFailed
from api.backup.look import MIGRATOR_ROLE, read_positions, read_server
from api.backup.manifest import Manifest, Position, list_files, write_manifest
from api.backup.note_anchors import copy_anchors
from api.backup.programs import Heard, run_program
from api.database.binaries import Binaries, find_binaries
from api.database.engine import open_direct_engine
from api.database.version import read_version
from api.database.wal_folder import find_wal_folder

BASE = "base"


async def make_base(
    url: str,
    folder: Path,
    *,
    cluster_folder: Path,
    anchors: Path,
    now: datetime,
    pg_bin: Path | None = None,
    heard: Heard | None = None,
) -> Manifest:
    """Copy the running server's files, with the WAL that makes them consistent, and verify them.

    The server goes on working. The folder appears when it is whole. Raises PlaceNotEmpty,
    BackupFailed; also when a WAL folder was named that the running server does not use yet.
    """
    schema, postgres, system, positions = await _look(url, cluster_folder)
    binaries = find_binaries(pg_bin)
    with drafted(folder) as draft:
        # Before the rows: what is anchored by now is among them, so the copy never goes beyond.
        copy_anchors(anchors, draft / FILE)
        await asyncio.to_thread(_copy, binaries, url, draft / BASE, heard)
        files = await asyncio.to_thread(list_files, draft)
        manifest = Manifest("base", now, schema, postgres, system, positions, files)
        write_manifest(draft, manifest)
    return manifest


def verify_base(binaries: Binaries, base: Path) -> None:
    """Have PostgreSQL compare every file with its own manifest, and read the WAL that is needed."""
    run_program(binaries, "pg_verifybackup", ["--exit-on-error", str(base)])


async def _look(url: str, cluster_folder: Path) -> tuple[str, str, str, tuple[Position, ...]]:
    engine = open_direct_engine(url)
    try:
        async with engine.connect() as db:
            mode = (await db.execute(text("SHOW archive_mode"))).scalar_one()
            if find_wal_folder(cluster_folder) is not None and mode == "off":
                raise BackupFailed(
                    "The WAL folder is used from the next start of the embedded server on: stop"
                    " every process of Mizan on this data folder, and run this again."
                )
            schema = await read_version(db)
            if schema is None:
                raise BackupFailed("The database was never migrated: there is nothing in it.")
            postgres, system = await read_server(db)
            await db.execute(text(f"SET LOCAL ROLE {MIGRATOR_ROLE}"))
            return schema, postgres, system, await read_positions(db)
    finally:
        await engine.dispose()


def _copy(binaries: Binaries, url: str, base: Path, heard: Heard | None) -> None:
    options = ["--format=plain", "--wal-method=stream", "--checkpoint=fast", "--progress"]
    options += ["--manifest-checksums=SHA256", "--no-sync", "--no-password"]
    run_program(binaries, "pg_basebackup", [f"--pgdata={base}", *options], url=url, heard=heard)
    verify_base(binaries, base)
