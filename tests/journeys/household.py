"""Mizan with its embedded server in one data folder, as its owner runs it; he may lose it all."""

import os
import re
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.api.cli.processes import environment
from tests.journeys.town import PAUSE_SECONDS, START_SECONDS_MAX, Nursery

# Nobody is outside: what would start doubles is pointed to where nobody answers.
ALONE = {
    "STRIPE_API_KEY": "sk_test_household",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "RELOADLY_CLIENT_ID": "household",
    "RELOADLY_CLIENT_SECRET": "household",
    "RELOADLY_API_BASE": "http://127.0.0.1:9",
    "RELOADLY_AUTH_BASE": "http://127.0.0.1:9",
}
SERVES = re.compile(r"Mizan serves at (http://\S+)")


@dataclass
class Household:
    """One data folder, the commands run on it, and its server while it serves."""

    nursery: Nursery
    folder: Path
    logs: Path
    served: tuple[int, str] | None = None
    _logs_made: int = field(default=0)

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,), **given: str) -> str:
        """Run a command to its end; gives what it printed."""
        log = self._new_log(arguments[0])
        pid = self._start(list(arguments), log, given)
        while (ended := self.nursery.poll(pid)) is None:
            time.sleep(PAUSE_SECONDS)
        text = log.read_text()
        assert ended in codes, text[-3000:]
        return text

    def serve(self) -> str:
        """Serve and do due work, with nobody outside; gives the address."""
        log = self._new_log("serve")
        pid = self._start(["serve", "--port", "0"], log, ALONE)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (found := SERVES.search(log.read_text() if log.exists() else "")):
            assert self.nursery.poll(pid) is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, "it does not serve"
            time.sleep(PAUSE_SECONDS)
        self.served = (pid, found[1])
        return found[1]

    def stop(self) -> None:
        """Stop serving, tidily."""
        if self.served is not None:
            (pid, _), self.served = self.served, None
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            while self.nursery.poll(pid) is None:
                time.sleep(PAUSE_SECONDS)

    def lose(self, elsewhere: Path) -> None:
        """Kill the server and its PostgreSQL with -9, and take the data folder away."""
        postmaster = int((self.folder / "postgres/data/postmaster.pid").read_text().split()[0])
        assert self.served is not None
        (pid, _), self.served = self.served, None
        for one in (postmaster, pid):
            os.kill(one, signal.SIGKILL)
        while self.nursery.poll(pid) is None:
            time.sleep(PAUSE_SECONDS)
        self.folder.rename(elsewhere)

    def url(self, name: str) -> str:
        assert name == "server"
        assert self.served is not None
        return self.served[1]

    def supervise(self) -> None:
        assert self.served is not None
        assert self.nursery.poll(self.served[0]) is None, "the server ended"

    def log(self, name: str) -> str:
        return "\n".join(path.read_text()[-2000:] for path in self.logs.glob(f"{name}-*"))

    def _start(self, arguments: list[str], log: Path, given: dict[str, str]) -> int:
        return self.nursery.start(
            arguments, environment=environment(self.folder, **given), log=str(log)
        )

    def _new_log(self, name: str) -> Path:
        self._logs_made += 1
        self.logs.mkdir(exist_ok=True)
        return self.logs / f"{name}-{self.folder.name}-{self._logs_made}"
