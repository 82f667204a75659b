"""The tokens of our account at a supplier, in a file that all processes of a data folder share."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.suppliers import SupplierBusy

WAIT_SECONDS_MAX = 60.0
PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class FileShelf:
    """A file that only we can read."""

    file: Path

    def read(self) -> str | None:
        """Tell what lies there."""
        try:
            return self.file.read_text()
        except FileNotFoundError:
            return None

    def write(self, text: str) -> None:
        """Put something in its place; a process that dies here leaves what was there before."""
        self._make_folder()
        draft = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        number = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, self.file)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Keep all other processes, and other tasks of this one, from renewing."""
        self._make_folder()
        gate = os.open(self.file.with_name(f"{self.file.name}.gate"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            deadline = asyncio.get_running_loop().time() + WAIT_SECONDS_MAX
            while not _is_taken(gate):
                if asyncio.get_running_loop().time() > deadline:
                    raise SupplierBusy("The supplier's token is being renewed.")
                await asyncio.sleep(PAUSE_SECONDS)
            yield
        finally:
            os.close(gate)

    def _make_folder(self) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _is_taken(gate: int) -> bool:
    """Take the gate, unless somebody else has it."""
    try:
        fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
