"""A dump: one consistent picture of any database."""

import asyncio
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from api.anchors import FILE
from api.backup.draft import drafted
from api.backup.errors import BackupFailed
from api.backup.look import MIGRATOR_ROLE, read_positions, read_server
from api.backup.manifest import Manifest, list_files, write_manifest
from api.backup.note_anchors import copy_anchors
from api.backup.programs import Heard, run_program
from api.database.binaries import find_binaries
from api.database.engine import open_direct_engine
from api.database.version import read_version

DUMP = "database.dump"


async def make_dump(
    url: str,
    folder: Path,
    *,
    anchors: Path,
    now: datetime,
    pg_bin: Path | None = None,
    heard: Heard | None = None,
) -> Manifest:
    """Write a dump of the database at `url`, with the positions of exactly the rows in it.

    The server goes on working; what is committed after the beginning is not in the dump. The
    folder appears when it is whole. Raises PlaceNotEmpty, BackupFailed.
    """
    engine = open_direct_engine(url)
    try:
        with drafted(folder) as draft:
            # Before the rows: what is anchored by now is among them, so the copy never goes beyond.
            copy_anchors(anchors, draft / FILE)
            async with engine.connect() as db:
                await db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                schema = await read_version(db)
                if schema is None:
                    raise BackupFailed("The database was never migrated: there is nothing in it.")
                postgres, system = await read_server(db)
                await db.execute(text(f"SET LOCAL ROLE {MIGRATOR_ROLE}"))
                snapshot = (await db.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
                positions = await read_positions(db)
                arguments = dump_arguments(draft / DUMP, snapshot)
                binaries = find_binaries(pg_bin)
                await asyncio.to_thread(
                    run_program, binaries, "pg_dump", arguments, url=url, heard=heard
                )
            files = await asyncio.to_thread(list_files, draft)
            manifest = Manifest("dump", now, schema, postgres, system, positions, files)
            write_manifest(draft, manifest)
    finally:
        await engine.dispose()
    return manifest


def dump_arguments(path: Path, snapshot: str) -> list[str]:
    """Say what is dumped: all rows of all networks but what a crash may take as well."""
    return [
        *("--format=custom", f"--file={path}", f"--role={MIGRATOR_ROLE}"),
        *(f"--snapshot={snapshot}", "--no-unlogged-table-data", "--no-password", "--verbose"),
    ]
