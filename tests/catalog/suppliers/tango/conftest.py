"""A Tango double that is served over real HTTP for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.clock import Clock
from api.doubles.order_events import WEBHOOK_SECRET
from api.doubles.tango_app import CLIENT_ID, CLIENT_SECRET, create_app
from api.doubles.tango_shop import ACCOUNT
from catalog.suppliers import Secret, TangoAccess, TangoSupplier, open_tango
from tests.catalog.suppliers.shop import Inbox, ShopDouble, open_inbox, served


def access(double: ShopDouble, **changes: Any) -> TangoAccess:
    fields: dict[str, Any] = {
        "platform": CLIENT_ID,
        "platform_key": Secret(CLIENT_SECRET),
        "account": ACCOUNT,
        "customer": CLIENT_ID,
        "api_url": double.url,
        "webhook_secrets": (Secret(WEBHOOK_SECRET),),
        "order_deadline_seconds": 1.5,
        "pause_seconds": 0.0,
    }
    return TangoAccess(**{**fields, **changes})


@pytest.fixture
def double(tmp_path: Path) -> Iterator[ShopDouble]:
    clock = Clock(tmp_path / "clock")
    with served(create_app(tmp_path / "state", clock)) as url:
        yield ShopDouble(url, clock)


@pytest.fixture
def inbox(double: ShopDouble) -> Iterator[Inbox]:
    with open_inbox() as opened:
        double.control("POST", "webhooks", {"url": opened.url})
        yield opened


@pytest_asyncio.fixture
async def supplier(double: ShopDouble) -> AsyncIterator[TangoSupplier]:
    opened = open_tango(access(double))
    yield opened
    await opened.aclose()
