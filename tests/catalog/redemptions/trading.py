"""A network that can buy one card from two suppliers, each a double over real HTTP."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.doubles.reloadly_stock import add_to_stock
from catalog.redemptions import (
    Attempt,
    Quote,
    QuoteSource,
    Redemption,
    SupplierHealth,
    list_attempts,
    list_quote_sources,
    read_health,
)
from catalog.rewards import Reward, get_reward, import_feed, import_items
from catalog.suppliers import Supplier, open_reloadly, read_reloadly_feed, register_supplier
from payouts.audit import run_checks
from payouts.ledger import Account
from payouts.money import Money
from payouts.seals import seal_journals
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.suppliers.conftest import Double, serve_double

CARD = "7001"
OTHER_CARD = 8001
_DOLLARS = {
    "senderCurrencyCode": "USD",
    "fixedSenderDenominations": [13.4, 26.8, 53.6, 134.0],
    "fixedRecipientToSenderDenominationsMap": {
        "50.0": 13.4,
        "100.0": 26.8,
        "200.0": 53.6,
        "500.0": 134.0,
    },
}


@dataclass(slots=True)
class Trading:
    """The network, both suppliers, and what a test asks of them."""

    buying: Buying
    second: Double
    second_id: UUID
    stock: Path

    @property
    def first(self) -> Double:
        return self.buying.double

    @property
    def network_id(self) -> int:
        return self.buying.souq.network_id

    async def offer(self, discount: str, *, fee: str = "1.50", in_dollars: bool = False) -> None:
        """Let the second supplier sell the card at a discount, to us too from now on."""
        card = _card(discount, fee) | (_DOLLARS if in_dollars else {})
        raw = json.dumps([card]).encode()
        add_to_stock(self.stock, raw)
        async with self.buying.souq.database.writing(self.network_id) as db:
            # Not as a feed: an item that is paid in another currency than before is refused there,
            # until an operator says that it is meant.
            await import_items(
                db,
                network_id=self.network_id,
                supplier_id=self.second_id,
                items=read_reloadly_feed(raw).items,
                now=self.buying.now,
            )

    async def withdraw(self) -> None:
        """Let the second supplier sell something else instead."""
        raw = json.dumps([_card("4", "1.50") | {"productId": 8002, "productName": "Other"}])
        raw = raw.replace("Nakheel", "Othello")
        async with self.buying.souq.database.writing(self.network_id) as db:
            await import_feed(
                db,
                network_id=self.network_id,
                supplier_id=self.second_id,
                feed=replace(read_reloadly_feed(raw.encode()), is_complete=True),
                actor="test",
                now=self.buying.now,
            )

    async def shown(self) -> Reward:
        """The reward that both are sold as."""
        async with self.buying.souq.database.reading(self.network_id) as db:
            return await get_reward(
                db, network_id=self.network_id, reward_id=self.buying.rewards[CARD]
            )

    async def quote(self) -> Quote:
        souq, buying = self.buying.souq, self.buying
        return await souq.quote(buying.rewards[CARD], Money(5_000, "SAR"), now=buying.now)

    async def sources(self, quote: Quote) -> list[tuple[bool, int | None, str | None]]:
        """Each source that was weighed: whether it is the first supplier's, its cost, why not."""
        return [
            (
                one.supplier_id == self.buying.supplier_id,
                None if one.cost is None else one.cost.minor,
                one.excluded_because,
            )
            for one in await self.weighed(quote)
        ]

    async def weighed(self, quote: Quote) -> list[QuoteSource]:
        async with self.buying.souq.database.reading(self.network_id) as db:
            found = await list_quote_sources(db, network_id=self.network_id, quotes=[quote])
        return found[quote.quote_id]

    async def attempts(self, one: Redemption) -> list[Attempt]:
        async with self.buying.souq.database.reading(self.network_id) as db:
            found = await list_attempts(
                db, network_id=self.network_id, redemption_ids=[one.redemption_id]
            )
        return found[one.redemption_id]

    async def tries(self, one: Redemption) -> list[tuple[bool, str, str | None]]:
        """Each try: whether it was at the first supplier, its state, and its failure."""
        first_id = self.buying.supplier_id
        return [
            (it.supplier_id == first_id, it.state.value, it.failure_code)
            for it in await self.attempts(one)
        ]

    async def health(self) -> tuple[SupplierHealth, SupplierHealth]:
        ids = [self.buying.supplier_id, self.second_id]
        async with self.buying.souq.database.reading(self.network_id) as db:
            found = await read_health(
                db, network_id=self.network_id, supplier_ids=ids, now=self.buying.now
            )
        return found[ids[0]], found[ids[1]]

    def orders(self) -> tuple[int, int]:
        """How many orders each supplier has."""
        return len(self.first.orders()), len(self.second.orders())

    async def owed(self) -> tuple[int, int]:
        """What each supplier is owed."""
        ids = (self.buying.supplier_id, self.second_id)
        souq = self.buying.souq
        found = [await souq.balance(Account("supplier_payable", str(one), "SAR")) for one in ids]
        return found[0][0], found[1][0]

    async def assert_books_hold(self, superuser: AsyncConnection) -> None:
        async with self.buying.souq.database.writing(self.network_id) as db:
            await seal_journals(db, network_id=self.network_id, now=self.buying.now)
        results = await run_checks(superuser, now=self.buying.now)
        assert [(one.name, one.breaches) for one in results if one.breaches] == []

    def connect(self, suppliers: Mapping[str, Supplier]) -> None:
        self.buying.world = replace(self.buying.world, suppliers=suppliers)


def _card(discount: str, fee: str) -> dict[str, Any]:
    catalogue = Path(__file__).parents[3] / "api" / "doubles" / "reloadly_catalogue.json"
    content = json.loads(catalogue.read_text())
    (found,) = [one for one in content["content"] if one["productId"] == int(CARD)]
    return found | {  # type: ignore[no-any-return]
        "productId": OTHER_CARD,
        "productName": "Nakheel Market KSA gift card",
        "discountPercentage": float(Decimal(discount)),
        "senderFee": float(Decimal(fee)),
    }


async def start_trading(buying: Buying, second: Double, stock: Path, **terms: int) -> Trading:
    async with buying.souq.database.writing(buying.souq.network_id) as db:
        made = await register_supplier(
            db,
            network_id=buying.souq.network_id,
            name="second",
            **terms,
            now=buying.now,
        )
    trading = Trading(buying, second, made.supplier_id, stock)
    before: Any = buying.world.suppliers["reloadly"]
    await before.aclose()
    # On a busy machine an answer may take longer than the other tests wait for one.
    opened = [
        open_reloadly(one.access(order_deadline_seconds=2.0), one.clock.now)
        for one in (buying.double, second)
    ]
    trading.connect(dict(zip(("reloadly", "second"), opened, strict=True)))
    await trading.offer("4")
    return trading


@pytest.fixture
async def trading(buying: Buying, tmp_path: Path) -> AsyncIterator[Trading]:
    with serve_double(tmp_path / "second", buying.double.clock) as second:
        started = await start_trading(buying, second, tmp_path / "second")
        opened: dict[str, Any] = dict(started.buying.world.suppliers)
        yield started
        for one in opened.values():
            await one.aclose()
