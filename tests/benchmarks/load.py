"""The load generator: a process of its own that keeps some connections busy (closed loop).

It reads a job as JSON from its standard input and writes what it saw as JSON to its output. Each
connection sends the next request when the answer to the last has arrived; nothing is pipelined.
"""

import asyncio
import base64
import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, cast
from uuid import uuid4

FRESH = "00000000-0000-4000-8000-000000000000"
"""Stands in a request for an id that every sending makes anew."""


@dataclass(frozen=True)
class Job:
    """What to send where, and for how long."""

    port: int
    requests: list[str]
    """Whole HTTP requests, in base64."""
    must_contain: str
    """What a good answer contains; an answer without it is counted as an error."""
    connections: int
    seconds: float
    warm_up_seconds: float = 0.0
    times: int | None = None
    """Ends after so many requests instead, however long they take."""


@dataclass
class Seen:
    """What came back."""

    count: int = 0
    acknowledged: int = 0
    errors: int = 0
    first_error: str = ""
    bytes: int = 0
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    latencies: list[float] = field(default_factory=list)


class _Connection(asyncio.Protocol):
    def __init__(self, job: "_Running") -> None:
        self._job = job
        self._buffer = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._job.seen.errors += 1
            self._job.seen.first_error = self._job.seen.first_error or f"cut: {exc!r}"
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _content_length(self._buffer[:head_end])
        if len(self._buffer) < head_end + 4 + length:
            return
        answer, self._buffer = self._buffer, b""
        self._job.take(answer, self._sent_at, time.perf_counter())
        self._send()

    def _send(self) -> None:
        if self._job.is_over():
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        request = next(self._job.requests)
        self._sent_at = time.perf_counter()
        self._transport.write(request)


class _Running:
    def __init__(self, job: Job) -> None:
        now = time.perf_counter()
        self.starts_at = now + job.warm_up_seconds
        self.ends_at = self.starts_at + job.seconds
        requests = _endless([base64.b64decode(one) for one in job.requests])
        self.requests = itertools.islice(requests, job.times)
        self.left = job.times
        if job.times is not None:
            self.starts_at, self.ends_at = now, math.inf
        self.seen = Seen()
        self._must = job.must_contain.encode()

    def is_over(self) -> bool:
        """Tell whether no more is to be sent; otherwise one more is."""
        if self.left is not None:
            self.left -= 1
            return self.left < 0
        return time.perf_counter() >= self.ends_at

    def take(self, answer: bytes, sent_at: float, now: float) -> None:
        seen = self.seen
        is_good = answer.startswith(b"HTTP/1.1 200") and self._must in answer
        if not is_good or b'"errors":' in answer:
            seen.errors += 1
            seen.first_error = seen.first_error or answer[-600:].decode(errors="replace")
            return
        seen.acknowledged += 1
        if self.starts_at <= now <= self.ends_at:
            seen.count += 1
            seen.bytes += len(answer)
            seen.latencies.append(now - sent_at)


def _endless(requests: list[bytes]) -> Iterator[bytes]:
    fresh = FRESH.encode()
    for request in itertools.cycle(requests):
        yield request.replace(fresh, str(uuid4()).encode()) if fresh in request else request


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        raise ValueError("an answer without content-length")
    return int(head[at + 15 :].split(b"\r\n", 1)[0])


async def generate(job: Job) -> Seen:
    """Keep the connections of a job busy for its time; gives what came back."""
    begun = time.perf_counter()
    running = _Running(job)
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(running), "127.0.0.1", job.port)
        for _ in range(job.connections)
    ]
    await asyncio.wait_for(
        asyncio.gather(*(connection.done for _, connection in made)),
        timeout=job.warm_up_seconds + job.seconds + 60,
    )
    seen = running.seen
    seen.seconds = job.seconds if job.times is None else time.perf_counter() - begun
    if len(seen.latencies) >= 2:
        cuts = statistics.quantiles(seen.latencies, n=100)
        seen.p50_ms, seen.p99_ms = cuts[49] * 1000, cuts[98] * 1000
    seen.latencies = []
    return seen


def main() -> None:
    """Do the job that stands on the standard input."""
    import uvloop

    job: dict[str, Any] = json.load(sys.stdin)
    seen = uvloop.run(generate(Job(**job)))
    json.dump(asdict(seen), sys.stdout)


if __name__ == "__main__":
    main()
