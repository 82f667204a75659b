"""Serves a supplier's double over real HTTP, and a place where its messages arrive."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.clock import Clock
from api.http.listener import listen
from catalog.suppliers.exchange import Channel

ARRIVAL_SECONDS_MAX = 10


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an app on loopback; gives its address."""
    listener = listen(0)
    config = uvicorn.Config(
        app, log_level="critical", ws="none", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=5)
    listener.close()


@dataclass(frozen=True, slots=True)
class ShopDouble:
    """A running double and the hands to play the outside world with."""

    url: str
    clock: Clock

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx2.request(method, f"{self.url}/_control/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def fault(self, kind: str, **fields: Any) -> None:
        self.control("POST", "faults", {"kind": kind, **fields})

    def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "orders")
        return found

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = self.control("GET", "counts")
        return found


@dataclass(slots=True)
class Inbox:
    """Where messages of a double arrive, exactly as they were sent."""

    url: str = ""
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refusals: int = 0
    """How many of the next messages are answered with 500."""

    def app(self) -> Starlette:
        async def take(request: Request) -> Response:
            if self.refusals:
                self.refusals -= 1
                return Response(status_code=500)
            self.messages.append((dict(request.headers), await request.body()))
            return Response(status_code=204)

        return Starlette(routes=[Route("/", take, methods=["POST"])])

    def wait(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        """Wait until so many messages have come."""
        deadline = time.monotonic() + ARRIVAL_SECONDS_MAX
        while len(self.messages) < count:
            assert time.monotonic() < deadline, f"{len(self.messages)} of {count} messages came"
            time.sleep(0.02)
        return self.messages


@contextmanager
def open_inbox() -> Iterator[Inbox]:
    """Open a place where messages arrive."""
    inbox = Inbox()
    with served(inbox.app()) as url:
        inbox.url = f"{url}/"
        yield inbox


def answering(status: int, body: Any) -> Channel:
    """A line on which every request gets the same answer."""
    response = httpx2.Response(status, content=json.dumps(body).encode())
    return Channel(httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: response)), {})
