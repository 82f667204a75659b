from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import stripe

from payouts.rails.stripe_transport import open_clients
from tests.payouts.rails.stripe_double import StripeDouble, running_double


@pytest.fixture
async def double(tmp_path: Path) -> AsyncIterator[StripeDouble]:
    async with running_double(tmp_path / "stripe") as running:
        yield running


@pytest.fixture
async def sdk(double: StripeDouble) -> AsyncIterator[stripe.StripeClient]:
    """The official SDK, as it comes, at the double: it asks once and hides nothing."""
    clients = open_clients(
        "sk_test_double", api_base=double.url, timeout_seconds=5.0, retries_max=0
    )
    yield clients.changing
    await clients.transport.aclose()
