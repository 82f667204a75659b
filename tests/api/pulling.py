"""A network with a described feed, a double that gives its file, and a worker that dies on demand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.database.transaction import Database
from api.doubles.feed_app import create_app
from api.feed_access import FeedReach
from api.feed_pulls import Pulled, pull_feed
from api.settings import Settings
from api.worker.jobs.feeds import run_feed_pull
from api.worker.world import World
from catalog.suppliers import find_feed_pull, register_supplier, save_feed_source
from tests.catalog.suppliers.feed_doubles import TOKEN_OF_DOUBLE, FeedDouble, serving
from tests.conftest import NOW
from tests.factories.partners import make_network

DESCRIPTION: dict[str, Any] = {
    "format": "csv",
    "fields": {
        "sku": "sku",
        "name": "name",
        "brand": "brand",
        "country": {"constant": "SA"},
        "currency": {"constant": "SAR"},
        "faces": "value",
        "costs": "price",
    },
}


class Killed(BaseException):
    """Stands for the end of the process."""


@dataclass(slots=True)
class Pulling:
    """A network with a described feed, and a worker that a test can kill."""

    database: Database
    network_id: int
    supplier_id: UUID
    shop: FeedDouble
    world: World
    kill: bool = False

    @property
    def reach(self) -> FeedReach:
        return FeedReach({"127.0.0.1": TOKEN_OF_DOUBLE}, self.shop.trusted)

    def now(self) -> datetime:
        return self.shop.clock.now()

    def pass_time(self, **span: float) -> None:
        assert self.shop.clock.file is not None
        self.shop.clock.file.write_text((self.now() + timedelta(**span)).isoformat())

    def crash(self, name: str) -> None:
        if self.kill:
            self.kill = False
            raise Killed(name)

    async def save(self, **changes: Any) -> int:
        fields: dict[str, Any] = {
            "description": DESCRIPTION,
            "url": self.shop.url("feed.csv"),
            "pull_hours": 6,
            "trusted_origins": self.shop.trusted,
        }
        async with self.database.writing(self.network_id) as db:
            made = await save_feed_source(
                db,
                network_id=self.network_id,
                supplier_id=self.supplier_id,
                actor="test",
                now=self.now(),
                **{**fields, **changes},
            )
        return made.version

    async def pull(self) -> Pulled:
        return await pull_feed(
            self.database,
            self.reach,
            network_id=self.network_id,
            supplier_id=self.supplier_id,
            actor="test",
            now=self.now,
            crash=self.crash,
        )

    async def work(self) -> int:
        return await run_feed_pull(self.world, self.network_id)

    async def outcome(self) -> str | None:
        async with self.database.reading(self.network_id) as db:
            found = await find_feed_pull(
                db, network_id=self.network_id, supplier_id=self.supplier_id
            )
        return None if found is None else found.outcome.value


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[FeedDouble]:
    with serving(create_app, tmp_path) as double:
        assert double.clock.file is not None
        double.clock.file.write_text(NOW.isoformat())
        yield double


@pytest.fixture
async def pulling(database: Database, shop: FeedDouble, tmp_path: Path) -> Pulling:
    network_id = (await make_network(database)).network_id
    async with database.writing(network_id) as db:
        terms = await register_supplier(db, network_id=network_id, name="bookshop", now=NOW)
    settings = Settings(
        data_dir=tmp_path,
        feed_tokens=(("127.0.0.1", TOKEN_OF_DOUBLE.reveal()),),
        feed_test_origins=(shop.origin,),
    )
    world = World(
        database=database,
        rail=None,  # type: ignore[arg-type]
        clock=shop.clock,
        settings=settings,
    )
    return Pulling(database, network_id, terms.supplier_id, shop, world)
