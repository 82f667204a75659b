from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.payouts.rails.stripe_double import StripeDouble, running_double


@pytest.fixture
async def double(tmp_path: Path) -> AsyncIterator[StripeDouble]:
    async with running_double(tmp_path / "stripe") as running:
        yield running
