from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette

from api.clock import Clock
from api.database.transaction import Database
from api.http.stripe_webhook import stripe_webhook_route
from payouts.ledger import open_book
from tests.conftest import NOW
from tests.payouts.disbursement.world import Bank
from tests.payouts.rails.stripe_double import SECRET, running_double, serving
from tests.payouts.settlement.world import BOOK, assert_books_balance

OTHER = "whsec_connect"


@pytest.fixture
async def bank(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> AsyncIterator[Bank]:
    """As in disbursement, with the double's webhooks coming in over HTTP."""
    clock_file = tmp_path / "clock"
    clock_file.write_text(NOW.isoformat())
    clock = Clock(clock_file)
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
    route = stripe_webhook_route(database=database, secrets=[OTHER, SECRET], clock=clock)
    async with (
        serving(Starlette(routes=[route])) as url,
        running_double(
            tmp_path / "stripe", clock_file=clock_file, webhook_url=f"{url}/webhooks/stripe"
        ) as double,
    ):
        found = Bank(database, double, clock)
        found.inbox_url = f"{url}/webhooks/stripe"  # type: ignore[attr-defined]
        yield found
        await assert_books_balance(superuser)
