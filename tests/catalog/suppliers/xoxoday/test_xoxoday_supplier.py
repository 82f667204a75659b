"""The adapter speaks with the double over real HTTP and never guesses an outcome."""

import json
from typing import Any

import httpx2
import pytest

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
    XoxodaySupplier,
    open_xoxoday,
)
from catalog.suppliers.exchange import Channel
from payouts.money import Money
from tests.catalog.suppliers.xoxoday.conftest import Double

pytestmark = pytest.mark.asyncio
SAR_50 = Money(5000, "SAR")
PLACED = {
    "orderId": 9,
    "amountCharged": 48.25,
    "currencyCode": "SAR",
    "deliveryStatus": "delivered",
    "quantity": 1,
    "tag": "key-1",
    "voucherDetails": [{"productId": 52001, "denomination": 50, "currencyCode": "SAR"}],
}


def answering(
    supplier: XoxodaySupplier, monkeypatch: pytest.MonkeyPatch, status: int, body: Any
) -> list[bytes]:
    """Let the supplier answer everything but tokens with this; gives what was asked."""
    asked: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/token/user"):
            return httpx2.Response(200, json={"access_token": "t", "expires_in": 600})
        asked.append(request.content)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx2.Response(status, content=raw)

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    monkeypatch.setattr(supplier.http, "line", Channel(client, {}))
    return asked


def told(name: str, data: Any) -> Any:
    return {"data": {name: {"status": 1, "data": data}}}


async def test_an_order_goes_out_exactly_and_its_charge_is_told(
    supplier: XoxodaySupplier, double: Double
) -> None:
    order = await supplier.place_order("key-1", "52004", Money(2500, "USD"), 2)
    # 2 x 25 USD at 3.7525 is 187.62 (each half up), 1.5% fee is 2.81, 2% discount is 3.75
    assert order == SupplierOrder("1", OrderState.SUCCEEDED, Money(18668, "SAR"))
    (kept,) = double.orders()
    assert (kept["key"], kept["sku"], kept["face"]) == ("key-1", "52004", "25.00 USD")
    assert (kept["quantity"], kept["costMinor"], kept["currency"]) == (2, 18668, "SAR")
    codes = await supplier.fetch_codes(order.reference)
    assert len({code.number.reveal() for code in codes}) == 2
    for code in codes:
        assert (len(code.number.reveal()), code.number.reveal()[:2]) == (16, "00")
        assert code.pin is not None
        assert (len(code.pin.reveal()), code.pin.reveal()[:1]) == (4, "0")
        assert code.number.reveal() not in repr(codes) + f"{code}"


async def test_the_wire_has_no_float(
    lone: XoxodaySupplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(lone, monkeypatch, 200, told("placeOrder", PLACED))
    with pytest.raises(SupplierUnknownOutcome):  # the answer is about 50.00, not about this
        await lone.place_order("key-1", "52001", Money(10**14 + 1, "SAR"), 1)
    assert b'"denomination":1000000000000.01,' in asked[0]
    assert b'"query": "plumProAPI.mutation.placeOrder", "tag": "plumProAPI"' in asked[0]
    assert json.loads(asked[0])["variables"]["data"]["poNumber"] == "key-1"


async def test_an_order_is_found_by_its_key_alone(supplier: XoxodaySupplier) -> None:
    placed = await supplier.place_order("key-1", "52001", SAR_50, 1)
    assert placed.cost == Money(4825, "SAR")  # 50.00 - 3.5%
    assert await supplier.find_order("key-1") == placed
    assert await supplier.find_order("key-2") is None
    assert await supplier.find_order("key") is None


async def test_a_delayed_order_is_pending_until_it_is_delivered(
    supplier: XoxodaySupplier, double: Double
) -> None:
    placed = await supplier.place_order("key-1", "52006", Money(18000, "SAR"), 1)
    assert placed == SupplierOrder("1", OrderState.PENDING, Money(16560, "SAR"))
    with pytest.raises(SupplierRefused) as early:
        await supplier.fetch_codes("1")
    assert early.value.code == "NOT_DELIVERED"
    double.control("POST", "orders/1", {"status": "delivered"})
    found = await supplier.find_order("key-1")
    assert found == SupplierOrder("1", OrderState.SUCCEEDED, Money(16560, "SAR"))
    assert len(await supplier.fetch_codes("1")) == 1


async def test_a_cancelled_order_is_failed(supplier: XoxodaySupplier, double: Double) -> None:
    await supplier.place_order("key-1", "52006", Money(18000, "SAR"), 1)
    double.control("POST", "orders/1", {"status": "canceled"})
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.state, found.failure) == (OrderState.FAILED, "canceled")


@pytest.mark.parametrize(
    ("sku", "face", "quantity", "code"),
    [
        ("52001", Money(5100, "SAR"), 1, "PLE10018"),
        ("52003", Money(1999, "SAR"), 1, "PLE10018"),
        ("52999", SAR_50, 1, "PLE10017"),
        ("52001", SAR_50, 11, "PLE10041"),
        ("52007", Money(2000, "SAR"), 1, "PLE10001"),  # needs a telephone number
        ("052001", SAR_50, 1, "SKU_INVALID"),
        ("52001", Money(0, "SAR"), 1, "ORDER_INVALID"),
        ("52001", SAR_50, 0, "ORDER_INVALID"),
    ],
)
async def test_what_is_not_on_sale_is_refused_for_certain(
    supplier: XoxodaySupplier, double: Double, sku: str, face: Money, quantity: int, code: str
) -> None:
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", sku, face, quantity)
    assert refused.value.code == code
    assert double.orders() == []


async def test_a_key_beyond_its_length_is_refused_before_it_is_sent(
    supplier: XoxodaySupplier, double: Double
) -> None:
    for key in ("", "k" * 101):
        with pytest.raises(SupplierRefused):
            await supplier.place_order(key, "52001", SAR_50, 1)
    assert double.counts() == {}


async def test_a_used_key_leaves_it_open_what_was_ordered(
    supplier: XoxodaySupplier, double: Double
) -> None:
    first = await supplier.place_order("key-1", "52001", SAR_50, 1)
    with pytest.raises(SupplierUnknownOutcome) as unknown:
        await supplier.place_order("key-1", "52001", SAR_50, 1)
    assert unknown.value.facts == {"key": "key-1", "code": "PLE10004"}
    assert await supplier.find_order("key-1") == first
    assert len(double.orders()) == 1


async def test_two_orders_of_one_key_are_both_told(
    supplier: XoxodaySupplier, double: Double
) -> None:
    await supplier.place_order("key-1", "52001", SAR_50, 1)
    double.fault("duplicate")
    await supplier.place_order("key-1", "52001", SAR_50, 1)
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.reference, found.others) == ("1", ("2",))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "PLE10001", SupplierRefused),
        (400, "PLE10014", SupplierRefused),
        (403, "PLE10015", SupplierRefused),
        (404, "PLE10018", SupplierRefused),
        (401, "PLE10019", SupplierRefused),
        (422, "PLE10007", SupplierUnknownOutcome),
        (422, "PLE10010", SupplierUnknownOutcome),
        (422, "PLE10011", SupplierUnknownOutcome),
        (404, "PLE10020", SupplierUnknownOutcome),
        (404, "PLE10026", SupplierUnknownOutcome),  # cancelled, and the money not given back
        (404, "PLE10036", SupplierUnknownOutcome),  # there is an order, and it is cancelled
        (422, "PLE19999", SupplierUnknownOutcome),
        (502, "PLE10024", SupplierUnknownOutcome),
        (502, "PLE10035", SupplierUnknownOutcome),
        (401, "PIPE10015", SupplierUnauthorised),
    ],
)
async def test_only_some_refusals_say_that_nothing_was_ordered(
    lone: XoxodaySupplier,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    kind: type[Exception],
) -> None:
    body = {"code": status, "errorId": code, "errorInfo": "It failed", "error": "Because"}
    asked = answering(lone, monkeypatch, status, body)
    with pytest.raises(kind):
        await lone.place_order("key-1", "52001", SAR_50, 1)
    assert len(asked) == (2 if kind is SupplierUnauthorised else 1)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "invalid_request", "error_description": "no header"}, SupplierRefused),
        (400, {"error": "invalid_token", "error_description": "expired"}, SupplierUnauthorised),
        (403, {"success": 0, "error_message_id": "auth.token_error"}, SupplierUnauthorised),
        (429, {"errors": [{"message": "auth.request_limit_exceeded"}]}, SupplierBusy),
        (200, {"errors": [{"message": "auth.request_limit_exceeded"}]}, SupplierBusy),
        (404, b"<html>", SupplierUnknownOutcome),
        (307, b"", SupplierUnknownOutcome),
    ],
)
async def test_each_shape_of_an_error_is_understood(
    lone: XoxodaySupplier,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: Any,
    kind: type[Exception],
) -> None:
    answering(lone, monkeypatch, status, body)
    with pytest.raises(kind):
        await lone.place_order("key-1", "52001", SAR_50, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"orderId": 1.5},
        {"orderId": None},
        {"orderId": "0009"},
        {"deliveryStatus": None},
        {"tag": "another"},
        {"poNumber": "another"},
        {"quantity": 2},
        {"quantity": "1"},
        {"voucherDetails": [{"productId": 52002}]},
        {"voucherDetails": [{"denomination": 50.01}]},
        {"voucherDetails": [{"currencyCode": "USD"}]},
        {"voucherDetails": [7]},
    ],
)
async def test_an_answer_about_something_else_has_an_unknown_outcome(
    lone: XoxodaySupplier, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    answering(lone, monkeypatch, 200, told("placeOrder", PLACED))
    assert (await lone.place_order("key-1", "52001", SAR_50, 1)).reference == "9"
    answering(lone, monkeypatch, 200, told("placeOrder", {**PLACED, **change}))
    with pytest.raises(SupplierUnknownOutcome):
        await lone.place_order("key-1", "52001", SAR_50, 1)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"data":{"placeOrder":{"status":0}}}', b"[" * 100_000, b"x" * 5_000_000],
)
async def test_an_answer_of_nonsense_has_an_unknown_outcome(
    lone: XoxodaySupplier, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    answering(lone, monkeypatch, 200, body)
    with pytest.raises(SupplierUnknownOutcome):
        await lone.place_order("key-1", "52001", SAR_50, 1)


@pytest.mark.parametrize(
    ("amount", "currency", "cost"),
    [
        ("48.25", "SAR", Money(4825, "SAR")),
        ("0.1", "KWD", Money(100, "KWD")),
        ("12.5", "JPY", None),
        ("48.251", "SAR", None),
        ("1e3", "SAR", Money(100000, "SAR")),
        ("1e400", "SAR", None),
        ("NaN", "SAR", None),
        ("-1", "SAR", None),
        ('"48.25"', "SAR", None),
        ("true", "SAR", None),
        ("48.25", "ZZZ", None),
    ],
)
async def test_a_charge_is_exact_or_not_told(
    lone: XoxodaySupplier,
    monkeypatch: pytest.MonkeyPatch,
    amount: str,
    currency: str,
    cost: Money | None,
) -> None:
    text = json.dumps(told("placeOrder", {**PLACED, "currencyCode": currency}))
    answering(lone, monkeypatch, 200, text.replace("48.25", amount).encode())
    assert (await lone.place_order("key-1", "52001", SAR_50, 1)).cost == cost


CARDS = {
    "orderId": 9,
    "deliveryStatus": "delivered",
    "quantity": 1,
    "vouchers": [{"orderId": 9, "voucherCode": "0012 34", "pin": "0007", "type": "codePin"}],
}


@pytest.mark.parametrize(
    ("voucher", "number", "pin"),
    [
        ({"voucherCode": "0012 34", "pin": "0007", "type": "codePin"}, "0012 34", "0007"),
        ({"voucherCode": "0012", "pin": "", "type": "code"}, "0012", None),
        (
            {"voucherCode": "https://x.example.com/c/1", "type": "url"},
            "https://x.example.com/c/1",
            None,
        ),
        (
            {"voucherCode": "https://x.example.com", "pin": "01", "type": "urlPin"},
            "https://x.example.com",
            "01",
        ),
        ({"voucherCode": 10**29 + 7, "pin": None}, "1" + "0" * 28 + "7", None),
    ],
)
async def test_vouchers_are_text_digit_by_digit(
    lone: XoxodaySupplier,
    monkeypatch: pytest.MonkeyPatch,
    voucher: dict[str, Any],
    number: str,
    pin: str | None,
) -> None:
    answering(lone, monkeypatch, 200, told("getOrderDetails", {**CARDS, "vouchers": [voucher]}))
    (code,) = await lone.fetch_codes("9")
    assert code.number.reveal() == number
    assert (code.pin.reveal() if code.pin else None) == pin


@pytest.mark.parametrize(
    "change",
    [
        {"orderId": 8},
        {"quantity": 2},
        {"vouchers": []},
        {"vouchers": None},
        {"vouchers": [7]},
        {"vouchers": [{"orderId": 8, "voucherCode": "1"}]},
        {"vouchers": [{"voucherCode": "1", "type": "codePin"}]},
        {"vouchers": [{"voucherCode": "1", "type": "barcode"}]},
        {"vouchers": [{"voucherCode": "", "pin": "1"}]},
        {"vouchers": [{"voucherCode": 6.12e15}]},
        {"vouchers": [{"voucherCode": True}]},
        {"vouchers": [{"voucherCode": "1\u0000"}]},
    ],
)
async def test_vouchers_that_are_not_all_ours_are_refused(
    lone: XoxodaySupplier, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    answering(lone, monkeypatch, 200, told("getOrderDetails", {**CARDS, **change}))
    with pytest.raises(SupplierAnswerInvalid):
        await lone.fetch_codes("9")


async def test_a_look_up_that_is_not_answered_yet_is_busy(
    lone: XoxodaySupplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(lone, monkeypatch, 404, {"errorId": "PLE10021", "error": "later"})
    with pytest.raises(SupplierBusy):
        await lone.find_order("key-1")


async def test_a_token_is_fetched_once_and_again_when_it_is_not_accepted(
    supplier: XoxodaySupplier, double: Double
) -> None:
    await supplier.place_order("key-1", "52001", SAR_50, 1)
    await supplier.find_order("key-1")
    assert double.counts()["token"] == 1
    double.control("POST", "expire_tokens")
    await supplier.place_order("key-2", "52001", SAR_50, 1)
    assert double.counts()["token"] == 2
    assert [order["key"] for order in double.orders()] == ["key-1", "key-2"]


async def test_wrong_credentials_are_said(double: Double) -> None:
    supplier = open_xoxoday(double.access(client_secret=Secret("wrong")), double.clock.now)
    with pytest.raises(SupplierUnauthorised):
        await supplier.place_order("key-1", "52001", SAR_50, 1)
    await supplier.aclose()
    assert double.orders() == []


async def test_it_declares_what_it_does(supplier: XoxodaySupplier) -> None:
    for capability in (Capability.CANCEL, Capability.STOCK, Capability.TWINS_REFUSED):
        assert capability not in supplier.capabilities
    with pytest.raises(SupplierRefused) as refused:
        await supplier.cancel_order("1")
    assert refused.value.code == "NOT_OFFERED"
