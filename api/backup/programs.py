"""PostgreSQL's own programs, pointed at a database without its password on any command line."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from api.backup.errors import BackupFailed
from api.database.binaries import Binaries
from api.database.postmaster import quiet_environment

_TAIL_LINES = 12
Heard = Callable[[str], None]


def run_program(
    binaries: Binaries,
    name: str,
    arguments: Sequence[str],
    *,
    url: str | None = None,
    heard: Heard | None = None,
) -> str:
    """Run one of PostgreSQL's programs to its end, telling each line that it says; gives its output.

    Raises BackupFailed with the end of what it said.
    """
    program = binaries.program(name)
    if not Path(program).exists():
        raise BackupFailed(f"{binaries.folder} holds no {name}; set MIZAN_PG_BIN to one that does.")
    environment = quiet_environment(os.environ) | (connection_of(url) if url else {})
    said: list[str] = []
    with subprocess.Popen(
        [program, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if heard is not None:
                heard(said[-1])
    if process.returncode:
        tail = "\n".join(said[-_TAIL_LINES:])
        raise BackupFailed(f"{name} failed:\n{tail}")
    return "\n".join(said)


def connection_of(url: str) -> dict[str, str]:
    """Tell an address to PostgreSQL's programs in the way that no list of processes shows."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    told = {
        "PGHOST": query.get("host") or parts.hostname or "",
        "PGPORT": query.get("port") or str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("ssl") or query.get("sslmode") or "",
    }
    return {name: value for name, value in told.items() if value}
