"""What Prometheus reads: counts and times of requests by names that nobody outside can multiply."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.http.books import OpenHalts

OPERATION_NAMES_MAX = 200
OTHER = "other"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

Reading = Callable[[], float | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that somebody in this process keeps; None while it is unknown."""

    name: str
    description: str
    read: Reading


class Metrics:
    """The figures of one process."""

    def __init__(
        self,
        *,
        worker_age_seconds: Reading | None = None,
        unsealed_seconds: Reading | None = None,
        books_age_seconds: Reading | None = None,
        figures: Sequence[Figure] = (),
        open_halts: OpenHalts | None = None,
    ) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "mizan_http_requests",
            "Requests answered, by path of the contract and status.",
            ["path", "status"],
            registry=self.registry,
        )
        self._operations = Counter(
            "mizan_graphql_operations",
            "GraphQL operations answered, by the name the client gave, and status.",
            ["operation", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "mizan_http_request_seconds",
            "Time from the request to the end of its answer.",
            ["path"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._gauge(
            "mizan_worker_age_seconds", "Since the worker last went round.", worker_age_seconds
        )
        self._gauge(
            "mizan_unsealed_age_seconds",
            "How long the oldest journal has been waiting for its place in the order.",
            unsealed_seconds,
        )
        self._gauge(
            "mizan_books_age_seconds",
            "Since this process's worker last asked the books whether they hold.",
            books_age_seconds,
        )
        for one in figures:
            self._gauge(one.name, one.description, one.read)
        self._open_halts = open_halts
        self._halted = Gauge(
            "mizan_books_halted",
            "Open halts: in their networks payouts and codes stand still.",
            registry=self.registry,
        )
        self._breaches = Gauge(
            "mizan_invariant_breaches",
            "Rows that break an invariant for which a halt is open.",
            ["invariant"],
            registry=self.registry,
        )
        self._names: set[str] = set()

    def count(self, *, path: str, operation: str | None, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)
        if path == "/graphql":
            self._operations.labels(self._bounded(operation), str(status)).inc()

    def routes(self) -> list[Route]:
        """Lay /metrics."""

        async def metrics(request: Request) -> Response:
            await self._read_halts()
            return Response(
                generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST}
            )

        return [Route("/metrics", metrics, methods=["GET"])]

    async def _read_halts(self) -> None:
        halts = None if self._open_halts is None else await self._open_halts()
        self._breaches.clear()
        self._halted.set(math.nan if halts is None else len(halts))
        for one in halts or ():
            self._breaches.labels(one.invariant).inc(one.breaches)

    def _bounded(self, name: str | None) -> str:
        # Names are the client's to choose: without a bound each would be a series for ever.
        if name is None:
            return "unnamed"
        if name in self._names:
            return name
        if len(self._names) >= OPERATION_NAMES_MAX or not _NAME.fullmatch(name):
            return OTHER
        self._names.add(name)
        return name

    def _gauge(self, name: str, description: str, read: Reading | None) -> None:
        if read is None:
            return
        found = read
        gauge = Gauge(name, description, registry=self.registry)

        def value() -> float:
            reading = found()
            return float("nan") if reading is None else reading

        gauge.set_function(value)
