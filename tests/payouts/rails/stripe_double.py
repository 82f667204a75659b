"""The Stripe double for tests: inside the test's own loop, or as a process that can be killed."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from api.clock import Clock
from api.doubles.stripe_app import create_app
from api.http.listener import listen
from payouts.rails import StripeRail

SECRET = "whsec_test"
WAIT_SECONDS = 10.0


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an application on a free port of loopback."""
    listener = listen(0)
    config = uvicorn.Config(app, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    # A test's loop keeps its own signal handlers.
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    # Its own loop looks ten times a second whether to stop; hundreds of tests would wait for that.
    stop = asyncio.Event()
    server.main_loop = stop.wait  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.sleep(0.005)  # closed connections are noticed, so shutdown need not wait
        stop.set()
        await task
        listener.close()


class _no_signals:  # noqa: N801 - it stands in for a context manager function
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


async def until(condition: Callable[[], Awaitable[Any]], *, seconds: float = WAIT_SECONDS) -> Any:
    """Wait until a condition holds and return its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = await condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {seconds} s")
        await asyncio.sleep(0.02)


class StripeDouble:
    """A running double: its address, its rail, and the outside world's levers."""

    def __init__(self, url: str, **rail: Any) -> None:
        self.url = url
        options = {"timeout_seconds": 5.0, "retries_max": 0, **rail}
        self.rail = StripeRail("sk_test_double", api_base=url, **options)
        self._http = httpx2.AsyncClient(trust_env=False, verify=False)

    async def control(self, name: str, **params: Any) -> dict[str, Any]:
        answer = await self._http.post(f"{self.url}/_control/{name}", json=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def state(self) -> dict[str, Any]:
        body: dict[str, Any] = (await self._http.get(f"{self.url}/_control/state")).json()
        return body

    async def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {"Authorization": "Bearer sk_test_double", **options.pop("headers", {})}
        return await self._http.request(method, self.url + path, headers=headers, **options)

    async def onboarded(self, key: str = "account") -> str:
        """Open an account that can receive money."""
        account = await self.rail.create_account(key=key, country="SA", email="payee@example.com")
        await self.control("onboard", account=account.id)
        return account.id

    async def aclose(self) -> None:
        await self.rail.aclose()
        await self._http.aclose()


@asynccontextmanager
async def running_double(
    folder: Path, *, webhook_url: str | None = None, clock_file: Path | None = None, **rail: Any
) -> AsyncIterator[StripeDouble]:
    """Run a double inside this loop."""
    app = create_app(
        folder, webhook_url=webhook_url, webhook_secret=SECRET, clock=Clock(clock_file)
    )
    async with serving(app) as url:
        double = StripeDouble(url, **rail)
        try:
            yield double
        finally:
            await double.aclose()


class DoubleProcess:
    """A double in a process of its own."""

    def __init__(self, folder: Path) -> None:
        port_file = folder.parent / f"{folder.name}.port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "api.doubles.stripe_server", "--folder", str(folder)]
        self._process = subprocess.Popen(
            [*command, "--port-file", str(port_file)], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + WAIT_SECONDS
        while not port_file.exists():
            assert self._process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{port_file.read_text()}"

    def kill(self) -> None:
        """Kill it without warning."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        self._process.terminate()
        return self._process.wait(timeout=WAIT_SECONDS)
