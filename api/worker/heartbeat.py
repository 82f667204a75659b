"""How another process on this machine sees that the worker lives."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A file with the moment of the last beat, on the machine's own running clock.

    That clock is the same for all processes and is not moved by whoever sets the time. The file
    is kept in the data folder, removed by a worker that ends in order.
    """

    path: Path

    def beat(self) -> None:
        """Note that the worker went round."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}-{os.getpid()}")
        draft.write_text(repr(time.monotonic()))
        os.replace(draft, self.path)

    def end(self) -> None:
        """Take the beat away: there is no worker, and none is missing."""
        self.path.unlink(missing_ok=True)

    def age_seconds(self) -> float | None:
        """Tell how long ago the last beat was; None when no worker ran since the machine started."""
        try:
            age = time.monotonic() - float(self.path.read_text())
        except (OSError, ValueError):
            return None
        return age if age >= 0 else None


def heartbeat_of(data_dir: Path) -> Heartbeat:
    """Find the heartbeat of a data folder."""
    return Heartbeat(data_dir / "worker.beat")
