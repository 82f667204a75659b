"""The outside parties of this process: the real ones, or doubles that it starts and shares.

Processes that share a data folder share its doubles as they share its PostgreSQL: each holds a
lease that the kernel lets go of, and whoever is last stops them.
"""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from api.doubles.reloadly_stock import add_to_stock
from api.doubles.suppliers_server import DOUBLES, WEBHOOK_SECRETS, account_at
from api.settings import SUPPLIERS, Settings

START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 5.0
PAUSE_SECONDS = 0.05
_ALIVE = {"stripe": "/_control", "suppliers": "/_control"}
_KEY = "sk_test_double"


class DoubleFailed(Exception):
    """A double of an outside party did not start."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Settings that point to the outside parties, and the addresses of those that are doubles."""

    settings: Settings
    doubles: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Record:
    pid: int
    url: str


@asynccontextmanager
async def open_outside(
    settings: Settings, *, webhooks: str | None, webhook_secret: str
) -> AsyncIterator[Outside]:
    """Point to the outside parties; each that we have no keys for is a double.

    With an account at any supplier, none of the suppliers is a double. With a `webhooks` address,
    such as http://127.0.0.1:8000/webhooks, the doubles report below it from now on, each at the
    place of the party that it plays.
    """
    wanted = [
        name
        for name, is_ours in (
            ("stripe", settings.stripe_api_key is None and settings.stripe_api_base is None),
            ("suppliers", not settings.suppliers),
        )
        if is_ours
    ]
    if settings.stripe_api_base is not None and settings.stripe_api_key is None:
        settings = replace(settings, stripe_api_key=_KEY)  # somebody's own double asks for any key
    if not wanted:
        yield Outside(settings, {})
        return
    folder = settings.data_dir / "doubles"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lease(folder) as lease:
        found = await asyncio.to_thread(_have, folder, wanted, settings, webhook_secret)
        if webhooks is not None:
            await _report_to(found, webhooks)
        try:
            yield Outside(_pointed(settings, found, webhook_secret), found)
        finally:
            _let_go(folder, lease)


def _pointed(settings: Settings, found: dict[str, str], webhook_secret: str) -> Settings:
    if "stripe" in found:
        settings = replace(
            settings,
            stripe_api_key=_KEY,
            stripe_api_base=found["stripe"],
            stripe_webhook_secrets=(webhook_secret, *settings.stripe_webhook_secrets),
        )
    suppliers = {name: account_at(name, found[name]) for name in SUPPLIERS if name in found}
    return replace(settings, suppliers=suppliers) if suppliers else settings


def running_doubles(settings: Settings) -> dict[str, str]:
    """Tell where the doubles of this data folder listen, as other processes started them."""
    found = {name: _living(settings.data_dir / "doubles", name) for name in _ALIVE}
    return _by_name(found)


def _by_name(found: dict[str, _Record | None]) -> dict[str, str]:
    """Tell where each outside party is: one process plays all suppliers."""
    urls = {name: record.url for name, record in found.items() if record is not None}
    suppliers = urls.pop("suppliers", None)
    return urls | ({name: f"{suppliers}/{name}" for name in DOUBLES} if suppliers else {})


def stock_double(settings: Settings, supplier_name: str, raw: bytes) -> None:
    """Let a supplier's double sell what a file offers: an imported card can then be ordered."""
    if supplier_name == "reloadly" and not settings.suppliers:
        add_to_stock(settings.data_dir / "doubles" / "suppliers" / "reloadly", raw)


async def _report_to(found: Mapping[str, str], webhooks: str) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as http:
        for name, url in found.items():
            if name == "stripe":
                told = {"webhook_url": f"{webhooks}/stripe"}
                answer = await http.post(f"{url}/_control/settings", json=told)
            elif name in WEBHOOK_SECRETS:
                told = {"url": f"{webhooks}/suppliers/{name}"}
                answer = await http.post(f"{url}/_control/webhooks", json=told)
            else:
                continue
            answer.raise_for_status()


def _have(
    folder: Path, names: list[str], settings: Settings, webhook_secret: str
) -> dict[str, str]:
    """Find the doubles that run, start the others, and wait until all listen."""
    with _locked(folder / "gate"):
        found = {name: _living(folder, name) for name in names}
        started = {
            name: _spawn(folder, name, settings, webhook_secret)
            for name, record in found.items()
            if record is None
        }
        for name, process in started.items():
            found[name] = _await_port(folder, name, process)
    return _by_name(found)


def _living(folder: Path, name: str) -> _Record | None:
    try:
        fields = json.loads((folder / f"{name}.json").read_text())
        record = _Record(int(fields["pid"]), str(fields["url"]))
        answer = httpx2.get(record.url + _ALIVE[name], timeout=2, trust_env=False)
    except (OSError, ValueError, KeyError, httpx2.HTTPError):
        return None
    return record if answer.status_code == 200 else None


def _spawn(
    folder: Path, name: str, settings: Settings, webhook_secret: str
) -> "subprocess.Popen[bytes]":
    (folder / f"{name}.port").unlink(missing_ok=True)
    command = [sys.executable, "-m", "api.cli.main", "doubles", name]
    command += ["--folder", str(folder / name), "--port-file", str(folder / f"{name}.port")]
    if settings.clock_file is not None:
        command += ["--clock-file", str(settings.clock_file)]
    (folder / name).mkdir(mode=0o700, exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if k != "MIZAN_CRASH_POINT"}
    if name == "stripe":
        environment["MIZAN_DOUBLE_WEBHOOK_SECRET"] = webhook_secret  # a command line is public
    with (folder / f"{name}.log").open("ab") as log:
        # Its own session: Ctrl-C is for us, and we stop it when nobody needs it any more.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )


def _await_port(folder: Path, name: str, process: "subprocess.Popen[bytes]") -> _Record:
    deadline = time.monotonic() + START_SECONDS_MAX
    port_file = folder / f"{name}.port"
    while not port_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise DoubleFailed(f"The {name} double did not start; see {folder / name}.log")
        time.sleep(PAUSE_SECONDS)
    record = _Record(process.pid, f"http://127.0.0.1:{int(port_file.read_text())}")
    draft = folder / f".{name}.json"
    draft.write_text(json.dumps({"pid": record.pid, "url": record.url}))
    os.replace(draft, folder / f"{name}.json")
    return record


def _let_go(folder: Path, lease: int) -> None:
    """Stop the doubles if nobody else holds them."""
    with _locked(folder / "gate"):
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for name in _ALIVE:
            record = _living(folder, name)
            if record is not None:
                _stop(record)
            (folder / f"{name}.json").unlink(missing_ok=True)


def _stop(record: _Record) -> None:
    with suppress(ProcessLookupError):
        os.kill(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while time.monotonic() < deadline:
            with suppress(ChildProcessError):
                if os.waitpid(record.pid, os.WNOHANG)[0]:
                    return
            os.kill(record.pid, 0)
            time.sleep(PAUSE_SECONDS)
        os.kill(record.pid, signal.SIGKILL)


@contextmanager
def _lease(folder: Path) -> Iterator[int]:
    lease = os.open(folder / "lease", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        with _locked(folder / "gate"):
            fcntl.flock(lease, fcntl.LOCK_SH)
        yield lease
    finally:
        os.close(lease)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    gate = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)
