"""The adapter speaks with the double over real HTTP and never guesses an outcome."""

import json
from pathlib import Path

import httpx2
import pytest

from catalog.suppliers import (
    OrderState,
    ReloadlySupplier,
    Secret,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierOrder,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
    open_reloadly,
    read_reloadly_feed,
)
from catalog.suppliers.exchange import Channel
from catalog.suppliers.reloadly_supplier import read_cards
from payouts.money import Money
from tests.catalog.suppliers.conftest import Double

pytestmark = pytest.mark.asyncio
SAR_50 = Money(5000, "SAR")


async def test_the_feed_of_a_country_is_complete(supplier: ReloadlySupplier) -> None:
    saudi = read_reloadly_feed(await supplier.fetch_feed("SA"))
    assert [item.supplier_sku for item in saudi.items] == [str(n) for n in range(7001, 7008)]
    assert (saudi.refused, saudi.is_complete) == ((), True)
    south = read_reloadly_feed(await supplier.fetch_feed("ZA"))
    assert [item.supplier_sku for item in south.items] == ["7101", "7102", "7103"]


async def test_the_pages_of_a_long_feed_are_joined(
    supplier: ReloadlySupplier, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await supplier.fetch_feed("SA")
    monkeypatch.setattr("catalog.suppliers.reloadly_supplier.PAGE_SIZE", 3)
    before = double.counts()["products"]
    joined = await supplier.fetch_feed("SA")
    assert double.counts()["products"] - before == 3
    assert read_reloadly_feed(joined) == read_reloadly_feed(whole)
    monkeypatch.setattr("catalog.suppliers.reloadly_supplier.FEED_PAGES_MAX", 2)
    short = read_reloadly_feed(await supplier.fetch_feed("SA"))
    assert (len(short.items), short.is_complete) == (6, False)


async def test_an_order_succeeds_and_delivers_codes(
    supplier: ReloadlySupplier, double: Double
) -> None:
    order = await supplier.place_order("key-1", "7001", SAR_50, 2)
    # 2 x 50.00 + fee 1.50 - 4% discount
    assert order == SupplierOrder("1", OrderState.SUCCEEDED, Money(9750, "SAR"))
    (kept,) = double.orders()
    assert (kept["key"], kept["sku"], kept["face"]) == ("key-1", "7001", "50.00 SAR")
    codes = await supplier.fetch_codes(order.reference)
    assert len({code.number.reveal() for code in codes}) == 2
    for code in codes:
        assert code.number.reveal().startswith("00")
        assert len(code.number.reveal()) == 16
        assert code.pin is not None
        assert code.pin.reveal().startswith("0")
        assert code.number.reveal() not in repr(codes) + str(code) + f"{code.number}"


async def test_an_order_is_found_by_its_key(supplier: ReloadlySupplier) -> None:
    placed = await supplier.place_order("key-1", "7005", Money(1000, "USD"), 1)
    assert placed.cost == Money(3938, "SAR")  # 37.50 + 3.75 - 1.875
    assert await supplier.find_order("key-1") == placed
    assert await supplier.find_order("key-2") is None
    assert await supplier.find_order("key") is None


async def test_a_price_in_a_range_is_taken(supplier: ReloadlySupplier) -> None:
    order = await supplier.place_order("key-1", "7007", Money(1234, "USD"), 1)
    assert order.state is OrderState.SUCCEEDED


@pytest.mark.parametrize("kind", ["timeout_after", "error_500_after"])
async def test_an_order_taken_without_an_answer_is_found_by_its_key(
    supplier: ReloadlySupplier, double: Double, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    found = await supplier.find_order("key-1")
    assert found is not None
    assert found.state is OrderState.SUCCEEDED
    assert len(await supplier.fetch_codes(found.reference)) == 1
    assert len(double.orders()) == 1


@pytest.mark.parametrize("kind", ["timeout_before", "error_500_before"])
async def test_an_order_not_taken_is_not_found(
    supplier: ReloadlySupplier, double: Double, kind: str
) -> None:
    double.fault(kind)
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    assert await supplier.find_order("key-1") is None
    assert double.orders() == []
    assert double.counts()["order"] == 1  # sent once: the adapter never repeats an order


async def test_a_pending_order_succeeds_later(supplier: ReloadlySupplier, double: Double) -> None:
    double.fault("pending_then_success", reads=1)
    placed = await supplier.place_order("key-1", "7001", SAR_50, 1)
    assert placed.state is OrderState.PENDING
    with pytest.raises(SupplierRefused):
        await supplier.fetch_codes(placed.reference)
    first, second = [await supplier.find_order("key-1") for _ in range(2)]
    assert first is not None
    assert second is not None
    assert (first.state, second.state) == (OrderState.PENDING, OrderState.SUCCEEDED)
    assert len(await supplier.fetch_codes(placed.reference)) == 1


@pytest.mark.parametrize("status", ["FAILED", "REFUNDED"])
async def test_a_failed_order_says_so(
    supplier: ReloadlySupplier, double: Double, status: str
) -> None:
    placed = await supplier.place_order("key-1", "7001", SAR_50, 1)
    double.control("POST", f"orders/{placed.reference}", {"status": status})
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.state, found.failure) == (OrderState.FAILED, status)


async def test_a_refused_order_leaves_nothing(supplier: ReloadlySupplier, double: Double) -> None:
    double.fault("out_of_stock")
    with pytest.raises(SupplierRefused) as refused:
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    assert refused.value.code == "PRODUCT_OUT_OF_STOCK"
    assert refused.value.message == "The product is out of stock"
    for sku, face in (("7001", Money(5100, "SAR")), ("1", SAR_50), ("7003", Money(900, "SAR"))):
        with pytest.raises(SupplierRefused):
            await supplier.place_order("key-1", sku, face, 1)
    double.control("POST", "balance", {"currency": "SAR", "amount": "49.00"})
    with pytest.raises(SupplierRefused) as poor:
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    assert poor.value.code == "INSUFFICIENT_BALANCE"
    assert double.orders() == []


async def test_too_many_requests_are_busy(supplier: ReloadlySupplier, double: Double) -> None:
    double.fault("error_429")
    with pytest.raises(SupplierBusy) as busy:
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    assert busy.value.retryable
    assert double.orders() == []


async def test_a_second_order_under_one_key_is_reported(supplier: ReloadlySupplier) -> None:
    for _ in range(2):
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    found = await supplier.find_order("key-1")
    assert found is not None
    assert (found.reference, found.others) == ("1", ("2",))


async def test_a_token_is_fetched_once_and_again_when_it_is_not_accepted(
    supplier: ReloadlySupplier, double: Double
) -> None:
    await supplier.place_order("key-1", "7001", SAR_50, 1)
    await supplier.find_order("key-1")
    assert double.counts()["token"] == 1
    double.control("POST", "expire_tokens")
    await supplier.place_order("key-2", "7001", SAR_50, 1)
    assert double.counts()["token"] == 2
    assert [order["key"] for order in double.orders()] == ["key-1", "key-2"]


async def test_a_token_is_fetched_anew_when_its_time_is_over(
    supplier: ReloadlySupplier, double: Double, tmp_path: Path
) -> None:
    await supplier.find_order("key-1")
    (tmp_path / "clock").write_text("+2d")
    await supplier.find_order("key-1")
    assert double.counts() == {"token": 2, "report": 2}


async def test_wrong_credentials_are_said(double: Double) -> None:
    supplier = open_reloadly(double.access(client_secret=Secret("wrong")), double.clock.now)
    with pytest.raises(SupplierUnauthorised):
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    await supplier.aclose()
    assert double.orders() == []


async def test_nobody_at_the_address_means_nothing_was_sent(double: Double) -> None:
    access = double.access(auth_url="http://127.0.0.1:1", api_url="http://127.0.0.1:1")
    supplier = open_reloadly(access, double.clock.now)
    with pytest.raises(SupplierBusy):
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    await supplier.aclose()


async def test_the_double_is_not_open_to_strangers(double: Double) -> None:
    answer = httpx2.get(f"{double.url}/reports/transactions")
    assert answer.status_code == 401
    assert answer.json()["errorCode"] == "INVALID_TOKEN"


@pytest.mark.parametrize(
    ("raw", "number", "pin"),
    [
        (b'[{"cardNumber":"0012 34","pinCode":"0007"}]', "0012 34", "0007"),
        (b'{"cardNumber":6120200345149064,"pinCode":5821}', "6120200345149064", "5821"),
        (b'[{"cardNumber":"' + b"9" * 30 + b'"}]', "9" * 30, None),
        (b'[{"cardNumber":' + b"9" * 30 + b',"pinCode":null}]', "9" * 30, None),
        (b'[{"cardNumber":null,"pinCode":"0009"}]', "0009", None),
        (b'[{"cardNumber":"","pinCode":"0009"}]', "0009", None),
    ],
)
async def test_card_numbers_are_text_digit_by_digit(
    raw: bytes, number: str, pin: str | None
) -> None:
    (code,) = read_cards(raw)
    assert code.number.reveal() == number
    assert (code.pin.reveal() if code.pin else None) == pin


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"[1]",
        b"[{}]",
        b'[{"cardNumber":6.12e15}]',
        b'[{"cardNumber":6120200345149064.0}]',
        b'[{"cardNumber":true}]',
        b'[{"cardNumber":["1"]}]',
        b'[{"cardNumber":"1\\u0000"}]',
        b"[" * 100_000,
    ],
)
async def test_cards_that_lost_digits_are_refused(raw: bytes) -> None:
    with pytest.raises(SupplierAnswerInvalid):
        read_cards(raw)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"status":"SUCCESSFUL"}',
        b'{"transactionId":1.5,"status":"SUCCESSFUL"}',
        json.dumps({"transactionId": 1, "status": "SUCCESSFUL", "customIdentifier": "x"}).encode(),
        b"x" * (4 * 1024 * 1024 + 1),
        b"[" * 100000,
    ],
)
async def test_an_order_answered_with_nonsense_has_an_unknown_outcome(
    supplier: ReloadlySupplier, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/oauth/token":
            return httpx2.Response(200, json={"access_token": "t", "expires_in": 600})
        return httpx2.Response(200, content=body)

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    monkeypatch.setattr(supplier.http, "line", Channel(client, {}))
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.place_order("key-1", "7001", SAR_50, 1)
    await client.aclose()


async def test_a_secret_does_not_leak() -> None:
    secret = Secret("0012")
    assert (repr(secret), str(secret), f"{secret:>9}") == ("Secret(***)", "***", "***")
    assert secret == Secret("0012")
    assert secret.reveal() == "0012"
