"""Run by PostgreSQL for each finished WAL segment: `archive_wal.py FOLDER PATH NAME`.

Stands alone, for the server starts it without our packages. A segment that is there already and
the same is archived; one that is there and different is an error, never overwritten.
"""

import filecmp
import os
import shutil
import sys
from pathlib import Path


def main() -> int:
    """Archive one segment; 0 when it is on the disk."""
    folder, source, target = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[1], sys.argv[3])
    if target.exists():
        return 0 if filecmp.cmp(source, target, shallow=False) else 1
    draft = target.with_name(f".{target.name}.draft")
    with source.open("rb") as read, draft.open("wb") as written:
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())
    draft.rename(target)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return 0


if __name__ == "__main__":
    sys.exit(main())
