"""Server, worker and the two doubles as processes, watched over: whoever dies is started again."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import httpx2

from api.doubles.reloadly_app import CLIENT_ID, CLIENT_SECRET

START_SECONDS_MAX = 60.0
PAUSE_SECONDS = 0.02
WEBHOOK_SECRET = "whsec_journey"
DOUBLES = ("stripe", "reloadly")
OURS = ("server", "worker")
ALIVE_AT = {"stripe": "/_control", "reloadly": "/_control/counts", "server": "/healthz"}
ROOT = Path(__file__).resolve().parents[2]
_GIVEN: set[int] = set()
_GATE = Lock()


class Nursery:
    """Where processes come from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._gate = Lock()
        self._is_ready = False

    def start(self, arguments: list[str], **order: Any) -> int:
        pid: int = self._ask({"start": arguments, **order})["pid"]
        return pid

    def poll(self, pid: int) -> int | None:
        code: int | None = self._ask({"poll": pid})["code"]
        return code

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.read()
        self._process.wait(30)
        self._process.stdout.close()

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        with self._gate:
            if not self._is_ready:
                self._is_ready = self._answer()["ready"]
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class Town:
    """Everything that runs, over one database and one folder."""

    nursery: Nursery
    folder: Path
    application_url: str
    migrator_url: str
    crash: tuple[str, str] | None = None
    """Which process is told to kill itself, and where."""
    plant: str | None = None
    """A module with a fault, loaded into the worker."""
    opens_at_once: bool = True
    deaths: list[tuple[str, int]] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=30, trust_env=False))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = {name: _free_port() for name in ("server", "stripe", "reloadly")}

    def __enter__(self) -> Self:
        try:
            self.open(DOUBLES)
            if self.opens_at_once:
                self.open(OURS)
        except BaseException:
            self.stop()
            raise
        return self

    def open(self, names: tuple[str, ...]) -> None:
        """Start some of the processes, and wait until they answer."""
        for name in names:
            self.start(name)
        if names == OURS or not self.opens_at_once:
            self.wait_until_all_answer()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End everybody."""
        for pid in self.pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        for pid in self.pids.values():
            while self.nursery.poll(pid) is None:
                if time.monotonic() > deadline:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                time.sleep(PAUSE_SECONDS)
        self.pids.clear()
        self.http.close()

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MIZAN_", "STRIPE_", "DATABASE_", "RELOADLY_"))
        }
        return {
            **kept,
            "MIZAN_DATA_DIR": str(self.folder / "data"),
            "MIZAN_CLOCK_FILE": str(self.clock_file),
            "MIZAN_ISSUER": self.url("server"),
            "DATABASE_URL": self.application_url,
            "MIZAN_MIGRATOR_URL": self.migrator_url,
            "STRIPE_API_KEY": "sk_test_journey",
            "STRIPE_API_BASE": self.url("stripe"),
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "RELOADLY_CLIENT_ID": CLIENT_ID,
            "RELOADLY_CLIENT_SECRET": CLIENT_SECRET,
            "RELOADLY_API_BASE": self.url("reloadly"),
            "RELOADLY_AUTH_BASE": self.url("reloadly"),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, name: str) -> None:
        """Start a process; told to kill itself only the first time."""
        environment = self.environment()
        if self.crash is not None and self.crash[0] == name and not self.deaths:
            environment["MIZAN_CRASH_POINT"] = self.crash[1]
        self.pids[name] = self.nursery.start(
            self._arguments(name),
            environment=environment,
            log=str(self.folder / f"{name}.log"),
            plant=self.plant if name == "worker" else None,
        )

    def run(self, *arguments: str) -> str:
        """Run a command to its end, which must be good; gives what it printed."""
        log = self.folder / f"{arguments[0]}.out"
        pid = self.nursery.start(list(arguments), environment=self.environment(), log=str(log))
        while (code := self.nursery.poll(pid)) is None:
            time.sleep(PAUSE_SECONDS)
        text = log.read_text()
        assert code == 0, text[-2000:]
        return text

    def supervise(self) -> None:
        """Note who died, and start them again."""
        for name, pid in list(self.pids.items()):
            code = self.nursery.poll(pid)
            if code is None:
                continue
            self.deaths.append((name, code))
            assert code == -signal.SIGKILL, f"{name} ended with {code}: {self.log(name)}"
            assert len(self.deaths) < 3, self.deaths
            self.start(name)

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text()[-3000:] if path.exists() else ""

    def wait_until_all_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        for name in self.pids.keys() & ALIVE_AT.keys():
            while not self._answers(self.url(name) + ALIVE_AT[name]):
                self.supervise()
                assert time.monotonic() < deadline, f"{name} does not answer: {self.log(name)}"
                time.sleep(PAUSE_SECONDS)

    def _answers(self, url: str) -> bool:
        try:
            return self.http.get(url).status_code == 200
        except httpx2.TransportError:
            return False

    def _arguments(self, name: str) -> list[str]:
        if name == "worker":
            return ["worker"]
        port = ["--port", str(self.ports[name])]
        if name == "server":
            return ["serve", "--no-worker", *port]
        folder = self.folder / name
        shared = ["--folder", str(folder), "--clock-file", str(self.clock_file)]
        if name == "reloadly":
            return ["doubles", "reloadly", *port, *shared]
        hook = ["--webhook-url", f"{self.url('server')}/webhooks/stripe"]
        secret = ["--webhook-secret", WEBHOOK_SECRET]
        return ["doubles", "stripe", *port, *shared, *hook, *secret]


def copy_folder(source: Path, target: Path) -> None:
    """Copy what a town keeps outside the database, without its logs."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.log", "*.out", "*.beat"))


def _free_port() -> int:
    """A port that nobody has, and that no other town of this run was given."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        with _GATE:
            if port not in _GIVEN:
                _GIVEN.add(port)
                return port
