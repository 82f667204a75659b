"""The Tremendous adapter speaks with its double over real HTTP and never guesses an outcome."""

import logging
from typing import Any

import pytest

from api.doubles.order_events import WEBHOOK_SECRET
from api.doubles.tremendous_app import API_KEY
from catalog.suppliers import (
    Capability,
    OrderState,
    Secret,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
    TremendousSupplier,
    open_tremendous,
)
from payouts.money import Money
from tests.catalog.suppliers.shop import ShopDouble, answering
from tests.catalog.suppliers.tremendous.conftest import access

pytestmark = pytest.mark.asyncio
SKU = "DUNES0000001-SAR"
SAR_50 = Money(5000, "SAR")


async def test_an_order_succeeds_and_delivers_a_link_for_each_reward(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    order = await supplier.place_order("key-1", SKU, SAR_50, 3)
    (kept,) = double.orders()
    assert (order.state, order.cost) == (OrderState.SUCCEEDED, Money(3999, "USD"))  # 3 x 13.33
    assert (kept["key"], kept["sku"], kept["quantity"]) == ("key-1", SKU, 3)
    assert (kept["face"], kept["cost"]) == ("50.00 SAR", "39.99 USD")
    codes = await supplier.fetch_codes(order.reference)
    so = [one["number"] for one in double.control("GET", f"orders/{order.reference}/codes")]
    assert [code.number.reveal() for code in codes] == so
    assert len(set(so)) == 3
    assert so[0].startswith("https://rewards.example.com/r/")
    assert [code.pin for code in codes] == [None] * 3
    assert so[0] not in f"{codes!r} {codes[0]}"


async def test_an_order_is_found_by_its_key(supplier: TremendousSupplier) -> None:
    placed = await supplier.place_order("key-1", "DUNES0000002-SAR", Money(1234, "SAR"), 1)
    assert placed.cost == Money(329, "USD")  # 12.34 / 3.75 = 3.2906
    assert await supplier.find_order("key-1") == placed
    assert await supplier.find_order("key-2") is None
    assert await supplier.find_order("key") is None


async def test_a_look_up_goes_through_all_pages(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    double.control("POST", "pages", {"size": 1})
    double.fault("duplicate")
    placed = await supplier.place_order("key-1", SKU, SAR_50, 1)
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.reference, len(found.others)) == (placed.reference, 1)
    assert double.counts()["list"] == 2


async def test_a_repeated_key_is_the_first_order_told_again(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    first = await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert await supplier.place_order("key-1", SKU, SAR_50, 1) == first
    assert len(double.orders()) == 1


@pytest.mark.parametrize(
    ("sku", "face", "quantity"),
    [
        (SKU, Money(10_000, "SAR"), 1),
        (SKU, SAR_50, 2),
        ("DUNES0000002-USD", Money(2000, "USD"), 1),
    ],
)
async def test_a_key_of_another_order_is_refused(
    supplier: TremendousSupplier, double: ShopDouble, sku: str, face: Money, quantity: int
) -> None:
    await supplier.place_order("key-1", SKU, SAR_50, 1)
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", sku, face, quantity)
    assert refused.value.code == "KEY_TAKEN"
    assert [order["face"] for order in double.orders()] == ["50.00 SAR"]


@pytest.mark.parametrize("kind", ["timeout_after", "error_500_after", "malformed_json"])
async def test_an_order_taken_without_an_answer_is_found_by_its_key(
    supplier: TremendousSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.state, found.cost) == (OrderState.SUCCEEDED, Money(1333, "USD"))
    assert len(await supplier.fetch_codes(found.reference)) == 1
    assert len(double.orders()) == 1


@pytest.mark.parametrize("kind", ["timeout_before", "error_500_before", "redirect"])
async def test_an_order_not_taken_is_not_found(
    supplier: TremendousSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert await supplier.find_order("key-1") is None
    assert double.orders() == []
    assert double.counts() == {"order": 1, "list": 1}  # sent once, and nowhere else


async def test_a_late_order_is_absent_at_first_and_there_later(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    double.fault("late_success", reads=2)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    looks = [await supplier.find_order("key-1") for _ in range(3)]
    assert [one is not None for one in looks] == [False, False, True]
    assert await supplier.place_order("key-1", SKU, SAR_50, 1) == looks[2]
    assert len(double.orders()) == 1


async def test_an_order_that_waits_for_approval_succeeds_later(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    double.fault("pending_then_success", reads=2)
    placed = await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert (placed.state, placed.cost) == (OrderState.PENDING, None)
    with pytest.raises(SupplierRefused) as refused:
        await supplier.fetch_codes(placed.reference)
    assert refused.value.code == "NO_CODES"
    looks = [await supplier.find_order("key-1") for _ in range(2)]
    assert [one.state for one in looks if one] == [OrderState.PENDING, OrderState.SUCCEEDED]
    assert looks[1] is not None
    assert looks[1].cost == Money(1333, "USD")
    assert len(await supplier.fetch_codes(placed.reference)) == 1


@pytest.mark.parametrize(
    ("status", "state", "failure"),
    [
        ("FAILED", OrderState.FAILED, "FAILED"),
        ("CANCELED", OrderState.FAILED, "CANCELED"),
        ("OPEN", OrderState.PENDING, None),
        ("PENDING APPROVAL", OrderState.PENDING, None),
        ("PENDING INTERNAL PAYMENT APPROVAL", OrderState.PENDING, None),
    ],
)
async def test_every_status_is_a_state(
    supplier: TremendousSupplier,
    double: ShopDouble,
    status: str,
    state: OrderState,
    failure: str | None,
) -> None:
    placed = await supplier.place_order("key-1", SKU, SAR_50, 1)
    double.control("POST", f"orders/{placed.reference}", {"status": status})
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.reference, found.state, found.failure) == (placed.reference, state, failure)


@pytest.mark.parametrize(
    ("sku", "face"),
    [
        (SKU, Money(5100, "SAR")),
        ("NOSUCH000001-SAR", SAR_50),
        ("DUNES0000002-SAR", Money(999, "SAR")),
        ("DUNES0000001-USD", Money(5000, "USD")),
    ],
)
async def test_what_is_not_on_sale_is_refused(
    supplier: TremendousSupplier, double: ShopDouble, sku: str, face: Money
) -> None:
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", sku, face, 1)
    assert refused.value.code == "HTTP_422"
    assert double.orders() == []


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("out_of_stock", "The product is not available now"),
        ("withdrawn_item", "At least one valid product required"),
    ],
)
async def test_a_fault_in_which_nothing_happens_is_a_refusal(
    supplier: TremendousSupplier, double: ShopDouble, kind: str, message: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert refused.value.message == message
    assert double.orders() == []


async def test_too_little_money_is_refused(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    double.control("POST", "balance", {"currency": "USD", "amount": "13.32"})
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert refused.value.code == "HTTP_402"
    assert double.orders() == []


@pytest.mark.parametrize(
    ("sku", "face", "quantity", "code"),
    [
        ("DUNES0000001", SAR_50, 1, "SKU_INVALID"),
        ("../orders-SAR", SAR_50, 1, "SKU_INVALID"),
        ("-SAR", SAR_50, 1, "SKU_INVALID"),
        (SKU, Money(5000, "USD"), 1, "ORDER_INVALID"),
        (SKU, Money(0, "SAR"), 1, "ORDER_INVALID"),
        (SKU, SAR_50, 0, "ORDER_INVALID"),
        (SKU, SAR_50, 101, "ORDER_INVALID"),
    ],
)
async def test_an_order_that_makes_no_sense_is_not_sent(
    supplier: TremendousSupplier,
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


async def test_too_many_requests_are_busy(supplier: TremendousSupplier, double: ShopDouble) -> None:
    double.fault("error_429")
    with pytest.raises(SupplierBusy):
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert double.orders() == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (409, {"errors": {"message": "in progress", "payload": {}}}),
        (202, {}),
        (200, {"order": None}),
        (200, {"order": {"id": "OR1", "status": 1, "rewards": []}}),
        (200, {"order": {"id": "../x", "status": "EXECUTED", "rewards": []}}),
        (200, {"order": {"id": "OR1", "status": "EXECUTED", "rewards": None}}),
        (200, {"order": {"id": "OR1", "status": "EXECUTED", "rewards": [{"value": {}}]}}),
        (200, {"order": {"id": "OR1", "status": "EXECUTED", "external_id": "other"}}),
        (302, {}),
        (500, {"errors": {"message": "oops"}}),
    ],
)
async def test_an_answer_that_proves_nothing_is_an_unknown_outcome(
    supplier: TremendousSupplier, monkeypatch: pytest.MonkeyPatch, status: int, body: Any
) -> None:
    monkeypatch.setattr(supplier.http, "line", answering(status, body))
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", SKU, SAR_50, 1)


async def test_a_dearer_order_says_what_was_charged(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    double.fault("price_change")
    order = await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert order.cost == Money(1466, "USD")


@pytest.mark.parametrize("kind", ["wrong_face", "wrong_currency", "wrong_key"])
async def test_another_order_than_ours_is_never_a_success(
    supplier: TremendousSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    assert len(double.orders()) == 1


@pytest.mark.parametrize(
    "kind", ["error_500_before", "error_429", "timeout_before", "malformed_json", "redirect"]
)
async def test_a_reading_that_fails_finds_nothing_out(
    supplier: TremendousSupplier, double: ShopDouble, kind: str
) -> None:
    order = await supplier.place_order("key-1", SKU, SAR_50, 1)
    reads = (SupplierBusy, SupplierAnswerInvalid, SupplierRefused)
    double.fault(kind, place="lookup", seconds=0.1)
    with pytest.raises(reads):
        await supplier.find_order("key-1")
    double.fault(kind, place="cards", seconds=0.1)
    with pytest.raises(reads):
        await supplier.fetch_codes(order.reference)
    assert await supplier.find_order("key-1") == order
    assert len(await supplier.fetch_codes(order.reference)) == 1
    assert "trap" not in double.counts()


async def test_wrong_credentials_are_said(double: ShopDouble) -> None:
    supplier = open_tremendous(access(double, api_key=Secret("wrong")))
    for call in (supplier.place_order("key-1", SKU, SAR_50, 1), supplier.fetch_feed("SA")):
        with pytest.raises(SupplierUnauthorised):
            await call
    await supplier.aclose()
    assert double.orders() == []


async def test_nobody_at_the_address_means_nothing_was_sent(double: ShopDouble) -> None:
    supplier = open_tremendous(access(double, api_url="http://127.0.0.1:1"))
    with pytest.raises(SupplierBusy):
        await supplier.place_order("key-1", SKU, SAR_50, 1)
    await supplier.aclose()


async def test_no_secret_is_in_logs_or_reprs(
    supplier: TremendousSupplier, double: ShopDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    order = await supplier.place_order("key-1", SKU, SAR_50, 1)
    (code,) = await supplier.fetch_codes(order.reference)
    shown = caplog.text + repr(supplier) + repr(access(double)) + repr(vars(supplier.http))
    for secret in (API_KEY, WEBHOOK_SECRET, code.number.reveal()):
        assert secret not in shown
    assert "127.0.0.1" in shown


async def test_the_adapter_declares_what_the_double_plays(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    described = double.control("GET", "description")
    assert described["supplier"] == "tremendous"
    assert {Capability(name) for name in described["capabilities"]} == supplier.capabilities


async def test_an_order_of_another_key_is_not_found(
    supplier: TremendousSupplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"id": "OR1", "status": "EXECUTED", "external_id": "key-10"}
    monkeypatch.setattr(
        supplier.http, "line", answering(200, {"orders": [other], "total_count": 1})
    )
    assert await supplier.find_order("key-1") is None
    found = await supplier.find_order("key-10")
    assert found is not None
    assert (found.reference, found.cost) == ("OR1", None)
