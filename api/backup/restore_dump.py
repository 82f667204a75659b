"""Bringing a dump back, into a database that has nothing of Mizan."""

import asyncio
import re
import tempfile
from pathlib import Path

from sqlalchemy import text

from api.backup.errors import BackupFailed, PlaceNotEmpty
from api.backup.look import MIGRATOR_ROLE, require_positions
from api.backup.make_dump import DUMP
from api.backup.manifest import Manifest, Position
from api.backup.programs import Heard, connection_of, run_program
from api.database.binaries import find_binaries
from api.database.bootstrap import SCHEMAS, bootstrap_statements
from api.database.engine import open_direct_engine
from api.database.version import expected_version

_PRESENT = """
    SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(:schemas) ORDER BY 1 LIMIT 1
    """
# Bootstrap makes the schemas, for it also gives them the rights that the objects inside need.
_SCHEMA_ENTRY = re.compile(rf"^\d+; \d+ \d+ (SCHEMA|ACL) - (SCHEMA )?({'|'.join(SCHEMAS)})\b")


async def restore_dump(
    url: str,
    folder: Path,
    manifest: Manifest,
    *,
    login: bool,
    pg_bin: Path | None = None,
    heard: Heard | None = None,
) -> tuple[Position, ...]:
    """Make roles and schemas in an empty database and put the dump's rows into it, all or nothing.

    Gives the positions of the books, which are the manifest's. Raises PlaceNotEmpty when the
    database has tables of Mizan, BackupFailed, BackupDamaged.
    """
    if manifest.schema > expected_version():
        raise BackupFailed(
            f"The backup is of schema {manifest.schema}, this code knows {expected_version()}."
        )
    engine = open_direct_engine(url)
    try:
        async with engine.begin() as db:
            found = await db.execute(text(_PRESENT), {"schemas": list(SCHEMAS)})
            present = found.scalar_one_or_none()
            if present is not None:
                raise PlaceNotEmpty(f"The database holds {present} already; nothing was touched.")
            for statement in bootstrap_statements(login=login):
                await db.execute(text(statement))
        await asyncio.to_thread(_load, url, folder / DUMP, pg_bin, heard)
        async with engine.begin() as db:
            await db.execute(text("ANALYZE"))
            await db.execute(text(f"SET LOCAL ROLE {MIGRATOR_ROLE}"))
            return await require_positions(db, manifest)
    finally:
        await engine.dispose()


def _load(url: str, dump: Path, pg_bin: Path | None, heard: Heard | None) -> None:
    binaries = find_binaries(pg_bin)
    contents = run_program(binaries, "pg_restore", ["--list", str(dump)])
    lines = [line for line in contents.splitlines() if not _SCHEMA_ENTRY.match(line)]
    with tempfile.NamedTemporaryFile("w", prefix="mizan-restore-") as chosen:
        chosen.write("\n".join(lines) + "\n")
        chosen.flush()
        options = ["--exit-on-error", "--single-transaction", "--no-password", "--verbose"]
        options += [f"--dbname={connection_of(url)['PGDATABASE']}", f"--use-list={chosen.name}"]
        run_program(binaries, "pg_restore", [*options, str(dump)], url=url, heard=heard)
