"""Whatever fails at the supplier, an adapter neither makes up an outcome nor orders twice."""

from api.conformance.bench import Bench, ended, require, require_kind, shown
from api.conformance.check import Checks
from api.conformance.order_checks import (
    only_order,
    placed,
    refused_and_nothing_ordered,
    told_codes,
)
from catalog.suppliers import (
    Capability,
    OrderState,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierOrder,
    SupplierRefused,
    SupplierUnknownOutcome,
)
from payouts.money import Money

FAULTS = Checks("faults")

READS = (SupplierAnswerInvalid, SupplierBusy, SupplierRefused)
"""How a reading that went wrong may end: the same can be asked again."""


async def _not_taken(bench: Bench, kind: str) -> None:
    key = bench.new_key()
    await bench.double.play(kind)
    ending = await ended(placed(bench, key))
    require_kind(ending, (SupplierUnknownOutcome,), kind)
    require(not await bench.double.orders(key), "it was sent again")
    if bench.has(Capability.LOOKUP):
        require(await bench.supplier.find_order(key) is None, "it is found")


async def _taken(bench: Bench, kind: str) -> None:
    key = bench.new_key()
    await bench.double.play(kind)
    ending = await ended(placed(bench, key))
    require_kind(ending, (SupplierUnknownOutcome,), kind)
    so = await only_order(bench, key)
    if bench.has(Capability.LOOKUP):
        found = await bench.supplier.find_order(key)
        require(found is not None, "it is not found")
        if found is not None:
            told = (found.reference, found.state)
            require(told == (so["reference"], OrderState.SUCCEEDED), f"found is {found}")


@FAULTS.add(Capability.ORDERS, plays=("order", "timeout_before"), uses=("orders",))
async def timeout_before_is_unknown(bench: Bench) -> None:
    """An order that was not taken and not answered is an unknown outcome, sent once."""
    await _not_taken(bench, "timeout_before")


@FAULTS.add(Capability.ORDERS, plays=("order", "timeout_after"), uses=("orders",))
async def timeout_after_is_unknown(bench: Bench) -> None:
    """An order that was taken and not answered is an unknown outcome, sent once, and found."""
    await _taken(bench, "timeout_after")


@FAULTS.add(Capability.ORDERS, plays=("order", "error_500_before"), uses=("orders",))
async def error_before_is_unknown(bench: Bench) -> None:
    """An order that was not taken, answered with an error of the server, is an unknown outcome."""
    await _not_taken(bench, "error_500_before")


@FAULTS.add(Capability.ORDERS, plays=("order", "error_500_after"), uses=("orders",))
async def error_after_is_unknown(bench: Bench) -> None:
    """An order that was taken, answered with an error of the server, is unknown, and found."""
    await _taken(bench, "error_500_after")


@FAULTS.add(Capability.ORDERS, plays=("order", "malformed_json"), uses=("orders",))
async def damaged_answer_is_unknown(bench: Bench) -> None:
    """An order that was taken, with an answer that is cut off, is an unknown outcome, and found."""
    await _taken(bench, "malformed_json")


@FAULTS.add(Capability.ORDERS, plays=("order", "redirect"), uses=("orders", "trap"))
async def redirected_order_is_not_sent_on(bench: Bench) -> None:
    """An order goes nowhere else than to the supplier's own address."""
    before = await bench.double.count("trap")
    await _not_taken(bench, "redirect")
    require(await bench.double.count("trap") == before, "the redirect was followed")


@FAULTS.add(Capability.ORDERS, plays=("order", "error_429"), uses=("orders",))
async def too_many_requests_are_busy(bench: Bench) -> None:
    """Asked to slow down, the supplier is busy, and nothing was ordered."""
    key = bench.new_key()
    await bench.double.play("error_429")
    ending = await ended(placed(bench, key))
    require_kind(ending, (SupplierBusy,), "an order too many")
    require(not await bench.double.orders(key), "it was ordered all the same")


@FAULTS.add(Capability.ORDERS, plays=("order", "out_of_stock"), uses=("orders",))
async def out_of_stock_orders_nothing(bench: Bench) -> None:
    """An item without stock is refused, or unknown and not found; nothing is ordered."""
    for kind in ("out_of_stock", "withdrawn_item"):
        key = bench.new_key()
        await bench.double.play(kind)
        await refused_and_nothing_ordered(bench, key, await ended(placed(bench, key)), kind)


@FAULTS.add(Capability.ORDERS, Capability.DELAYED, plays=("order", "pending_then_success"))
async def pending_order_succeeds_later(bench: Bench) -> None:
    """A pending order is pending, has no codes yet, and succeeds when it has."""
    key = bench.new_key()
    await bench.double.play("pending_then_success", reads=3)
    order = await placed(bench, key)
    require(order.state is OrderState.PENDING, f"it is {order.state.value}")
    ending = await ended(bench.supplier.fetch_codes(order.reference))
    require_kind(ending, READS, "the codes of a pending order")
    states = []
    for _ in range(5):
        found = await bench.supplier.find_order(key) if bench.has(Capability.LOOKUP) else order
        states.append(found.state if found else None)
    require(states[-1] is OrderState.SUCCEEDED, f"it was {states}")
    require(len(await bench.supplier.fetch_codes(order.reference)) == 1, "it has no code")


@FAULTS.add(Capability.ORDERS, Capability.LOOKUP, plays=("order", "late_success"), uses=("orders",))
async def late_order_is_found_later(bench: Bench) -> None:
    """An order that look-ups do not see at first is absent, then found; it is one order."""
    key = bench.new_key()
    await bench.double.play("late_success", reads=1)
    ending = await ended(placed(bench, key))
    require_kind(ending, (SupplierUnknownOutcome,), "an error of the server")
    require(await bench.supplier.find_order(key) is None, "it is found before it can be seen")
    found = await bench.supplier.find_order(key)
    so = await only_order(bench, key)
    require(found is not None and found.reference == so["reference"], f"found is {found}")


@FAULTS.add(Capability.ORDERS, Capability.LOOKUP, uses=("orders",))
async def failed_order_says_so(bench: Bench) -> None:
    """An order that the supplier gave up is failed, and says why."""
    key = bench.new_key()
    order = await placed(bench, key)
    failed = [one for one in bench.description.statuses if one.lower() in ("failed", "canceled")]
    await bench.double.control("POST", f"orders/{order.reference}", {"status": failed[0]})
    found = await bench.supplier.find_order(key)
    require(found is not None and found.state is OrderState.FAILED, f"found is {found}")
    require(found is not None and found.failure, "it does not say why")


@FAULTS.add(
    Capability.ORDERS, Capability.QUANTITIES, plays=("order", "partial_batch"), uses=("codes",)
)
async def partial_batch_is_not_filled_up(bench: Bench) -> None:
    """Of a batch that is delivered in part only codes that are there are told; later all of them."""
    key = bench.new_key()
    await bench.double.play("partial_batch", reads=1)
    order = await placed(bench, key, 3)
    so = await bench.double.codes(order.reference)
    ending = await ended(bench.supplier.fetch_codes(order.reference))
    if isinstance(ending, tuple):
        require(told_codes(ending) == so[:-1], "other codes are told than are there")
    else:
        require_kind(ending, READS, "a part of a batch")
    codes = await bench.supplier.fetch_codes(order.reference)
    require(told_codes(codes) == so, "later it is not whole")


@FAULTS.add(Capability.ORDERS, plays=("order", "empty_codes"), uses=("codes",))
async def empty_codes_are_no_delivery(bench: Bench) -> None:
    """An order whose codes are not there yet has none; later it has them."""
    key = bench.new_key()
    await bench.double.play("empty_codes", reads=1)
    order = await placed(bench, key)
    ending = await ended(bench.supplier.fetch_codes(order.reference))
    require_kind(ending, READS, "an order without codes")
    codes = await bench.supplier.fetch_codes(order.reference)
    require(told_codes(codes) == await bench.double.codes(order.reference), "they are others")


@FAULTS.add(Capability.ORDERS, plays=("order", "price_change"), uses=("orders",))
async def changed_price_is_told(bench: Bench) -> None:
    """What is told as the cost is what was charged, not what the catalogue said."""
    key = bench.new_key()
    await bench.double.play("price_change")
    order = await placed(bench, key)
    so = await only_order(bench, key)
    charged = Money(so["costMinor"], so["currency"])
    require(order.cost == charged, f"charged is {charged}, told is {order.cost}")


@FAULTS.add(Capability.ORDERS, plays=("order", "wrong_currency"), uses=("orders",))
async def other_currency_is_not_ours(bench: Bench) -> None:
    """A charge in another currency is told in that currency, or not at all."""
    key = bench.new_key()
    item, face = await bench.goods()
    await bench.double.play("wrong_currency")
    ending = await ended(bench.supplier.place_order(key, item.supplier_sku, face, 1))
    await only_order(bench, key)
    if isinstance(ending, SupplierOrder):
        cost = ending.cost
        is_ours = cost is not None and cost.currency == item.cost_currency
        require(not is_ours, f"it is told as {cost}")
    else:
        require_kind(ending, (SupplierUnknownOutcome,), "another currency")


@FAULTS.add(Capability.ORDERS, plays=("order", "wrong_face"))
async def other_face_is_unknown(bench: Bench) -> None:
    """An answer about another face than the one that was ordered is an unknown outcome."""
    await bench.double.play("wrong_face")
    ending = await ended(placed(bench, bench.new_key()))
    require_kind(ending, (SupplierUnknownOutcome,), "another face")


@FAULTS.add(Capability.ORDERS, plays=("order", "wrong_key"))
async def order_of_others_is_not_ours(bench: Bench) -> None:
    """An answer about somebody else's order is an unknown outcome, and is not found as ours."""
    key = bench.new_key()
    await bench.double.play("wrong_key")
    ending = await ended(placed(bench, key))
    require_kind(ending, (SupplierUnknownOutcome,), "somebody else's order")
    if bench.has(Capability.LOOKUP):
        found = await ended(bench.supplier.find_order(key))
        is_none = found is None or isinstance(found, SupplierAnswerInvalid)
        require(is_none, f"looked up, it is {shown(found)}")


@FAULTS.add(Capability.ORDERS, plays=("cards", "wrong_order"))
async def codes_of_others_are_refused(bench: Bench) -> None:
    """Codes that belong to another order are not told."""
    order = await placed(bench, bench.new_key())
    await bench.double.play("wrong_order", "cards")
    ending = await ended(bench.supplier.fetch_codes(order.reference))
    require_kind(ending, READS, "codes of another order")


@FAULTS.add(Capability.ORDERS, Capability.LOOKUP, plays=("order", "duplicate"), uses=("orders",))
async def double_order_is_told(bench: Bench) -> None:
    """When the supplier made two orders of one key, both are told."""
    key = bench.new_key()
    item, face = await bench.goods()
    await bench.supplier.place_order(key, item.supplier_sku, face, 1)
    await bench.double.play("duplicate")
    await ended(bench.supplier.place_order(key, item.supplier_sku, face, 1))
    so = {one["reference"] for one in await bench.double.orders(key)}
    found = await bench.supplier.find_order(key)
    told = {found.reference, *found.others} if found else set()
    require(told == so, f"the supplier has {sorted(so)}, told are {sorted(told)}")


@FAULTS.add(Capability.ORDERS, Capability.LOOKUP, plays=("lookup", "malformed_json"))
async def failing_look_up_finds_nothing_out(bench: Bench) -> None:
    """A look-up that goes wrong says so; it is never the answer that there is no order."""
    key = bench.new_key()
    order = await placed(bench, key)
    for kind in ("error_500_before", "error_429", "timeout_before", "malformed_json", "redirect"):
        await bench.double.play(kind, "lookup")
        ending = await ended(bench.supplier.find_order(key))
        require_kind(ending, READS, kind)
        require(await bench.supplier.find_order(key) == order, f"after {kind} it is another")


@FAULTS.add(Capability.ORDERS, plays=("cards", "malformed_json"), uses=("codes",))
async def failing_codes_are_asked_again(bench: Bench) -> None:
    """Codes that cannot be had now can be had later."""
    order = await placed(bench, bench.new_key())
    so = await bench.double.codes(order.reference)
    for kind in ("error_500_before", "error_429", "timeout_before", "malformed_json", "redirect"):
        await bench.double.play(kind, "cards")
        ending = await ended(bench.supplier.fetch_codes(order.reference))
        require_kind(ending, READS, kind)
        codes = await bench.supplier.fetch_codes(order.reference)
        require(told_codes(codes) == so, f"after {kind} they are others")


@FAULTS.add(Capability.ORDERS, uses=("orders", "tokens"))
async def lost_token_orders_once(bench: Bench) -> None:
    """When the supplier forgets our token, an order is placed once under a new one."""
    key = bench.new_key()
    item, face = await bench.goods()
    await bench.double.control("POST", "expire_tokens")
    order = await bench.supplier.place_order(key, item.supplier_sku, face, 1)
    require((await only_order(bench, key))["reference"] == order.reference, "it is another one")
