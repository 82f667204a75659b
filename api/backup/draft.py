"""A backup is written under another name and gets its own when it is whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.backup.errors import PlaceNotEmpty


@contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Give a private folder to write into; it becomes `folder` at the end and is gone on error.

    Raises PlaceNotEmpty when the folder holds something, before anything is written.
    """
    require_empty(folder)
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    try:
        yield draft
        for path in draft.rglob("*"):
            if path.is_file():
                flush(path)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
        flush(folder.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds anything, or a file in its place."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PlaceNotEmpty(f"{folder} is not a folder.")
    if folder.exists() and any(folder.iterdir()):
        raise PlaceNotEmpty(f"{folder} is not empty; nothing in it was touched.")


def flush(path: Path) -> None:
    """Have what was written of a file or folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_keys(source: Path, target: Path, *, apart_from: Path) -> int:
    """Copy the folder of keys to a place of its own; tells how many files there were.

    Raises PlaceNotEmpty when that place holds something or lies inside the backup, where whoever
    has the rows would have what opens them as well.
    """
    if apart_from.resolve() in (target.resolve(), *target.resolve().parents):
        raise PlaceNotEmpty("Keys are kept apart from the backup, not inside it.")
    if not source.is_dir():
        return 0
    with drafted(target) as draft:
        kept = [path for path in sorted(source.iterdir()) if path.suffix == ".json"]
        for path in kept:
            shutil.copy(path, draft / path.name)
            (draft / path.name).chmod(0o600)
    return len(kept)
