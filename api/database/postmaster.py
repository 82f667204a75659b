"""One PostgreSQL server over one data folder: made, started, asked and stopped."""

import enum
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from api.database.binaries import Binaries, ClusterFailed
from api.database.server_owner import ServerOwner
from api.database.wal_folder import move_live_wal, wal_settings

SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
FIRST_DATABASE = "mizan"
# After a hard kill the dead server may hold its lock until the system has buried it.
RETRY_SECONDS_MAX = 10.0
RECOVERY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
LOG_BYTES_MAX = 8_000_000
LOG_TAIL_BYTES = 2_000

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Only for tests: what a power cut would lose is not worth waiting for.
FORGETFUL_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Answer(enum.Enum):
    """What the server says when asked whether it takes connections."""

    READY = 0
    STARTING = 1
    SILENT = 2


class Postmaster:
    """The programs of PostgreSQL applied to one data folder; the caller excludes everybody else."""

    def __init__(
        self,
        folder: Path,
        socket_folder: Path,
        binaries: Binaries,
        owner: ServerOwner,
        *,
        durable: bool,
    ) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self._folder = folder
        self._socket = socket_folder / SOCKET_NAME
        self._traces = (self.data / "postmaster.pid", socket_folder / f"{SOCKET_NAME}.lock")
        self._binaries = binaries
        self._owner = owner
        self._durable = durable

    def make_data(self) -> None:
        """Create the data folder under another name and give it its own when it is whole.

        Raises ClusterFailed when initdb fails, or when the data are of another major version.
        """
        major = self._binaries.major()
        version = self.data / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != str(major):
                raise ClusterFailed(
                    f"{self.data} was made by PostgreSQL {version.read_text().strip()}, but "
                    f"{self._binaries.folder} holds {major}. Set MIZAN_PG_BIN to the former."
                )
            return
        unfinished = self._folder / "data.unfinished"
        for options in locale_options(major):
            shutil.rmtree(unfinished, ignore_errors=True)
            if self._init(unfinished, options) == 0:
                break
        else:
            raise ClusterFailed(f"initdb failed. {self._log_tail()}")
        unfinished.rename(self.data)

    def start(self) -> None:
        """Start the server if it does not answer; patient with the traces of a hard kill.

        Raises ClusterFailed with the end of the server's log when it does not start.
        """
        begun = time.monotonic()
        while (answer := self.ask()) is not Answer.READY:
            limit = RECOVERY_SECONDS_MAX if answer is Answer.STARTING else RETRY_SECONDS_MAX
            if answer is Answer.SILENT:
                was_killed = any(trace.exists() for trace in self._traces)
                self._forget_dead_server()
                if not self._traces[0].exists():  # one that is alive and silent keeps its WAL
                    move_live_wal(self._folder, self.data, self._owner)
                if self._start_once():
                    return
                limit = limit if was_killed else 0.0
            if time.monotonic() - begun >= limit:
                raise ClusterFailed(f"PostgreSQL did not start. {self._log_tail()}")
            time.sleep(0.1)

    def ask(self) -> Answer:
        """Ask through the socket whether the server takes connections."""
        if not self._socket.exists():
            return Answer.SILENT
        where = ("-h", str(self._socket.parent), "-p", "5432", "-U", SUPERUSER)
        code = self._run("pg_isready", "-q", "-t", "5", *where)
        return Answer(code) if code in (0, 1) else Answer.SILENT

    def stop(self) -> None:
        """Stop the server: politely, then at once. A server that is not there is stopped."""
        self._forget_dead_server()
        for mode in ("fast", "immediate"):
            wait = ("-w", "-t", str(STOP_SECONDS_MAX))
            if self._run("pg_ctl", "-D", str(self.data), "-m", mode, *wait, "stop") == 0:
                return
            if not self._traces[0].exists():
                return

    def _init(self, unfinished: Path, options: tuple[str, ...]) -> int:
        sync = () if self._durable else ("--no-sync",)
        access = ("-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--data-checksums")
        code = self._run("initdb", "-D", str(unfinished), *access, *options, *sync)
        if code:
            return code
        return self._run(
            "postgres",
            *("--single", "-D", str(unfinished), *([] if self._durable else ["-F"]), "template1"),
            stdin=f"CREATE DATABASE {FIRST_DATABASE};\n",
        )

    def _start_once(self) -> bool:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".old.log"))
        quoted = str(self._socket.parent).replace('"', '""')
        settings = {**SETTINGS, "unix_socket_directories": f'"{quoted}"'}
        settings |= wal_settings(self._folder)
        if not self._durable:
            settings |= FORGETFUL_SETTINGS
        options = shlex.join(f"--{name}={value}" for name, value in settings.items())
        where = ("-D", str(self.data), "-l", str(self.log), "-o", options)
        return self._run("pg_ctl", *where, "-w", "-t", str(RECOVERY_SECONDS_MAX), "start") == 0

    def _forget_dead_server(self) -> None:
        # PostgreSQL takes a dead but unburied process (a zombie) for a living one, and also a
        # stranger that was given the same number. A living one works inside its data folder.
        proc = Path("/proc")
        if not (proc / "self" / "cwd").exists():
            return
        here = self.data.resolve()
        for process in proc.glob("[0-9]*"):
            try:
                if Path(os.readlink(process / "cwd")) == here:
                    return
            except OSError:  # it ended while we looked, is a zombie, or belongs to another user
                continue
        for trace in self._traces:
            trace.unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str, stdin: str = "") -> int:
        with self.log.open("ab") as log:
            self._owner.adopt(self.log)
            done = subprocess.run(
                [*self._owner.prefix, self._binaries.program(program), *arguments],
                input=stdin.encode(),
                stdout=log,
                stderr=log,
                env=quiet_environment(os.environ),
                cwd=self._folder,
                user=self._owner.user_id,
                group=self._owner.group_id,
                extra_groups=None if self._owner.user_id is None else [],
                umask=0o077,
                check=False,
            )
        return done.returncode

    def _log_tail(self) -> str:
        try:
            tail = self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
        except OSError:
            tail = ""
        return f"The end of {self.log}:\n{tail.strip() or '(empty)'}"


def locale_options(major: int) -> tuple[tuple[str, ...], ...]:
    """Give initdb's locale options in order of preference; the last is for bare systems.

    Text orders by code point everywhere, so an index means the same on every machine.
    """
    if major < 17:
        return (("--locale-provider=libc", "--locale=C.UTF-8"),)
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ((*builtin, "--locale=C.UTF-8"), (*builtin, "--locale=C"))


def quiet_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out what would make PostgreSQL's programs look elsewhere or speak otherwise."""
    kept = {k: v for k, v in environment.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_MESSAGES": "C"}
