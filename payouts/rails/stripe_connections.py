"""HTTP connections to one provider: kept open, one request at a time on each, nothing else.

The general client of the SDK spends more on a request than everything else that a payout needs.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlsplit

import httptools

IDLE_SECONDS_MAX: Final = 5.0
IDLE_MAX: Final = 32
ANSWER_BYTES_MAX: Final = 64 * 2**20
FINAL_STATUS_MIN: Final = 200
_PORTS = {"http": 80, "https": 443}


class ConnectionFailed(Exception):
    """No whole answer came; whether the request arrived is not known."""


@dataclass(slots=True)
class Answer:
    """What was answered to a request."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class _Connection(asyncio.Protocol):
    """One connection; httptools calls the `on_` methods while it reads an answer."""

    def __init__(self) -> None:
        self.is_open = True
        self.idle_since = 0.0
        self._keeps = False
        self._waiting: asyncio.Future[Answer] | None = None
        self._begin()

    def _begin(self) -> None:
        self._answer = Answer()
        self._parts: list[bytes] = []
        self._size = 0
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc)

    def eof_received(self) -> bool:
        return False

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.close()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > ANSWER_BYTES_MAX:
            self._fail(None)
        self._parts.append(part)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < FINAL_STATUS_MIN:
            self._answer = Answer()  # told ahead of the answer
            return
        self._answer.status = self._parser.get_status_code()
        self._answer.body = b"".join(self._parts)
        self._keeps = self._parser.should_keep_alive()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._answer)

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for the whole answer to it. Raises ConnectionFailed."""
        self._begin()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            self._waiting = None
            if not self._keeps:
                self.close()
            self._keeps = False

    def close(self) -> None:
        self.is_open = False
        self._transport.close()

    def _fail(self, error: Exception | None) -> None:
        self.close()
        if self._waiting is not None and not self._waiting.done():
            failed = ConnectionFailed("the connection ended before the answer did")
            failed.__cause__ = error
            self._waiting.set_exception(failed)


class Connections:
    """Connections to whatever addresses are asked for; an idle one is used again for a while."""

    def __init__(self, timeout_seconds: float, tls: ssl.SSLContext | None) -> None:
        self._timeout_seconds = timeout_seconds
        self._tls = tls
        self._idle: dict[tuple[str, str, int], list[_Connection]] = {}

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Send one request, once, and give the answer. Raises ConnectionFailed, TimeoutError."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        place = (parts.scheme, host, parts.port or _PORTS[parts.scheme])
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"{method.upper()} {target} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Accept: */*", f"Content-Length: {len(body)}"]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header is one line")
        request = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        async with asyncio.timeout(self._timeout_seconds):
            connection = self._idle_one(place) or await self._open(place)
            answer = await connection.ask(request)
        self._keep(place, connection)
        return answer

    def _idle_one(self, place: tuple[str, str, int]) -> _Connection | None:
        idle = self._idle.get(place, [])
        while idle:
            connection = idle.pop()
            if connection.is_open and time.monotonic() - connection.idle_since < IDLE_SECONDS_MAX:
                return connection
            connection.close()
        return None

    async def _open(self, place: tuple[str, str, int]) -> _Connection:
        scheme, host, port = place
        tls = self._tls if scheme == "https" else None
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                _Connection, host, port, ssl=tls
            )
        except OSError as error:
            raise ConnectionFailed("no connection was made") from error
        return connection

    def _keep(self, place: tuple[str, str, int], connection: _Connection) -> None:
        idle = self._idle.setdefault(place, [])
        if connection.is_open and len(idle) < IDLE_MAX:
            connection.idle_since = time.monotonic()
            idle.append(connection)
        else:
            connection.close()

    async def aclose(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # what is closed is let go of in the loop's next round
