"""A Reloadly double that is served over real HTTP for each test."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import uvicorn

from api.clock import Clock
from api.doubles.reloadly_app import CLIENT_ID, CLIENT_SECRET, create_app
from api.http.listener import listen
from catalog.suppliers import ReloadlyAccess, ReloadlySupplier, Secret, open_reloadly


@dataclass(frozen=True, slots=True)
class Double:
    """The running double and the hands to play the outside world with."""

    url: str
    clock: Clock

    def control(self, method: str, path: str, body: Any = None) -> Any:
        return httpx2.request(method, f"{self.url}/_control/{path}", json=body).json()

    def fault(self, kind: str, **fields: Any) -> None:
        self.control("POST", "faults", {"kind": kind, **fields})

    def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "orders")
        return found

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = self.control("GET", "counts")
        return found

    def access(self, **changes: Any) -> ReloadlyAccess:
        fields: dict[str, Any] = {
            "client_id": CLIENT_ID,
            "client_secret": Secret(CLIENT_SECRET),
            "auth_url": self.url,
            "api_url": self.url,
            "order_deadline_seconds": 1.5,
        }
        return ReloadlyAccess(**{**fields, **changes})


@contextmanager
def serve_double(folder: Path, clock: Clock) -> Iterator[Double]:
    """Serve a double that keeps its state in a folder, until the block ends."""
    listener = listen(0)
    app = create_app(folder, clock)
    config = uvicorn.Config(
        app, log_level="critical", ws="none", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)

    def serve() -> None:
        asyncio.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Double(f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
    server.should_exit = True
    thread.join(timeout=5)
    listener.close()


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Double]:
    with serve_double(tmp_path / "state", Clock(tmp_path / "clock")) as served:
        yield served


@pytest_asyncio.fixture
async def supplier(double: Double) -> AsyncIterator[ReloadlySupplier]:
    opened = open_reloadly(double.access(), double.clock.now)
    yield opened
    await opened.aclose()
