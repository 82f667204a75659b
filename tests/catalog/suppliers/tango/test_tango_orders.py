"""The Tango adapter speaks with its double over real HTTP and never guesses an outcome."""

import logging

import httpx2
import pytest

from api.doubles.order_events import WEBHOOK_SECRET
from api.doubles.tango_app import CLIENT_SECRET
from catalog.suppliers import (
    Capability,
    OrderState,
    Secret,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierOrder,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
    TangoSupplier,
    open_tango,
)
from catalog.suppliers.exchange import Channel
from payouts.money import Money
from tests.catalog.suppliers.shop import ShopDouble, answering
from tests.catalog.suppliers.tango.conftest import access

pytestmark = pytest.mark.asyncio
SAR_50 = Money(5000, "SAR")
USD_20 = Money(2000, "USD")


async def test_an_order_succeeds_and_delivers_its_card(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    order = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    (kept,) = double.orders()
    assert (order.state, order.cost) == (OrderState.SUCCEEDED, Money(1334, "USD"))  # 50 x 0.2667
    assert (kept["key"], kept["sku"]) == ("key-1", "U700101")
    assert (kept["face"], kept["cost"]) == ("50.00 SAR", "13.34 USD")
    (code,) = await supplier.fetch_codes(order.reference)
    assert code.number.reveal().startswith("00")
    assert len(code.number.reveal()) == 16
    assert code.pin is not None
    assert (len(code.pin.reveal()), code.pin.reveal()[0]) == (4, "0")
    assert code.number.reveal() not in repr(code) + str(code)


async def test_an_order_is_found_by_its_key(supplier: TangoSupplier) -> None:
    placed = await supplier.place_order("key-1", "U700103", Money(1234, "SAR"), 1)
    assert placed.cost == Money(329, "USD")  # 12.34 x 0.2667 = 3.2911
    assert await supplier.find_order("key-1") == placed
    assert await supplier.find_order("key-2") is None
    assert await supplier.find_order("key") is None


async def test_a_repeated_key_is_the_first_order_told_again(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    first = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert await supplier.place_order("key-1", "U700101", SAR_50, 1) == first
    assert len(double.orders()) == 1


@pytest.mark.parametrize(
    ("sku", "face"), [("U700102", Money(10_000, "SAR")), ("U700103", SAR_50), ("U700100", USD_20)]
)
async def test_a_key_of_another_order_is_refused(
    supplier: TangoSupplier, double: ShopDouble, sku: str, face: Money
) -> None:
    await supplier.place_order("key-1", "U700101", SAR_50, 1)
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", sku, face, 1)
    assert refused.value.code == "KEY_TAKEN"
    assert [order["sku"] for order in double.orders()] == ["U700101"]


@pytest.mark.parametrize("kind", ["timeout_after", "error_500_after", "malformed_json"])
async def test_an_order_taken_without_an_answer_is_found_by_its_key(
    supplier: TangoSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.state, found.cost) == (OrderState.SUCCEEDED, Money(1334, "USD"))
    assert len(await supplier.fetch_codes(found.reference)) == 1
    assert len(double.orders()) == 1


@pytest.mark.parametrize("kind", ["timeout_before", "error_500_before"])
async def test_an_order_not_taken_is_not_found(
    supplier: TangoSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert await supplier.find_order("key-1") is None
    assert double.orders() == []
    assert double.counts()["order"] == 1  # sent once: the adapter never repeats an order


async def test_a_late_order_is_absent_at_first_and_there_later(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    double.fault("late_success", reads=2)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    looks = [await supplier.find_order("key-1") for _ in range(3)]
    assert [one is not None for one in looks] == [False, False, True]
    # Sent again while it is absent, the key protects: there is still one order.
    assert await supplier.place_order("key-1", "U700101", SAR_50, 1) == looks[2]
    assert len(double.orders()) == 1


async def test_a_pending_order_succeeds_later(supplier: TangoSupplier, double: ShopDouble) -> None:
    double.fault("pending_then_success", reads=2)
    placed = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert placed.state is OrderState.PENDING
    with pytest.raises(SupplierRefused) as refused:
        await supplier.fetch_codes(placed.reference)
    assert refused.value.code == "NO_CODES"
    looks = [await supplier.find_order("key-1") for _ in range(2)]
    assert [one.state for one in looks if one] == [OrderState.PENDING, OrderState.SUCCEEDED]
    assert len(await supplier.fetch_codes(placed.reference)) == 1


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
async def test_a_failed_order_says_so(
    supplier: TangoSupplier, double: ShopDouble, status: str
) -> None:
    placed = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    double.control("POST", "orders/1", {"status": status})
    found = await supplier.find_order("key-1")
    assert found == SupplierOrder(placed.reference, OrderState.FAILED, placed.cost, status)


@pytest.mark.parametrize(
    ("sku", "face"),
    [
        ("U700101", Money(5100, "SAR")),
        ("U999999", SAR_50),
        ("U700103", Money(999, "SAR")),
        ("U700110", Money(1050, "USD")),  # whole amounts only
        ("U700140", Money(1000, "SAR")),  # not on sale
    ],
)
async def test_what_is_not_on_sale_is_refused(
    supplier: TangoSupplier, double: ShopDouble, sku: str, face: Money
) -> None:
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", sku, face, 1)
    assert refused.value.code == "422.000"
    assert double.orders() == []


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("out_of_stock", "The item is temporarily out of stock."),
        ("withdrawn_item", "The item is not available."),
    ],
)
async def test_a_fault_in_which_nothing_happens_is_a_refusal(
    supplier: TangoSupplier, double: ShopDouble, kind: str, message: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert refused.value.message == message
    assert double.orders() == []


async def test_too_little_money_is_refused(supplier: TangoSupplier, double: ShopDouble) -> None:
    double.control("POST", "balance", {"currency": "USD", "amount": "13.33"})
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert refused.value.code == "402.000"
    assert double.orders() == []


@pytest.mark.parametrize(
    ("sku", "face", "quantity", "code"),
    [
        ("U7/../orders", SAR_50, 1, "SKU_INVALID"),
        ("", SAR_50, 1, "SKU_INVALID"),
        ("U700101", Money(0, "SAR"), 1, "ORDER_INVALID"),
        ("U700101", SAR_50, 0, "ORDER_INVALID"),
        ("U700101", SAR_50, 2, "NOT_OFFERED"),
    ],
)
async def test_an_order_that_makes_no_sense_is_not_sent(
    supplier: TangoSupplier,
    double: ShopDouble,
    sku: str,
    face: Money,
    quantity: int,
    code: str,
) -> None:
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", sku, face, quantity)
    assert refused.value.code == code
    assert double.counts() == {}


async def test_too_many_requests_are_busy(supplier: TangoSupplier, double: ShopDouble) -> None:
    double.fault("error_429")
    with pytest.raises(SupplierBusy) as busy:
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert busy.value.retryable
    assert double.orders() == []


async def test_a_conflict_may_be_our_own_order(
    supplier: TangoSupplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(409)))
    monkeypatch.setattr(supplier.http, "line", Channel(client, {}))
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    await client.aclose()


async def test_a_dearer_order_says_what_was_charged(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    double.fault("price_change")
    order = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert order.cost == Money(1467, "USD")


@pytest.mark.parametrize("kind", ["wrong_face", "wrong_currency"])
async def test_another_card_than_ours_is_never_a_success(
    supplier: TangoSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert len(double.orders()) == 1
    # It is there and paid: looked up it is no success either, and sent again it is no refusal.
    with pytest.raises(SupplierAnswerInvalid):
        await supplier.find_order("key-1")
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert len(double.orders()) == 1


async def test_a_second_order_under_one_key_is_reported(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    double.fault("duplicate")
    placed = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.reference, len(found.others)) == (placed.reference, 1)
    assert [order["key"] for order in double.orders()] == ["key-1", "key-1"]


async def test_an_order_of_somebody_else_is_not_ours(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    double.fault("wrong_key")
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert await supplier.find_order("key-1") is None
    assert [order["key"] for order in double.orders()] == ["an-order-of-somebody-else"]


@pytest.mark.parametrize(
    "kind", ["error_500_before", "error_429", "timeout_before", "malformed_json", "redirect"]
)
async def test_a_reading_that_fails_finds_nothing_out(
    supplier: TangoSupplier, double: ShopDouble, kind: str
) -> None:
    order = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    codes = await supplier.fetch_codes(order.reference)
    reads = (SupplierBusy, SupplierAnswerInvalid, SupplierRefused)
    double.fault(kind, place="lookup", seconds=0.1)
    with pytest.raises(reads):
        await supplier.find_order("key-1")
    double.fault(kind, place="cards", seconds=0.1)
    with pytest.raises(reads):
        await supplier.fetch_codes(order.reference)
    double.fault(kind, place="feed", seconds=0.1)
    try:
        feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    except reads:
        pass
    else:
        assert not feed.is_complete
    assert await supplier.find_order("key-1") == order
    assert await supplier.fetch_codes(order.reference) == codes
    assert "trap" not in double.counts()


async def test_an_order_is_not_sent_on(supplier: TangoSupplier, double: ShopDouble) -> None:
    double.fault("redirect")
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert double.orders() == []
    assert "trap" not in double.counts()


async def test_wrong_credentials_are_said(double: ShopDouble) -> None:
    supplier = open_tango(access(double, platform_key=Secret("wrong")))
    for call in (supplier.place_order("key-1", "U700101", SAR_50, 1), supplier.fetch_feed("SA")):
        with pytest.raises(SupplierUnauthorised):
            await call
    await supplier.aclose()
    assert double.orders() == []


async def test_nobody_at_the_address_means_nothing_was_sent(double: ShopDouble) -> None:
    supplier = open_tango(access(double, api_url="http://127.0.0.1:1"))
    with pytest.raises(SupplierBusy):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    await supplier.aclose()


async def test_no_secret_is_in_logs_or_reprs(
    supplier: TangoSupplier, double: ShopDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    order = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    (code,) = await supplier.fetch_codes(order.reference)
    shown = caplog.text + repr(supplier) + repr(access(double)) + repr(vars(supplier.http))
    assert code.pin is not None
    for secret in (CLIENT_SECRET, "bWl6YW4tZGVtbzp", WEBHOOK_SECRET, code.number.reveal()):
        assert secret not in shown
    assert "127.0.0.1" in shown


async def test_the_adapter_declares_what_the_double_plays(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    described = double.control("GET", "description")
    assert described["supplier"] == "tango"
    assert {Capability(name) for name in described["capabilities"]} == supplier.capabilities


ANOTHER = {
    "referenceOrderID": "RA1",
    "externalRefID": "key-1",
    "status": "COMPLETE",
    "utid": "U700102",
    "denomination": {"value": 100, "currencyCode": "SAR"},
}


async def test_a_new_order_of_something_else_is_no_refusal(
    supplier: TangoSupplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supplier.http, "line", answering(201, ANOTHER))
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    monkeypatch.setattr(supplier.http, "line", answering(200, ANOTHER))
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", "U700101", SAR_50, 1)
    assert refused.value.code == "KEY_TAKEN"


async def test_an_order_of_another_key_is_not_found(
    supplier: TangoSupplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = {"page": {"totalCount": 1}, "orders": [{**ANOTHER, "externalRefID": "key-10"}]}
    monkeypatch.setattr(supplier.http, "line", answering(200, page))
    assert await supplier.find_order("key-1") is None
    found = await supplier.find_order("key-10")
    assert found is not None
    assert (found.reference, found.cost) == ("RA1", None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**ANOTHER, "referenceOrderID": "../x"},
        {**ANOTHER, "status": None},
        {**ANOTHER, "denomination": None},
        {**ANOTHER, "denomination": {"value": "50", "currencyCode": "SAR"}},
        {**ANOTHER, "utid": None},
    ],
)
async def test_an_answer_that_proves_nothing_is_an_unknown_outcome(
    supplier: TangoSupplier, monkeypatch: pytest.MonkeyPatch, body: dict[str, object]
) -> None:
    monkeypatch.setattr(supplier.http, "line", answering(201, body))
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "U700102", Money(10_000, "SAR"), 1)
