"""What a manifest says of a database, read from it and compared with it afterwards."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.backup.errors import BackupDamaged
from api.backup.manifest import Manifest, Position

MIGRATOR_ROLE = "mizan_migrator"
# Rows of all networks at once, which only the migrator's role sees.
_POSITIONS = """
    SELECT b.book_id, coalesce(s.seq, 0) AS last_seq,
      (SELECT count(*) FROM payouts.journal j WHERE j.book_id = b.book_id) AS journals,
      (SELECT count(*) FROM payouts.posting p WHERE p.book_id = b.book_id) AS postings
    FROM payouts.book b LEFT JOIN payouts.sealer s ON s.book_id = b.book_id ORDER BY b.book_id
    """
_SERVER = (
    "SELECT current_setting('server_version') AS postgres,"
    " (SELECT system_identifier FROM pg_catalog.pg_control_system())::text AS system"
)


async def read_positions(db: AsyncConnection) -> tuple[Position, ...]:
    """Tell how far every book has come, on the snapshot of the connection's transaction."""
    rows = await db.execute(text(_POSITIONS))
    return tuple(Position(row.book_id, row.last_seq, row.journals, row.postings) for row in rows)


async def read_server(db: AsyncConnection) -> tuple[str, str]:
    """Tell the server's version and the identity of its cluster."""
    row = (await db.execute(text(_SERVER))).one()
    return row.postgres, row.system


async def require_positions(db: AsyncConnection, manifest: Manifest) -> tuple[Position, ...]:
    """Compare the books with the manifest: a dump has exactly its rows, a base at least these.

    Raises BackupDamaged naming the first book that has less or something else.
    """
    found = await read_positions(db)
    by_book = {one.book_id: one for one in found}
    for one in manifest.positions:
        there = by_book.get(one.book_id, Position(one.book_id, 0, 0, 0))
        is_short = (
            there.last_seq < one.last_seq
            or there.journals < one.journals
            or there.postings < one.postings
        )
        if is_short or (manifest.kind == "dump" and there != one):
            raise BackupDamaged(f"Book {one.book_id} came back as {there}, not as {one}.")
    return found
