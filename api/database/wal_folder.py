"""The WAL folder: where every acknowledged change survives the loss of the data folder.

A note in the cluster's folder names it. From the next start of the server on, finished segments
are archived into `archive`, and the segments being written live in `live`, on its disk: what was
acknowledged was flushed there first.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

from api.database.binaries import ClusterFailed
from api.database.server_owner import ServerOwner

NOTE = "wal-folder"
ARCHIVE, LIVE = "archive", "live"
_PROGRAM = Path(__file__).with_name("archive_wal.py")


def find_wal_folder(folder: Path) -> Path | None:
    """Tell the WAL folder of a cluster's folder, if it has one."""
    note = folder / NOTE
    return Path(note.read_text().strip()) if note.exists() else None


def name_wal_folder(folder: Path, wal: Path) -> None:
    """Keep the WAL in another folder from the next start of the server on.

    Raises ClusterFailed when that folder holds something, which may be another server's WAL, or
    when this server keeps its WAL elsewhere already.
    """
    wal, known = wal.absolute(), find_wal_folder(folder)
    if known == wal:
        return
    if known is not None:
        raise ClusterFailed(f"The WAL is kept in {known} already.")
    if wal.exists() and any(wal.iterdir()):
        raise ClusterFailed(f"{wal} is not empty; a WAL folder begins empty.")
    (wal / ARCHIVE).mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{NOTE}.draft"
    draft.write_text(f"{wal}\n")
    draft.replace(folder / NOTE)


def wal_settings(folder: Path) -> dict[str, str]:
    """Tell what a server with a WAL folder is started with; nothing for one without."""
    wal = find_wal_folder(folder)
    if wal is None:
        return {}
    words = (sys.executable, "-I", str(_PROGRAM), str(wal / ARCHIVE))
    command = " ".join(shlex.quote(word.replace("%", "%%")) for word in words)
    return {"archive_mode": "on", "archive_command": f"{command} %p %f"}


def move_live_wal(folder: Path, data: Path, owner: ServerOwner) -> None:
    """Have the server's own WAL in the WAL folder; the server is stopped.

    Done again after being cut short anywhere, it ends the same: the server never starts without
    its WAL, for what it looks into is exchanged last.
    """
    wal = find_wal_folder(folder)
    here = data / "pg_wal"
    if wal is None or (here.is_symlink() and here.exists()):
        return
    live, old = wal / LIVE, data / "pg_wal.moved"
    if here.is_dir() and not here.is_symlink():
        shutil.rmtree(live, ignore_errors=True)
        shutil.copytree(here, live)
        for path in (wal, *wal.rglob("*")):
            owner.adopt(path)
        os.sync()
        shutil.rmtree(old, ignore_errors=True)
        here.rename(old)
    here.unlink(missing_ok=True)
    here.symlink_to(live, target_is_directory=True)
    shutil.rmtree(old, ignore_errors=True)
