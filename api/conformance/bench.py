"""An adapter under trial, beside the double that it speaks with."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx2

from api.settings import SupplierSettings
from catalog.suppliers import Capability, Feed, FeedItem, Supplier
from catalog.suppliers.exchange import open_client
from payouts.money import Money
from payouts.refusal import Refusal

ORDER_DEADLINE_SECONDS = 0.25
HANG_SECONDS = 0.5
"""Longer than an order's deadline, so that a caller with one gives up first."""
CONTROL_SECONDS_MAX = 10
COUNTRY = "SA"

T = TypeVar("T")
Open = Callable[[SupplierSettings], Supplier]


class ClaimBroken(Exception):
    """The adapter does not do what is claimed of it."""


def require(is_so: object, words: str) -> None:
    """Break the claim, in these words, unless something is so."""
    if not is_so:
        raise ClaimBroken(words)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tried: how its adapter is opened, and who we are at its double."""

    name: str
    open: Open
    account: SupplierSettings
    double_url: str
    description: Mapping[str, Any] | None = None
    """What the API can do, where the double does not say so itself."""


@dataclass(frozen=True, slots=True)
class Double:
    """The control endpoints of a supplier's double."""

    http: httpx2.AsyncClient
    url: str

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask a control endpoint; what it does not know is a defect of the double."""
        answer = await self.http.request(method, f"{self.url}/_control/{path}", json=body)
        if answer.status_code >= 400:
            raise ClaimBroken(f"the double refuses {method} {path}: {answer.text[:200]}")
        return answer.json()

    async def play(self, kind: str, place: str = "order", **fields: Any) -> None:
        """Queue a fault."""
        await self.control(
            "POST", "faults", {"kind": kind, "place": place, "seconds": HANG_SECONDS, **fields}
        )

    async def change(self, sku: str, change: str) -> None:
        """Change an item of the catalogue."""
        await self.control("POST", "catalogue", {"sku": sku, "change": change})

    async def calm(self, controls: Collection[str]) -> None:
        """Forget the faults that wait and what became of the catalogue."""
        await self.control("DELETE", "faults")
        if "catalogue" in controls:
            await self.control("DELETE", "catalogue")
        if "pages" in controls:
            await self.control("POST", "pages", {"size": None})

    async def items(self, country: str) -> dict[str, dict[str, Any]]:
        """Tell what is on sale in a country, by sku."""
        listed = await self.control("GET", "catalogue")
        return {one["sku"]: one for one in listed if one["country"] == country}

    async def orders(self, key: str) -> list[dict[str, Any]]:
        """Tell every order that was taken under a key."""
        return [one for one in await self.control("GET", "orders") if one["key"] == key]

    async def codes(self, reference: str) -> list[tuple[str, str | None]]:
        """Tell the codes of an order, as they are in the end."""
        listed = await self.control("GET", f"orders/{reference}/codes")
        return [(one["number"], one["pin"]) for one in listed]

    async def count(self, name: str) -> int:
        """Tell how often something happened."""
        return int((await self.control("GET", "counts")).get(name, 0))


@dataclass(frozen=True, slots=True)
class Description:
    """What a double says of the API that it plays, and of itself."""

    capabilities: frozenset[str]
    countries: tuple[str, ...]
    statuses: tuple[str, ...]
    faults: Mapping[str, frozenset[str]]
    """What it can play, by the place where it is played."""
    controls: frozenset[str]
    """What it lets us look at and change."""


def read_description(told: Mapping[str, Any]) -> Description:
    """Read what a double says; faults that are a bare list are those of orders."""
    faults = told.get("faults", {})
    by_place = faults if isinstance(faults, dict) else {"order": faults}
    return Description(
        frozenset(told["capabilities"]),
        tuple(told.get("countries", (COUNTRY,))),
        tuple(told.get("statuses", ())),
        {place: frozenset(kinds) for place, kinds in by_place.items()},
        frozenset(told.get("controls", ())),
    )


@dataclass(slots=True)
class Bench:
    """An adapter under trial."""

    subject: Subject
    supplier: Supplier
    double: Double
    description: Description
    label: str = field(default_factory=lambda: secrets.token_hex(4))
    """Makes the keys of this trial its own, whatever the double remembers."""
    keys: int = 0

    @property
    def home(self) -> str:
        """The country whose catalogue is tried, and where the orders are."""
        countries = self.description.countries
        return COUNTRY if COUNTRY in countries else countries[0]

    def has(self, capability: Capability) -> bool:
        """Tell whether the adapter declares a capability."""
        return capability in self.supplier.capabilities

    def new_key(self) -> str:
        """Make up a key that was never used."""
        self.keys += 1
        return f"conform-{self.label}-{self.keys}"

    async def feed(self) -> Feed:
        """Fetch and read what the supplier sells."""
        return self.supplier.read_feed(await self.supplier.fetch_feed(self.home))

    async def goods(self) -> tuple[FeedItem, Money]:
        """Pick an item with fixed faces that anybody can order at once, and its least face."""
        for item in sorted((await self.feed()).items, key=lambda one: one.supplier_sku):
            if item.is_active and item.denominations and not item.needs_user_id:
                return item, item.denominations[0].face
        raise ClaimBroken("nothing with fixed faces is on sale")

    async def range_goods(self) -> FeedItem:
        """Pick an item whose face is free between bounds, of those with the widest steps."""
        found = [
            (item.face_range.step.minor, item)
            for item in (await self.feed()).items
            if item.is_active and item.face_range is not None and not item.needs_user_id
        ]
        if not found:
            raise ClaimBroken("nothing with a range of faces is on sale")
        return max(found, key=lambda one: one[0])[1]

    @asynccontextmanager
    async def reopened(self, **changes: Any) -> AsyncIterator[Supplier]:
        """Open the adapter once more, under an account that differs."""
        supplier = self.subject.open(replace(self.subject.account, **changes))
        try:
            yield supplier
        finally:
            await supplier.aclose()


@asynccontextmanager
async def open_bench(subject: Subject) -> AsyncIterator[Bench]:
    """Open an adapter for trial; its orders are given up soon."""
    account = replace(subject.account, order_deadline_seconds=ORDER_DEADLINE_SECONDS)
    subject = replace(subject, account=account)
    client = open_client(read_timeout_seconds=CONTROL_SECONDS_MAX)
    supplier = subject.open(account)
    try:
        async with client:
            double = Double(client, subject.double_url)
            told = subject.description or await double.control("GET", "description")
            yield Bench(subject, supplier, double, read_description(told))
    finally:
        await supplier.aclose()


async def ended(act: Awaitable[T]) -> T | Refusal:
    """Wait for something to end, well or with a refusal."""
    try:
        return await act
    except Refusal as refusal:
        return refusal


def shown(ending: object) -> str:
    """Say how something ended."""
    if isinstance(ending, Refusal):
        return type(ending).__name__
    return f"{type(ending).__name__} {ending}"[:200]


def require_kind(ending: object, kinds: Sequence[type[Refusal]], what: str) -> None:
    """Break the claim unless something ended in one of these refusals."""
    wanted = " or ".join(kind.__name__ for kind in kinds)
    require(isinstance(ending, tuple(kinds)), f"{what} ends in {shown(ending)}, not in {wanted}")
