"""As whom the embedded server runs: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from api.database.binaries import ClusterFailed

# Any number but 0: inside its user namespace the server is this user, outside it stays root.
MAPPED_ID = "1000"


@dataclass(frozen=True, slots=True)
class ServerOwner:
    """How a program is started so that it may own the data: in a namespace, or as a user."""

    prefix: tuple[str, ...] = ()
    user_id: int | None = None
    group_id: int | None = None

    def adopt(self, path: Path) -> None:
        """Give a file or folder made by root to the user the server runs as."""
        if self.user_id is not None and self.group_id is not None:
            os.chown(path, self.user_id, self.group_id)


def choose_owner(folder: Path, data: Path) -> ServerOwner:
    """Choose as whom the server of this folder runs; existing data stay with their owner.

    An ordinary user runs it as itself. Root maps itself to another number in a user namespace, or,
    where those are forbidden, hands the folder to `nobody`.
    """
    if os.geteuid() != 0:
        return ServerOwner()
    if data.exists() and data.stat().st_uid != 0:
        found = data.stat()
        return ServerOwner(user_id=found.st_uid, group_id=found.st_gid)
    prefix = namespace_prefix()
    if prefix:
        return ServerOwner(prefix=prefix)
    if data.exists():
        raise ClusterFailed(
            f"{data} belongs to root, as whom PostgreSQL does not run, and user namespaces are "
            "forbidden here. Give the folder to another user (chown -R) or run Mizan as one."
        )
    nobody = pwd.getpwnam("nobody")
    _require_way_in(folder, nobody)
    return ServerOwner(user_id=nobody.pw_uid, group_id=nobody.pw_gid)


def namespace_prefix() -> tuple[str, ...]:
    """Give the words that run a program in a user namespace, or none where that is forbidden."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--user", f"--map-user={MAPPED_ID}", f"--map-group={MAPPED_ID}", "--")
    done = subprocess.run(
        [*prefix, shutil.which("true") or "/bin/true"], capture_output=True, check=False, timeout=20
    )
    return prefix if done.returncode == 0 else ()


def _require_way_in(folder: Path, user: pwd.struct_passwd) -> None:
    for parent in folder.resolve().parents:
        found = parent.stat()
        if not (found.st_mode & 0o001 or (found.st_uid == user.pw_uid and found.st_mode & 0o100)):
            raise ClusterFailed(
                f"As root, and with user namespaces forbidden, PostgreSQL runs as "
                f"{user.pw_name!r}, who cannot enter {parent}. Set MIZAN_DATA_DIR to a folder "
                "everybody can reach, such as one under /var/lib, or run Mizan as another user."
            )
