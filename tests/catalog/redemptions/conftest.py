"""A network that buys from the Reloadly double over real HTTP, on a clock that stands still."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from api.database.transaction import Database
from api.worker.jobs.fulfilment import run_redemption_fulfil
from api.worker.world import World
from catalog.redemptions import Redemption, read_attempts, read_redemptions
from catalog.rewards import import_feed
from catalog.suppliers import (
    Supplier,
    open_reloadly,
    read_reloadly_feed,
    register_supplier,
)
from catalog.vouchers import Voucher, read_vouchers_of_redemptions
from payouts.money import Money
from tests.catalog.suppliers.conftest import Double
from tests.catalog.suppliers.conftest import double as double
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network


@pytest.fixture
async def souq(database: Database) -> SmallNetwork:
    return await found_network(database)


class Killed(BaseException):
    """Stands for the end of the process."""


@dataclass(slots=True)
class Buying:
    """The network, its supplier, and a worker that a test can kill."""

    souq: SmallNetwork
    double: Double
    supplier_id: UUID
    rewards: dict[str, UUID]
    world: World
    kill_at: str | None = None
    passed: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.double.clock.now()

    def pass_time(self, **span: int) -> None:
        assert self.double.clock.file is not None
        self.double.clock.file.write_text((self.now + timedelta(**span)).isoformat())

    def crash(self, name: str) -> None:
        self.passed.append(name)
        if name == self.kill_at:
            self.kill_at = None
            raise Killed(name)

    async def place(self, sku: str = "7001", face: int = 5_000, unit: str = "SAR") -> Redemption:
        quote = await self.souq.quote(self.rewards[sku], Money(face, unit), now=self.now)
        return await self.souq.place(quote, now=self.now)

    async def work(self) -> int:
        return await run_redemption_fulfil(self.world, self.souq.network_id)

    async def work_until_done(self, one: Redemption, *, steps: int = 20) -> Redemption:
        """Let the worker go round, five seconds of the clock a time, until the end."""
        for _ in range(steps):
            await self.work()
            found = await self.find(one)
            if found.ended_at is not None:
                return found
            self.pass_time(seconds=5)
        raise AssertionError("the redemption did not end")

    async def find(self, one: Redemption) -> Redemption:
        async with self.souq.database.reading(self.souq.network_id) as db:
            found = await read_redemptions(
                db, network_id=self.souq.network_id, redemption_ids=[one.redemption_id]
            )
        return found[one.redemption_id]

    async def attempt(self, one: Redemption) -> Any:
        async with self.souq.database.reading(self.souq.network_id) as db:
            found = await read_attempts(
                db, network_id=self.souq.network_id, redemption_ids=[one.redemption_id]
            )
        return found[one.redemption_id]

    async def vouchers(self, one: Redemption) -> list[Voucher]:
        async with self.souq.database.reading(self.souq.network_id) as db:
            found = await read_vouchers_of_redemptions(
                db, network_id=self.souq.network_id, redemption_ids=[one.redemption_id]
            )
        return found[one.redemption_id]

    async def due(self) -> int:
        async with self.souq.database.reading(self.souq.network_id) as db:
            count = await db.execute(
                text("SELECT count(*) FROM payouts.due WHERE kind = 'redemption.fulfil'")
            )
        return int(count.scalar_one())

    async def is_untouched(self, one: Redemption) -> bool:
        """Whether the member's value is free again and nothing was booked or delivered."""
        journals = await self.souq.journals_of("redemption", one.redemption_id)
        _, held = await self.souq.balance(self.souq.wallet())
        return not journals and held == 0 and not await self.vouchers(one)

    def with_supplier(self, supplier: Supplier) -> None:
        self.world = replace(self.world, suppliers={"reloadly": supplier})


async def start_buying(souq: SmallNetwork, double: Double) -> Buying:
    assert double.clock.file is not None
    double.clock.file.write_text(NOW.isoformat())
    supplier = open_reloadly(double.access(), double.clock.now)
    network_id = souq.network_id
    async with souq.database.writing(network_id) as db:
        terms = await register_supplier(
            db, network_id=network_id, name="reloadly", fx_margin_bps=100, now=NOW
        )
        feed = read_reloadly_feed(await supplier.fetch_feed("SA"))
        await import_feed(
            db,
            network_id=network_id,
            supplier_id=terms.supplier_id,
            feed=feed,
            actor="test",
            now=NOW,
        )
        rows = await db.execute(text("SELECT supplier_sku, reward_id FROM catalog.reward"))
        rewards = {row.supplier_sku: row.reward_id for row in rows}
    world = World(
        database=souq.database,
        rail=None,  # type: ignore[arg-type]
        clock=double.clock,
        suppliers={"reloadly": supplier},
        vault=souq.vault,
    )
    buying = Buying(souq, double, terms.supplier_id, rewards, world)
    buying.world = replace(world, crash=buying.crash)
    return buying


@pytest.fixture
async def buying(souq: SmallNetwork, double: Double) -> AsyncIterator[Buying]:
    started = await start_buying(souq, double)
    opened: Any = started.world.suppliers["reloadly"]
    await souq.fund(20_000)
    yield started
    await opened.aclose()


@pytest.fixture
async def buying_in_dinars(database: Database, double: Double) -> AsyncIterator[Buying]:
    started = await start_buying(await found_network(database, currency="KWD"), double)
    opened: Any = started.world.suppliers["reloadly"]
    yield started
    await opened.aclose()
