"""A network that sells codes of a bookshop out of its pool."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from api.database.transaction import Database
from catalog.pools import LoadOutcome, PoolCount, count_codes, load_codes
from catalog.redemptions import Quote
from catalog.rewards import import_feed
from catalog.suppliers import (
    Denomination,
    Feed,
    FeedItem,
    Secret,
    register_supplier,
    save_feed_source,
)
from catalog.vouchers import Code, Vault
from payouts.money import Money, new_id
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network

SKU = "J-50"
SAR_50 = Money(5_000, "SAR")
DESCRIPTION = {
    "format": "csv",
    "fields": {
        "sku": "Code",
        "name": "Title",
        "brand": "Brand",
        "country": {"constant": "SA"},
        "currency": {"constant": "SAR"},
        "faces": "Value",
    },
}


def item(sku: str = SKU) -> FeedItem:
    return FeedItem(
        supplier_sku=sku,
        name="Jarir card",
        brand_key="jarir",
        brand_name="Jarir",
        category=None,
        country="SA",
        face_currency="SAR",
        cost_currency="SAR",
        denominations=(
            Denomination(SAR_50, SAR_50),
            Denomination(SAR_50 + SAR_50, SAR_50 + SAR_50),
        ),
        face_range=None,
        fee=Money(0, "SAR"),
        fee_percent=Decimal(0),
        discount_percent=Decimal(4),
        logo_urls=(),
        instructions_concise="",
        instructions_verbose="",
        is_active=True,
    )


@dataclass(frozen=True, slots=True)
class Pool:
    """The network, its bookshop, and the hands to fill the pool and to ask for prices."""

    souq: SmallNetwork
    supplier_id: UUID
    reward_id: UUID

    async def load(
        self,
        *numbers: str,
        pins: Sequence[str] = (),
        face: Money = SAR_50,
        sku: str = SKU,
        vault: Vault | None = None,
        now: datetime = NOW,
    ) -> list[LoadOutcome]:
        given = [Secret(pin) for pin in pins] or [None] * len(numbers)
        async with self.souq.database.writing(self.souq.network_id) as db:
            return await load_codes(
                db,
                vault=vault or self.souq.vault,
                network_id=self.souq.network_id,
                supplier_id=self.supplier_id,
                supplier_sku=sku,
                face=face,
                codes=[Code(Secret(one), pin) for one, pin in zip(numbers, given, strict=True)],
                batch_id=new_id(now),
                actor="test",
                now=now,
            )

    async def quote(self, *, now: datetime = NOW, member_id: UUID | None = None) -> Quote:
        return await self.souq.quote(self.reward_id, SAR_50, now=now, member_id=member_id)

    async def counts(self, *, now: datetime = NOW) -> list[tuple[int, int, int]]:
        """Available, reserved and delivered, of each face."""
        async with self.souq.database.reading(self.souq.network_id) as db:
            found: list[PoolCount] = await count_codes(
                db, network_id=self.souq.network_id, supplier_id=self.supplier_id, now=now
            )
        return [(one.available, one.reserved, one.delivered) for one in found]


async def open_pool(souq: SmallNetwork) -> Pool:
    """Put a bookshop's card on sale, of which the pool has no code yet."""
    network_id = souq.network_id
    async with souq.database.writing(network_id) as db:
        terms = await register_supplier(db, network_id=network_id, name="bookshop", now=NOW)
        await save_feed_source(
            db,
            network_id=network_id,
            supplier_id=terms.supplier_id,
            description=DESCRIPTION,
            actor="test",
            now=NOW,
        )
        feed = Feed(items=(item(),), refused=(), is_complete=True)
        await import_feed(
            db,
            network_id=network_id,
            supplier_id=terms.supplier_id,
            feed=feed,
            actor="test",
            now=NOW,
        )
        rows = await db.execute(
            text("SELECT reward_id FROM catalog.reward WHERE supplier_sku = 'J-50'")
        )
        reward_id = rows.scalar_one()
    return Pool(souq, terms.supplier_id, reward_id)


@pytest.fixture
async def pool(database: Database) -> Pool:
    souq = await found_network(database)
    await souq.fund(20_000)
    return await open_pool(souq)
