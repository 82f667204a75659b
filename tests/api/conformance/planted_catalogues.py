"""Adapters with one fault each in how they read a catalogue."""

from dataclasses import replace
from itertools import count
from typing import Any

from catalog.suppliers import (
    Denomination,
    Feed,
    FeedItem,
    FeedUnreadable,
    SupplierBusy,
    SupplierUnauthorised,
)
from payouts.money import Money
from tests.api.conformance.planted import Planted


class PlantedFeed(Planted):
    """Spoils what was read."""

    def read_feed(self, raw: bytes) -> Feed:
        return self.spoilt(self.real.read_feed(raw))

    def spoilt(self, feed: Feed) -> Feed:
        return replace(feed, items=tuple(self.item(one) for one in feed.items))

    def item(self, item: FeedItem) -> FeedItem:
        return item


class RoundsMoney(PlantedFeed):
    def item(self, item: FeedItem) -> FeedItem:
        rounded = tuple(
            Denomination(one.face, Money(round(one.cost.minor, -2), one.cost.currency))
            for one in item.denominations
        )
        return replace(item, denominations=rounded)


class DropsAnItem(PlantedFeed):
    def spoilt(self, feed: Feed) -> Feed:
        return replace(feed, items=feed.items[:-1])


class KeepsWithdrawnItems(PlantedFeed):
    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self.seen: dict[tuple[str, str], FeedItem] = {}

    def spoilt(self, feed: Feed) -> Feed:
        country = feed.items[0].country
        for one in feed.items:
            self.seen[country, one.supplier_sku] = one
        kept = (one for (place, _), one in self.seen.items() if place == country)
        return replace(feed, items=tuple(kept))


class KeepsOldPrices(Planted):
    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self.kept: dict[str, bytes] = {}

    async def fetch_feed(self, country: str) -> bytes:
        if country not in self.kept:
            self.kept[country] = await self.real.fetch_feed(country)
        return self.kept[country]


class NeverTheSame(PlantedFeed):
    turns = count()

    def item(self, item: FeedItem) -> FeedItem:
        return replace(item, name=f"{item.name} {next(self.turns)}")


class AllOrNothing(PlantedFeed):
    def spoilt(self, feed: Feed) -> Feed:
        if feed.refused:
            raise FeedUnreadable("One item is bad.")
        return feed


class SwallowsRefusals(PlantedFeed):
    def spoilt(self, feed: Feed) -> Feed:
        return replace(feed, refused=())


class KeepsMarkup(PlantedFeed):
    def item(self, item: FeedItem) -> FeedItem:
        return replace(item, instructions_concise=f"<p>{item.instructions_concise}</p>")


class IgnoresTheCountry(Planted):
    async def fetch_feed(self, country: str) -> bytes:
        return await self.real.fetch_feed("SA")


class IgnoresTheCostsCurrency(PlantedFeed):
    def item(self, item: FeedItem) -> FeedItem:
        return replace(item, cost_currency=item.face_currency)


class TakesACutForWhole(PlantedFeed):
    """Says that a catalogue is complete of which only the first half could be had."""

    def spoilt(self, feed: Feed) -> Feed:
        return replace(feed, is_complete=True)


class ReadsOnlyTheFirstPage(Planted):
    """Of Xoxoday's joined pages, or of Reloadly's, only the first is fetched."""

    async def fetch_feed(self, country: str) -> bytes:
        page = self.real._page

        async def first(number: int, value: str) -> bytes | None:
            return await page(number, value) if number == 1 else None

        return await type(self.real).fetch_feed(_Patched(self.real, _page=first), country)


class _Patched:
    def __init__(self, real: Any, **changes: Any) -> None:
        self.__dict__.update(changes)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class HidesItsRanges(PlantedFeed):
    def spoilt(self, feed: Feed) -> Feed:
        return replace(feed, items=tuple(one for one in feed.items if one.face_range is None))


class TakesStrangersForBusy(Planted):
    async def fetch_feed(self, country: str) -> bytes:
        try:
            return await self.real.fetch_feed(country)
        except SupplierUnauthorised:
            raise SupplierBusy from None


class TakesAnyCountry(Planted):
    async def fetch_feed(self, country: str) -> bytes:
        return await self.real.fetch_feed(country if country in ("SA", "AE", "ZA") else "SA")
