"""What an adapter declares is what its supplier's API can do, no less and no more."""

from collections.abc import Awaitable, Callable

from api.conformance.bench import Bench, ended, require
from api.conformance.check import Checks
from catalog.suppliers import Capability, SupplierRefused
from payouts.money import Money

CAPABILITIES = Checks("capabilities")

Call = Callable[[Bench], Awaitable[object]]


async def _place(bench: Bench) -> object:
    return await bench.supplier.place_order(bench.new_key(), "0", Money(1, "SAR"), 1)


async def _find(bench: Bench) -> object:
    return await bench.supplier.find_order(bench.new_key())


async def _cancel(bench: Bench) -> object:
    return await bench.supplier.cancel_order("999999999")


async def _read_event(bench: Bench) -> object:
    return bench.supplier.read_event({}, b"{}")


CALLS: dict[Capability, Call] = {
    Capability.ORDERS: _place,
    Capability.LOOKUP: _find,
    Capability.CANCEL: _cancel,
    Capability.WEBHOOKS: _read_event,
}
"""What is asked of the adapter where a capability has a call of its own."""


def _declare(capability: Capability) -> None:
    async def trial(bench: Bench) -> None:
        is_declared, name = bench.has(capability), capability.value
        is_offered = name in bench.description.capabilities
        require(is_declared or not is_offered, f"the API offers {name}, the adapter says nothing")
        require(
            is_offered or not is_declared, f"the adapter says {name}, the API has no such thing"
        )
        if capability in CALLS:
            ending = await ended(CALLS[capability](bench))
            is_refused = isinstance(ending, SupplierRefused) and ending.code == "NOT_OFFERED"
            require(not (is_refused and is_declared), f"{name} is declared and not offered")
            require(is_refused or is_declared, f"{name} is not declared and offered all the same")

    trial.__name__ = f"{capability.value}_is_declared"
    trial.__doc__ = f"What the adapter says of {capability.value} is so."
    CAPABILITIES.add()(trial)


for _capability in Capability:
    _declare(_capability)


@CAPABILITIES.add()
async def ranges_are_seen_where_declared(bench: Bench) -> None:
    """Items with free faces are in the catalogue if and only if ranges are declared."""
    has_ranges = any(item.face_range is not None for item in (await bench.feed()).items)
    require(has_ranges == bench.has(Capability.RANGES), f"ranges in the catalogue: {has_ranges}")
