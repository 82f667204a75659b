"""The anchors after a restoration: they say that a book went back, and go on from there."""

from datetime import datetime
from pathlib import Path

from api.anchors import FILE, note_restore, open_anchors, read_anchors
from api.backup.errors import BackupFailed
from api.database.engine import open_engine
from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from payouts.seals import read_last_block


def copy_anchors(source: Path, target: Path) -> None:
    """Copy the whole lines of an anchor file; without one there is nothing to copy."""
    if source.exists():
        raw = source.read_bytes()
        target.write_bytes(raw[: raw.rfind(b"\n") + 1])


async def note_anchors(url: str, data_dir: Path, *, reason: str, now: datetime) -> int:
    """Write down each book that came back to an earlier block than was anchored; tells how many.

    Raises BackupFailed when there are such anchors, and no keys to sign that with.
    """
    if not (data_dir / FILE).exists():
        return 0
    if not (data_dir / "keys" / "seal.json").exists():
        raise BackupFailed(
            "The anchors can go on only with the keys that signed the blocks: restore with --keys."
        )
    keys = open_seal_keys(data_dir)
    anchors, count = open_anchors(data_dir, keys), 0
    record = read_anchors(data_dir / FILE, keys.public())
    engine = open_engine(url, pool_size=1)
    try:
        for book_id in list(record.books()):
            async with Database(engine).reading(book_id) as db:
                last = await read_last_block(db, network_id=book_id)
            if record.last_block(book_id) > (0 if last is None else last.block):
                note_restore(anchors, book_id=book_id, last=last, reason=reason, now=now)
                count += 1
    finally:
        await engine.dispose()
    return count
