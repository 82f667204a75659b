"""The double reports deliveries by itself, a few times, under the key that was agreed."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.clock import Clock
from api.doubles.standing import standing
from api.doubles.suppliers_server import account_at
from api.supply import OPENERS
from catalog.suppliers import (
    EventSubject,
    OrderState,
    SupplierEvent,
    SupplierUnknownOutcome,
    XoxodaySupplier,
)
from payouts.money import Money
from tests.catalog.suppliers.xoxoday.conftest import Double

pytestmark = pytest.mark.asyncio
Received = list[tuple[dict[str, str], bytes]]


@pytest.fixture
def listener() -> Iterator[tuple[str, Received, list[int]]]:
    """Somebody who takes messages, and answers with the statuses in the list, the last for ever."""
    received: Received = []
    statuses = [200]

    async def take(request: Request) -> Response:
        received.append((dict(request.headers), await request.body()))
        return Response(status_code=statuses.pop(0) if len(statuses) > 1 else statuses[0])

    with standing(Starlette(routes=[Route("/hook", take, methods=["POST"])])) as url:
        yield f"{url}/hook", received, statuses


async def until(received: Received, count: int) -> None:
    for _ in range(200):
        if len(received) >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(received)} of {count} messages came")


async def test_a_delivery_is_reported_and_read(
    supplier: XoxodaySupplier, double: Double, listener: tuple[str, Received, list[int]]
) -> None:
    url, received, _ = listener
    double.control("POST", "webhooks", {"url": url, "copies": 2})
    await supplier.place_order("key-1", "52006", Money(18000, "SAR"), 1)
    assert received == []  # it is pending, and nothing is reported yet
    double.control("POST", "orders/1", {"status": "delivered"})
    await until(received, 2)
    events = [supplier.read_event(*message) for message in received]
    assert events == [SupplierEvent("10", EventSubject.ORDER, "key-1")] * 2
    told = json.loads(received[0][1])
    assert (told["data"]["orderId"], told["data"]["deliveryStatus"]) == (1, "delivered")


async def test_an_address_that_never_answers_well_is_given_up(
    supplier: XoxodaySupplier, double: Double, listener: tuple[str, Received, list[int]]
) -> None:
    url, received, statuses = listener
    statuses[:] = [500]
    double.control("POST", "webhooks", {"url": url})
    await supplier.place_order("key-1", "52001", Money(5000, "SAR"), 1)
    await until(received, 3)
    for _ in range(100):
        if "webhook_disabled" in double.counts():
            break
        await asyncio.sleep(0.02)
    await supplier.place_order("key-2", "52001", Money(5000, "SAR"), 1)
    assert (double.counts()["webhook"], double.counts()["webhook_disabled"]) == (3, 1)
    assert len(received) == 3


async def test_the_double_is_not_open_to_strangers(double: Double) -> None:
    body = {"query": "plumProAPI.query.getBalance", "tag": "plumProAPI", "variables": {"data": {}}}
    answer = httpx2.post(f"{double.url}/v1/oauth/api", json=body)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_control_refuses_what_it_does_not_know(double: Double) -> None:
    for path, body in (
        ("faults", {"kind": "rain"}),
        (
            "faults",
            {"kind": "wrong_order"},
        ),  # played where cards are told, not where they are ordered
        ("catalogue", {"sku": "52001", "change": "paint"}),
        ("orders/1", {"status": "delivered"}),
        ("message", {"order": 1}),
        ("webhooks", {"url": "http://127.0.0.1:1", "copies": 99}),
    ):
        answer = httpx2.post(f"{double.url}/_control/{path}", json=body)
        assert answer.status_code in (400, 404), path
    assert double.control("GET", "faults") == []


async def test_an_order_survives_a_double_that_kills_itself(tmp_path: Path) -> None:
    process, url = start(tmp_path)
    try:
        account = account_at("xoxoday", f"{url}/xoxoday")
        supplier = OPENERS["xoxoday"](account, Clock().now)
        for key, kind in (("key-1", "kill_after"), ("key-2", "kill_before")):
            fault = {"kind": kind}
            httpx2.post(f"{account.api_base}/_control/faults", json=fault).raise_for_status()
            with pytest.raises(SupplierUnknownOutcome):
                await supplier.place_order(key, "52001", Money(5000, "SAR"), 1)
            assert process.wait(timeout=10) == -signal.SIGKILL
            await supplier.aclose()
            process, url = start(tmp_path)
            account = account_at("xoxoday", f"{url}/xoxoday")
            supplier = OPENERS["xoxoday"](account, Clock().now)
        found = await supplier.find_order("key-1")
        assert found is not None
        assert (found.state, found.cost) == (OrderState.SUCCEEDED, Money(4825, "SAR"))
        assert len(await supplier.fetch_codes(found.reference)) == 1
        assert await supplier.find_order("key-2") is None
        await supplier.aclose()
    finally:
        process.kill()
        process.wait()


def start(folder: Path) -> "tuple[subprocess.Popen[bytes], str]":
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "api.cli.main", "doubles", "suppliers"]
    process = subprocess.Popen(
        [*command, "--folder", str(folder / "state"), "--port-file", str(port_file)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not port_file.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process, f"http://127.0.0.1:{port_file.read_text()}"
