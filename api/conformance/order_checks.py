"""An order is what was asked for, costs what is told, and is found and delivered as it is."""

from typing import Any

from api.conformance.bench import Bench, ended, require, require_kind, shown
from api.conformance.check import Checks
from catalog.suppliers import (
    Capability,
    OrderState,
    SupplierAnswerInvalid,
    SupplierCode,
    SupplierOrder,
    SupplierRefused,
    SupplierUnknownOutcome,
)
from payouts.money import Money

ORDERS = Checks("orders")


async def placed(bench: Bench, key: str, quantity: int = 1) -> SupplierOrder:
    """Order the first goods that can be had."""
    item, face = await bench.goods()
    return await bench.supplier.place_order(key, item.supplier_sku, face, quantity)


def told_codes(codes: tuple[SupplierCode, ...]) -> list[tuple[str, str | None]]:
    """Lay codes open."""
    return [(one.number.reveal(), one.pin.reveal() if one.pin else None) for one in codes]


async def only_order(bench: Bench, key: str) -> dict[str, Any]:
    """Tell the one order that the double has under a key."""
    orders = await bench.double.orders(key)
    require(len(orders) == 1, f"the supplier has {len(orders)} orders")
    return orders[0]


async def refused_and_nothing_ordered(bench: Bench, key: str, ending: object, what: str) -> None:
    """Break the claim unless an order was refused for certain, or is unknown and not there."""
    require_kind(ending, (SupplierRefused, SupplierUnknownOutcome), what)
    require(not await bench.double.orders(key), f"{what}: it was ordered all the same")
    if bench.has(Capability.LOOKUP):
        require(await bench.supplier.find_order(key) is None, f"{what}: it is found")
    else:
        require_kind(ending, (SupplierRefused,), what)


@ORDERS.add(Capability.ORDERS, uses=("orders",))
async def order_is_what_was_asked(bench: Bench) -> None:
    """An order is of the item, the face and the quantity that were asked for, under our key."""
    key = bench.new_key()
    item, face = await bench.goods()
    order = await bench.supplier.place_order(key, item.supplier_sku, face, 1)
    require(order.state is OrderState.SUCCEEDED, f"it is {order.state.value}")
    so = await only_order(bench, key)
    told = (so["sku"], so["faceMinor"], so["faceCurrency"], so["quantity"])
    require(told == (item.supplier_sku, face.minor, face.currency, 1), f"ordered was {told}")
    require(order.reference == so["reference"], f"its reference is {order.reference}")


@ORDERS.add(Capability.ORDERS, uses=("orders",))
async def cost_is_what_is_charged(bench: Bench) -> None:
    """What an order costs is told to the last digit."""
    for quantity in (1, 3) if bench.has(Capability.QUANTITIES) else (1,):
        key = bench.new_key()
        order = await placed(bench, key, quantity)
        so = await only_order(bench, key)
        charged = Money(so["costMinor"], so["currency"])
        require(order.cost == charged, f"charged is {charged}, told is {order.cost}")


@ORDERS.add(Capability.ORDERS)
async def cost_is_in_the_catalogues_currency(bench: Bench) -> None:
    """What an order costs is in the currency that the catalogue names."""
    for item in (await bench.feed()).items:
        if item.is_active and item.denominations and not item.needs_user_id:
            face = item.denominations[0].face
            order = await bench.supplier.place_order(bench.new_key(), item.supplier_sku, face, 1)
            told = order.cost.currency if order.cost else None
            require(told == item.cost_currency, f"{item.supplier_sku} costs {told}")


@ORDERS.add(Capability.ORDERS, Capability.LOOKUP)
async def order_is_found_by_its_key(bench: Bench) -> None:
    """Each order is found by its own key, as it was told when it was placed."""
    keys = [bench.new_key() for _ in range(3)]
    orders = [await placed(bench, key) for key in keys]
    require(len({order.reference for order in orders}) == 3, "references are told twice")
    for key, order in zip(keys, orders, strict=True):
        found = await bench.supplier.find_order(key)
        require(found == order, f"placed was {order}, found is {found}")


@ORDERS.add(Capability.ORDERS, Capability.LOOKUP)
async def unknown_key_is_absent(bench: Bench) -> None:
    """Nothing is found under a key that was never sent, nor under a part of one that was."""
    key = bench.new_key()
    require(await bench.supplier.find_order(key) is None, "it is found before it is placed")
    await placed(bench, key)
    for other in (key[:-1], key + "0", key.upper()):
        found = await bench.supplier.find_order(other)
        require(found is None, f"{other} finds {found}")


@ORDERS.add(Capability.ORDERS, Capability.QUANTITIES, uses=("orders",))
async def quantity_is_delivered(bench: Bench) -> None:
    """An order of several cards gives as many codes, all different."""
    key = bench.new_key()
    order = await placed(bench, key, 3)
    require((await only_order(bench, key))["quantity"] == 3, "another quantity was ordered")
    codes = told_codes(await bench.supplier.fetch_codes(order.reference))
    require(len(set(codes)) == 3, f"{len(set(codes))} codes for 3 cards")


@ORDERS.add(Capability.ORDERS, uses=("codes",))
async def codes_are_exact(bench: Bench) -> None:
    """Codes and PINs are as delivered, character by character, and those of this order."""
    keys = [bench.new_key() for _ in range(2)]
    for order in [await placed(bench, key) for key in keys]:
        codes = await bench.supplier.fetch_codes(order.reference)
        so = await bench.double.codes(order.reference)
        require(len(codes) == len(so), f"{len(codes)} codes, delivered were {len(so)}")
        require(told_codes(codes) == so, "they are other codes than those delivered")
        again = await bench.supplier.fetch_codes(order.reference)
        require(again == codes, "asked again, they are others")
        hidden = all(number not in f"{codes!r}{codes}" for number, _ in so)
        require(hidden, "a code is shown without being asked for")


@ORDERS.add(Capability.ORDERS, uses=("orders",))
async def wrong_face_is_refused(bench: Bench) -> None:
    """A face that is not on sale is refused, and nothing is ordered."""
    item, face = await bench.goods()
    for odd in (Money(face.minor + 1, face.currency), Money(face.minor * 1000, face.currency)):
        key = bench.new_key()
        ending = await ended(bench.supplier.place_order(key, item.supplier_sku, odd, 1))
        await refused_and_nothing_ordered(bench, key, ending, f"a face of {odd}")


@ORDERS.add(Capability.ORDERS, Capability.RANGES, uses=("orders",))
async def range_is_kept(bench: Bench) -> None:
    """Any face between the bounds and on a step can be ordered, and no other."""
    item = await bench.range_goods()
    bounds = item.face_range
    if bounds is None:
        return
    least, most, step = bounds.min_face, bounds.max_face, bounds.step.minor
    middle = least.minor + (most.minor - least.minor) // 2 // step * step
    for face in (least, Money(middle, least.currency), most):
        key = bench.new_key()
        order = await bench.supplier.place_order(key, item.supplier_sku, face, 1)
        so = await only_order(bench, key)
        require(so["faceMinor"] == face.minor, f"{face} was asked for, ordered was {so}")
        require(order.state is OrderState.SUCCEEDED, f"{face}: it is {order.state.value}")
    outside = [least.minor - 1, most.minor + 1]
    between = [least.minor + 1] if step > 1 else []
    for minor in outside + between:
        face = Money(minor, least.currency)
        key = bench.new_key()
        ending = await ended(bench.supplier.place_order(key, item.supplier_sku, face, 1))
        await refused_and_nothing_ordered(bench, key, ending, f"a face of {face}")


@ORDERS.add(Capability.ORDERS, uses=("orders",))
async def unknown_item_is_refused(bench: Bench) -> None:
    """An item that there is not is refused, and nothing is ordered."""
    _, face = await bench.goods()
    for sku in ("999999999", "no-such-item", "", "1/../2"):
        key = bench.new_key()
        ending = await ended(bench.supplier.place_order(key, sku, face, 1))
        await refused_and_nothing_ordered(bench, key, ending, f"the item {sku!a}")


@ORDERS.add(Capability.ORDERS)
async def foreign_reference_has_no_codes(bench: Bench) -> None:
    """Codes of an order that there is not are refused."""
    for reference in ("999999999", "no-such-order", "", "1/../2"):
        ending = await ended(bench.supplier.fetch_codes(reference))
        kinds = (SupplierRefused, SupplierAnswerInvalid)
        require_kind(ending, kinds, f"the codes of {reference!a}")


@ORDERS.add(Capability.ORDERS, uses=("orders", "balance"))
async def poor_account_orders_nothing(bench: Bench) -> None:
    """Without money at the supplier an order is refused, and nothing is ordered."""
    key = bench.new_key()
    item, face = await bench.goods()
    await bench.double.control("POST", "balance", {"currency": item.cost_currency, "amount": "1"})
    try:
        ending = await ended(bench.supplier.place_order(key, item.supplier_sku, face, 1))
    finally:
        rich = {"currency": item.cost_currency, "amount": "1000000"}
        await bench.double.control("POST", "balance", rich)
    await refused_and_nothing_ordered(bench, key, ending, "an order without money")


@ORDERS.add(Capability.ORDERS, Capability.TWINS_REFUSED, uses=("orders",))
async def twin_is_the_first_order(bench: Bench) -> None:
    """A second order under one key is the first one, told again."""
    key = bench.new_key()
    first, second = await placed(bench, key), await placed(bench, key)
    require(first.reference == second.reference, f"{first} and then {second}")
    await only_order(bench, key)


@ORDERS.add(Capability.ORDERS, Capability.LOOKUP, uses=("orders",))
async def twin_is_not_hidden(bench: Bench) -> None:
    """After a second order under one key, no order is hidden, and none is said not to be."""
    key = bench.new_key()
    await placed(bench, key)
    ending = await ended(placed(bench, key))
    require(not isinstance(ending, SupplierRefused), "it is said that nothing was ordered")
    so = {one["reference"] for one in await bench.double.orders(key)}
    found = await bench.supplier.find_order(key)
    told = {found.reference, *found.others} if found else set()
    require(told == so, f"the supplier has {sorted(so)}, told are {sorted(told)}")


@ORDERS.add(Capability.ORDERS, Capability.CANCEL)
async def cancelled_order_is_failed(bench: Bench) -> None:
    """A cancelled order is failed, is told the same again, and is found as such."""
    key = bench.new_key()
    order = await placed(bench, key)
    for _ in range(2):
        ending = await ended(bench.supplier.cancel_order(order.reference))
        is_failed = isinstance(ending, SupplierOrder) and ending.state is OrderState.FAILED
        require(is_failed, f"it ends in {shown(ending)}")
    if bench.has(Capability.LOOKUP):
        found = await bench.supplier.find_order(key)
        require(found is not None and found.state is OrderState.FAILED, f"found is {found}")
    ending = await ended(bench.supplier.cancel_order("999999999"))
    require_kind(ending, (SupplierRefused, SupplierUnknownOutcome), "an order that there is not")


@ORDERS.add(Capability.STOCK, uses=("catalogue",))
async def item_out_of_stock_is_not_on_sale(bench: Bench) -> None:
    """An item without stock is in the catalogue, and not on sale."""
    item, _ = await bench.goods()
    await bench.double.change(item.supplier_sku, "out_of_stock")
    told = {one.supplier_sku: one.is_active for one in (await bench.feed()).items}
    require(told.get(item.supplier_sku) is False, f"{item.supplier_sku} is {told}")
    on_sale = [sku for sku, is_active in told.items() if is_active]
    require(len(on_sale) == len(told) - 1, "others are not on sale either")
