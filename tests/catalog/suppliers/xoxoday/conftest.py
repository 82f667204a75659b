"""A Xoxoday double that is served over real HTTP for each test."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from api.clock import Clock
from api.doubles.standing import standing
from api.doubles.xoxoday_app import CLIENT_ID, CLIENT_SECRET, create_app
from api.doubles.xoxoday_shop import WEBHOOK_KEY
from catalog.suppliers import Secret, XoxodayAccess, XoxodaySupplier, open_xoxoday


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

    def access(self, **changes: Any) -> XoxodayAccess:
        fields: dict[str, Any] = {
            "client_id": CLIENT_ID,
            "client_secret": Secret(CLIENT_SECRET),
            "webhook_keys": (Secret(WEBHOOK_KEY),),
            "api_url": self.url,
            "order_deadline_seconds": 1.5,
        }
        return XoxodayAccess(**{**fields, **changes})


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Double]:
    clock = Clock(tmp_path / "clock")
    with standing(create_app(tmp_path / "state", clock)) as url:
        yield Double(url, clock)


@pytest_asyncio.fixture
async def supplier(double: Double) -> AsyncIterator[XoxodaySupplier]:
    opened = open_xoxoday(double.access(), double.clock.now)
    yield opened
    await opened.aclose()


@pytest_asyncio.fixture
async def lone(tmp_path: Path) -> AsyncIterator[XoxodaySupplier]:
    """The adapter with nobody at its address, for answers that a test makes up."""
    clock = Clock(tmp_path / "clock")
    opened = open_xoxoday(Double("http://127.0.0.1:1", clock).access(), clock.now)
    yield opened
    await opened.aclose()
