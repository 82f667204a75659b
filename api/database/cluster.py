"""The embedded database: one PostgreSQL per data folder, shared by every process that needs it.

Two files carry the whole agreement between processes, and the kernel keeps it: the *gate* is
locked by whoever starts or stops the server, and every user of the server holds a shared lock on
the *lease*. A process that dies in any way lets go of both, so nobody has to be remembered.
"""

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from api.database.binaries import ClusterFailed, find_binaries
from api.database.postmaster import SOCKET_NAME, Postmaster
from api.database.server_owner import choose_owner

__all__ = ["Cluster", "ClusterFailed"]

GATE_SECONDS_MAX = 120.0
# Unix sockets have room for 107 bytes of path on Linux and 103 on macOS.
SOCKET_PATH_BYTES_MAX = 100


class Cluster:
    """The embedded PostgreSQL of one folder.

    Nothing listens on TCP; whoever may enter the folder may connect, as any role.
    """

    def __init__(self, folder: Path, *, durable: bool = True, pg_bin: Path | None = None) -> None:
        self.folder = Path(folder).absolute()
        self._durable = durable
        self._pg_bin = pg_bin
        self._postmaster: Postmaster | None = None
        self._socket_folder: Path | None = None
        # A bare descriptor: it is let go by `stop` or by the end of the process, never by accident.
        self._lease: int | None = None

    def start(self) -> None:
        """Have a running server: create it, start it, or join the one that others use.

        Raises ClusterFailed, with the end of the server's log, when there is none after all.
        """
        if self._lease is not None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._gate():
            binaries = find_binaries(self._pg_bin)
            owner = choose_owner(self.folder, self.folder / "data")
            owner.adopt(self.folder)
            self.folder.chmod(0o700)
            socket_folder = _find_socket_folder(self.folder)
            owner.adopt(socket_folder)
            if (self.folder / "socket").exists():
                owner.adopt(self.folder / "socket")
            postmaster = Postmaster(
                self.folder, socket_folder, binaries, owner, durable=self._durable
            )
            postmaster.make_data()
            postmaster.start()
            lease = self._open("lease")
            fcntl.flock(lease, fcntl.LOCK_SH)
        self._postmaster, self._socket_folder, self._lease = postmaster, socket_folder, lease

    def stop(self) -> bool:
        """Let go of the server, and stop it if nobody else holds it; tell whether it stopped."""
        if self._lease is None or self._postmaster is None:
            return False
        lease, self._lease = self._lease, None
        try:
            with self._gate():
                if not _try_lock(lease):
                    return False
                self._postmaster.stop()
                if self._socket_folder != self.folder:
                    self._forget_socket_folder()
                return True
        finally:
            os.close(lease)

    def url(self, *, user: str, database: str = "mizan") -> str:
        """Give the address for SQLAlchemy and asyncpg; `postgres` is the superuser."""
        if self._socket_folder is None:
            raise ClusterFailed("The embedded PostgreSQL has no address before it is started.")
        host = quote(str(self._socket_folder), safe="/")
        return f"postgresql+asyncpg://{quote(user)}@/{quote(database)}?host={host}&port=5432"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @contextmanager
    def _gate(self) -> Iterator[None]:
        deadline = time.monotonic() + GATE_SECONDS_MAX
        gate = self._open("gate")
        try:
            while not _try_lock(gate):
                if time.monotonic() > deadline:
                    raise ClusterFailed(
                        f"Another process has been starting or stopping the server of "
                        f"{self.folder} for {GATE_SECONDS_MAX:.0f} seconds."
                    )
                time.sleep(0.02)
            yield
        finally:
            os.close(gate)

    def _open(self, name: str) -> int:
        descriptor = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:  # whoever owns the folder can go on without root
            owner = self.folder.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    def _forget_socket_folder(self) -> None:
        with suppress(OSError):
            (self.folder / "socket").unlink()
        with suppress(OSError):
            if self._socket_folder is not None:
                self._socket_folder.rmdir()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _find_socket_folder(folder: Path) -> Path:
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX:
        return folder
    remembered = folder / "socket"
    with suppress(OSError):
        found = Path(remembered.read_text())
        if _is_private(found, folder):
            return found
    # Not the user's TMPDIR, which may be as long as the path that did not fit.
    found = Path(tempfile.mkdtemp(prefix="mizan-", dir="/tmp"))
    remembered.write_text(str(found))
    return found


def _is_private(found: Path, folder: Path) -> bool:
    status = found.lstat()
    is_ours = status.st_uid in (os.geteuid(), folder.stat().st_uid)
    return stat.S_ISDIR(status.st_mode) and is_ours and not status.st_mode & 0o077
