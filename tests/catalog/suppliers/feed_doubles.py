"""The doubles of feeds, served over real HTTP, and the hands to play the outside world with."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette

from api.clock import Clock
from api.doubles.feed_store import TOKEN
from api.http.listener import listen
from catalog.suppliers import Secret

TOKEN_OF_DOUBLE = Secret(TOKEN)


@dataclass(frozen=True, slots=True)
class FeedDouble:
    """A running double; its origin is one that a test has to trust by name."""

    origin: str
    clock: Clock

    @property
    def trusted(self) -> frozenset[str]:
        return frozenset({self.origin})

    def url(self, name: str) -> str:
        return f"{self.origin}/{name}"

    def fault(self, kind: str, **fields: Any) -> None:
        answer = httpx2.post(f"{self.origin}/_control/faults", json={"kind": kind, **fields})
        assert answer.status_code == 200, answer.text

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = httpx2.get(f"{self.origin}/_control/counts").json()
        return found

    def put(self, name: str, body: bytes) -> None:
        httpx2.put(f"{self.origin}/_control/files/{name}", content=body)


@contextmanager
def serving(create_app: Callable[[Path, Clock], Starlette], folder: Path) -> Iterator[FeedDouble]:
    """Serve a double on loopback until the block ends."""
    clock = Clock(folder / "clock")
    listener = listen(0)
    config = uvicorn.Config(
        create_app(folder / "state", clock),
        log_level="critical",
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)

    def serve() -> None:
        asyncio.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield FeedDouble(f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()
