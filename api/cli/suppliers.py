"""`mizan suppliers conform`: the conformance kit against one adapter and its double."""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from api.cli.outside import open_outside
from api.cli.pools import add_actions
from api.cli.running import run_until_told
from api.clock import Clock
from api.settings import Settings
from api.supply import OPENERS, open_suppliers
from catalog.suppliers import Feed, FeedItem, OrderState, Supplier, SupplierRefused
from payouts.money import Money

COUNTRY = "SA"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan suppliers conform`."""
    suppliers = commands.add_parser("suppliers", help="adapters to suppliers")
    what = suppliers.add_subparsers(required=True, metavar="ACTION")
    conform = what.add_parser("conform", help="try an adapter against its double")
    conform.add_argument("name", choices=sorted(OPENERS))
    conform.set_defaults(run=lambda arguments: run_until_told(lambda _: _conform(arguments.name)))
    add_actions(what)


async def _conform(name: str) -> int:
    # A double of its own, with no history: the shared one may be in the middle of a story.
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), stripe_api_key="sk_test_unused")
        async with open_outside(settings, webhook_url=None, webhook_secret="") as outside:
            suppliers = open_suppliers(outside.settings, Clock().now)
            try:
                failed = await _try_all(Kit(suppliers[name]))
            finally:
                for supplier in suppliers.values():
                    await supplier.aclose()
    print(f"{name}: {'conforms' if not failed else f'{failed} of {len(CLAIMS)} claims failed'}")
    return 1 if failed else 0


async def _try_all(kit: "Kit") -> int:
    failed = 0
    for claim in CLAIMS:
        words = (claim.__doc__ or "").strip()
        try:
            async with asyncio.timeout(30):
                await claim(kit)
        except Exception as failure:  # noqa: BLE001 whatever it is, the claim does not hold
            failed += 1
            print(f"  FAILED  {words} {type(failure).__name__}: {failure}")
        else:
            print(f"  ok      {words}")
    return failed


@dataclass(slots=True)
class Kit:
    """An adapter under trial."""

    supplier: Supplier

    async def feed(self) -> Feed:
        """Fetch and read what the supplier sells in the country."""
        return self.supplier.read_feed(await self.supplier.fetch_feed(COUNTRY))

    async def cheapest(self) -> tuple[FeedItem, Money]:
        """Pick an item and a face that can be ordered."""
        items = [one for one in (await self.feed()).items if one.is_active and one.denominations]
        return min(
            ((item, item.denominations[0].face) for item in items),
            key=lambda pair: (pair[0].supplier_sku, pair[1].minor),
        )


async def _feed_is_complete(kit: Kit) -> None:
    """The catalogue of a country is complete and nothing in it is refused."""
    feed = await kit.feed()
    assert feed.items, "it is empty"
    assert feed.is_complete, "it is not complete"
    assert not feed.refused, f"{len(feed.refused)} items are refused"


async def _feed_is_stable(kit: Kit) -> None:
    """Read twice, the catalogue has the same digests."""
    first, second = await kit.feed(), await kit.feed()
    assert [one.digest for one in first.items] == [one.digest for one in second.items]


async def _unknown_key_is_absent(kit: Kit) -> None:
    """An order that was never placed is not found."""
    assert await kit.supplier.find_order("conformance-never-placed") is None


async def _order_is_found_and_delivered(kit: Kit) -> None:
    """An order succeeds, is found by its key, and gives as many codes as were ordered."""
    item, face = await kit.cheapest()
    order = await kit.supplier.place_order("conformance-two", item.supplier_sku, face, 2)
    assert order.state is OrderState.SUCCEEDED, order.state
    found = await kit.supplier.find_order("conformance-two")
    assert found is not None, "it is not found by its key"
    assert found.reference == order.reference, "it is found under another reference"
    codes = await kit.supplier.fetch_codes(order.reference)
    assert len({code.number.reveal() for code in codes}) == 2, "the codes are not two"


async def _cost_is_as_priced(kit: Kit) -> None:
    """What an order costs is in the currency that the catalogue names."""
    item, face = await kit.cheapest()
    order = await kit.supplier.place_order("conformance-cost", item.supplier_sku, face, 1)
    assert order.cost is not None, "no cost is told"
    assert order.cost.currency == item.cost_currency, order.cost.currency


async def _wrong_face_is_refused(kit: Kit) -> None:
    """A face that is not on sale is refused for certain, and nothing is ordered."""
    item, face = await kit.cheapest()
    odd = Money(face.minor + 1, face.currency)
    try:
        await kit.supplier.place_order("conformance-odd", item.supplier_sku, odd, 1)
    except SupplierRefused:
        assert await kit.supplier.find_order("conformance-odd") is None, "it is there all the same"
    else:
        raise AssertionError("it was accepted")


async def _foreign_reference_has_no_codes(kit: Kit) -> None:
    """Codes of an order that does not exist are refused."""
    try:
        await kit.supplier.fetch_codes("999999999")
    except SupplierRefused:
        return
    raise AssertionError("there are codes")


CLAIMS: tuple[Callable[[Kit], Awaitable[None]], ...] = (
    _feed_is_complete,
    _feed_is_stable,
    _unknown_key_is_absent,
    _order_is_found_and_delivered,
    _cost_is_as_priced,
    _wrong_face_is_refused,
    _foreign_reference_has_no_codes,
)
