"""A network that buys from two doubles over real HTTP, and workers of its that can die anywhere."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import text

from api.clock import Clock
from api.database.transaction import Database
from api.doubles import outages
from api.doubles.control_language import minor_of
from api.doubles.double_memory import Fault
from api.doubles.order_book import OrderBook
from api.doubles.suppliers_server import CLIENT_ID, CLIENT_SECRET, DOUBLES
from api.settings import SupplierSettings
from api.supply import OPENERS
from api.worker.jobs.fulfilment import run_redemption_fulfil
from api.worker.world import World
from catalog.rewards import MatchState, import_feed, list_matches, separate_match
from catalog.suppliers import Supplier, SupplierOrder, SupplierOrderMistaken, register_supplier
from payouts.fx import publish_fx_rate
from payouts.money import Money
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork, found_network
from tests.payouts.disbursement.frail import Fate, FrailDatabase
from tests.payouts.rails.stripe_double import serving

ORDER_DEADLINE_SECONDS = 0.4
YEAR_SECONDS = 365 * 24 * 3_600
FAILED = frozenset({"FAILED", "REFUNDED", "CANCELLED"})
DIES = frozenset({"kill_before", "kill_after"})
"""They would end this process; what becomes of them is tried where doubles are processes."""


@dataclass(frozen=True, slots=True)
class Sold:
    """An order as a double has it, in the words of neither supplier."""

    number: int
    reference: str
    key: str
    sku: str
    face: int
    cost: Money
    is_failed: bool
    is_pending: bool
    is_of_other_terms: bool
    is_told_of_another: bool
    is_twin: bool
    code: tuple[str, str | None]


class Shop(Protocol):
    """A double, as a test plays the outside world with it."""

    name: ClassVar[str]
    faces: ClassVar[dict[str, list[int]]]
    """What may be bought, in minor units of SAR, by sku."""
    faults: ClassVar[dict[str, list[str]]]
    store: OrderBook

    def sold(self) -> Iterator[Sold]: ...

    def fail(self, number: int) -> None:
        """The supplier gives up an order."""

    def set_right(self, number: int, key: str) -> None:
        """The supplier corrects under which key it tells an order."""


class Reloadly:
    name = "reloadly"
    faces: ClassVar = {
        "7001": [5_000, 10_000],
        "7002": [2_500, 5_000],
        "7003": [1_000, 1_100, 30_000],
    }
    faults: ClassVar = {
        "order": sorted(outages.FAULTS["order"] - DIES),
        "lookup": sorted(outages.FAULTS["lookup"] - DIES),
        # Its cards do not say which order they belong to.
        "cards": sorted(outages.FAULTS["cards"] - DIES - {"wrong_order"}),
    }

    def __init__(self, store: OrderBook) -> None:
        self.store = store

    def sold(self) -> Iterator[Sold]:
        for one in self.store.orders():
            yield Sold(
                number=one.number,
                reference=str(one.number),
                key=one.key or "",
                sku=one.sku,
                face=int(one.face * 100),
                cost=Money(minor_of(one.cost, one.currency), one.currency),
                is_failed=one.status in FAILED,
                is_pending=one.status == "PENDING",
                is_of_other_terms=False,  # its lies are in what it says alone
                is_told_of_another="key" in one.lies,
                is_twin=one.is_twin,
                code=one.cards[0],
            )

    def fail(self, number: int) -> None:
        order = self.store.order(number)
        assert order is not None
        self.store.change_order(order, status="REFUNDED", goal=None)

    def set_right(self, number: int, key: str) -> None:
        order = self.store.order(number)
        assert order is not None
        self.store.change_order(order, lies={})


class Tango:
    name = "tango"
    faces: ClassVar = {"U700101": [5_000], "U700102": [10_000], "U700103": [1_000, 1_234, 50_000]}
    faults: ClassVar = {
        place: sorted(outages.FAULTS[place] - DIES) for place in ("order", "lookup", "cards")
    }
    OTHER_KEY = "an-order-of-somebody-else"

    def __init__(self, world: Any) -> None:
        self.world = world
        self.store: OrderBook = world.book

    def sold(self) -> Iterator[Sold]:
        for one in self.store.orders():
            asked = f"{one.sku} {one.face:.2f} {one.face_currency}"
            yield Sold(
                number=one.number,
                reference=self.world.shop.reference(one),
                key=one.key or "",
                sku=one.sku,
                face=int(one.face * 100),
                cost=Money(minor_of(one.cost, one.currency), one.currency),
                is_failed=one.status in FAILED,
                is_pending=one.status == "PENDING",
                is_of_other_terms=one.notes != asked,
                is_told_of_another=one.key == self.OTHER_KEY,
                is_twin=one.is_twin,
                code=self.world.shop.codes(self.world, one)[0],
            )

    def fail(self, number: int) -> None:
        order = self.store.order(number)
        assert order is not None
        self.store.give_back(order, "FAILED")

    def set_right(self, number: int, key: str) -> None:
        order = self.store.order(number)
        assert order is not None
        changed = self.store.change_order(order, key=key)
        self.store._db.execute("UPDATE orders SET key = ? WHERE number = ?", (changed.key, number))


def queue_fault(
    shop: Shop, place: str, kind: str, *, count: int, seconds: float, reads: int
) -> None:
    fault = Fault(kind, remaining=count, seconds=seconds, reads=reads, place=place)
    shop.store.add_fault(fault)


@dataclass
class UnderWay:
    """Counts what a double is at work on; whoever moves the clock waits until that is nothing."""

    app: Any
    count: int = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        is_request = scope["type"] == "http"
        self.count += is_request
        try:
            await self.app(scope, receive, send)
        finally:
            self.count -= is_request


@dataclass
class Listening:
    """A supplier as one worker sees it, who hears that an order was told under another key."""

    supplier: Supplier
    told: set[str]
    """Of these that was written down: whoever sends one again breaks the promise."""
    heard: set[str] = field(default_factory=set)
    sent_again: list[str] = field(default_factory=list)

    async def place_order(self, key: str, *order: Any) -> SupplierOrder:
        self.sent_again += [key] * (key in self.told)
        try:
            return await self.supplier.place_order(key, *order)
        except SupplierOrderMistaken:
            self.heard.add(key)
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.supplier, name)


@dataclass
class TwoShops:
    """The network, its suppliers, and the clock of them all."""

    souq: SmallNetwork
    clock: Clock
    world: World
    shops: list[Shop]
    under_way: list[UnderWay]
    supplier_ids: dict[str, UUID] = field(default_factory=dict)
    rewards: dict[str, UUID] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    """The orders of which a worker that lived on heard that they were told under another key."""
    sent_again: list[str] = field(default_factory=list)

    @property
    def network_id(self) -> int:
        return self.souq.network_id

    def pass_time(self, seconds: int) -> None:
        assert self.clock.file is not None
        later = self.clock.now() + timedelta(seconds=seconds)
        self.clock.file.write_text(later.isoformat())

    async def settle_down(self) -> None:
        """Wait until no double is at work on a request that nobody waits for any more."""
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0.002)
            quiet = 0 if any(one.count for one in self.under_way) else quiet + 1

    async def work(self, fate: Fate) -> int:
        """One turn of a worker; after its death nothing of it reaches the database."""
        mine = FrailDatabase(self.world.database.engine, self.world.database.role, fate)
        suppliers: dict[str, Any] = {
            name: Listening(one, self.told, sent_again=self.sent_again)
            for name, one in self.world.suppliers.items()
        }
        world = replace(self.world, database=mine, crash=fate.pass_point, suppliers=suppliers)
        done = await run_redemption_fulfil(world, self.network_id)
        self.told.update(*(one.heard for one in suppliers.values()))
        return done


@asynccontextmanager
async def two_shops(database: Database, folder: Path) -> AsyncIterator[TwoShops]:
    """Open a network in SAR that buys from Reloadly in SAR and from Tango in USD."""
    (folder / "clock").write_text(NOW.isoformat())
    clock = Clock(folder / "clock")
    apps: dict[str, Any] = {
        name: DOUBLES[name](folder / name, clock) for name in ("reloadly", "tango")
    }
    states = {name: app.state.world for name, app in apps.items()}
    counted = {name: UnderWay(app) for name, app in apps.items()}
    souq = await found_network(database)
    async with serving(counted["reloadly"]) as first, serving(counted["tango"]) as second:
        suppliers: dict[str, Supplier] = {
            name: OPENERS[name](_account(url), clock.now)
            for name, url in zip(apps, (first, second), strict=True)
        }
        world = World(
            database=database,
            rail=None,  # type: ignore[arg-type]
            clock=clock,
            suppliers=suppliers,
            vault=souq.vault,
        )
        shops: list[Shop] = [Reloadly(states["reloadly"].book), Tango(states["tango"])]
        opened = TwoShops(souq, clock, world, shops, list(counted.values()))
        try:
            for name, supplier in suppliers.items():
                await _import(opened, name, supplier)
            yield opened
        finally:
            for supplier in suppliers.values():
                await supplier.aclose()


def _account(url: str) -> SupplierSettings:
    return SupplierSettings(
        CLIENT_ID, CLIENT_SECRET, url, url, order_deadline_seconds=ORDER_DEADLINE_SECONDS
    )


async def _import(opened: TwoShops, name: str, supplier: Supplier) -> None:
    network_id = opened.network_id
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    async with opened.souq.database.writing(network_id) as db:
        terms = await register_supplier(
            db, network_id=network_id, name=name, fx_margin_bps=100, now=NOW
        )
        await import_feed(
            db,
            network_id=network_id,
            supplier_id=terms.supplier_id,
            feed=feed,
            actor="test",
            now=NOW,
        )
        if name == "tango":
            await publish_fx_rate(
                db,
                network_id=network_id,
                base="USD",
                quote="SAR",
                value="3.75",
                source="test",
                observed_at=NOW,
                max_age_seconds=YEAR_SECONDS,
                now=NOW,
            )
        # Each shop is tried by itself here, though both sell the same cards.
        for match in await list_matches(
            db, network_id=network_id, state=MatchState.MATCHED, limit=100
        ):
            await separate_match(
                db, network_id=network_id, match_id=match.reward_match_id, actor="test", now=NOW
            )
        rows = await db.execute(text("SELECT supplier_sku, reward_id FROM catalog.reward"))
        opened.rewards = {row.supplier_sku: row.reward_id for row in rows}
    opened.supplier_ids[name] = terms.supplier_id
