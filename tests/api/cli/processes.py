"""Starting the command as its user does: a process, an environment of its own, an address printed."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

START_SECONDS_MAX = 60.0
MIZAN = [sys.executable, "-m", "api.cli.main"]


ROOT = Path(__file__).resolve().parents[3]
OURS = ("MIZAN_", "STRIPE_", "RELOADLY_", "DATABASE_")


def environment(data_dir: Path, **given: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    # Dozens of starts: each would otherwise compile everything anew where caches are forbidden.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    kept["PYTHONPYCACHEPREFIX"] = str(ROOT / "build" / "bytecode")
    if "MIZAN_PG_BIN" in os.environ:
        kept["MIZAN_PG_BIN"] = os.environ["MIZAN_PG_BIN"]
    return {**kept, "MIZAN_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", **given}


def run(
    data_dir: Path, *arguments: str, seconds_max: float = START_SECONDS_MAX, **given: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*MIZAN, *arguments],
        env=environment(data_dir, **given),
        capture_output=True,
        text=True,
        timeout=seconds_max,
        check=False,
    )


class Started:
    """A process and what it has printed so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._queue: Queue[str] = Queue()
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))

    def wait_for(self, pattern: str) -> "re.Match[str]":
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                line = self._queue.get(timeout=0.1)
            except Empty:
                assert self.process.poll() is None, f"it ended: {self.lines[-15:]}"
                continue
            self.lines.append(line)
            found = re.search(pattern, line)
            if found:
                return found
        raise AssertionError(f"{pattern} was never printed: {self.lines[-15:]}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def started(data_dir: Path, *arguments: str, **given: str) -> Iterator[Started]:
    process = subprocess.Popen(
        [*MIZAN, *arguments],
        env=environment(data_dir, **given),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    one = Started(process)
    try:
        yield one
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)
        assert process.stdout is not None
        one.reader.join(10)
        process.stdout.close()


def alive_of(data_dir: Path) -> list[str]:
    """The processes whose command line names the folder, such as PostgreSQL's and the doubles'."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = entry.with_name("stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if str(data_dir) in command and state != "Z":
            found.append(command)
    return found
