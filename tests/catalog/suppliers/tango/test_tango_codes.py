"""What Tango delivered is told exactly, and taken back where Tango does so."""

import httpx2
import pytest

from api.doubles.tango_app import CLIENT_ID, CLIENT_SECRET
from api.doubles.tango_shop import ACCOUNT
from catalog.suppliers import (
    OrderState,
    Secret,
    SupplierAnswerInvalid,
    SupplierOrder,
    SupplierRefused,
    SupplierUnknownOutcome,
    TangoSupplier,
)
from payouts.money import Money
from tests.catalog.suppliers.shop import ShopDouble

pytestmark = pytest.mark.asyncio
SAR_50 = Money(5000, "SAR")
USD_20 = Money(2000, "USD")


async def test_a_choice_product_is_delivered_as_its_address(supplier: TangoSupplier) -> None:
    order = await supplier.place_order("key-1", "U700100", USD_20, 1)
    (code,) = await supplier.fetch_codes(order.reference)
    assert code.number.reveal().startswith("https://cards.example.com/r/")
    assert code.pin is None


async def test_codes_of_another_order_are_not_told(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    order = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    double.fault("wrong_order", place="cards")
    with pytest.raises(SupplierAnswerInvalid):
        await supplier.fetch_codes(order.reference)
    (code,) = await supplier.fetch_codes(order.reference)
    (so,) = double.control("GET", f"orders/{order.reference}/codes")
    assert (code.number, code.pin) == (Secret(so["number"]), Secret(so["pin"]))


@pytest.mark.parametrize("kind", ["empty_codes", "partial_batch"])
async def test_a_card_that_is_not_whole_is_not_taken(
    supplier: TangoSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    order = await supplier.place_order("key-1", "U700101", SAR_50, 1)
    with pytest.raises(SupplierAnswerInvalid):
        await supplier.fetch_codes(order.reference)
    (code,) = await supplier.fetch_codes(order.reference)
    assert code.number.reveal().startswith("00")


@pytest.mark.parametrize("reference", ["RA261129-99-01", "999999999"])
async def test_a_foreign_reference_has_no_codes(supplier: TangoSupplier, reference: str) -> None:
    with pytest.raises(SupplierRefused) as refused:
        await supplier.fetch_codes(reference)
    assert refused.value.code == "404.000"


async def test_a_reference_leads_nowhere_else(supplier: TangoSupplier, double: ShopDouble) -> None:
    for reference in ("", "../catalogs", "a/b", "a?b", "a b", "x" * 81):
        with pytest.raises(SupplierRefused) as refused:
            await supplier.fetch_codes(reference)
        assert refused.value.code == "REFERENCE_INVALID"
    assert double.counts() == {}


async def test_an_unused_choice_product_is_cancelled_once(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    placed = await supplier.place_order("key-1", "U700100", USD_20, 1)
    cancelled = await supplier.cancel_order(placed.reference)
    assert cancelled == SupplierOrder(
        placed.reference, OrderState.FAILED, Money(2000, "USD"), "CANCELLED"
    )
    assert await supplier.cancel_order(placed.reference) == cancelled
    with pytest.raises(SupplierRefused):
        await supplier.fetch_codes(placed.reference)
    ours = (CLIENT_ID, CLIENT_SECRET)
    account = httpx2.get(f"{double.url}/accounts/{ACCOUNT}", auth=ours)
    assert account.json()["currentBalance"] == 1_000_000


async def test_a_used_or_branded_card_is_not_cancelled(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    used = await supplier.place_order("key-1", "U700100", USD_20, 1)
    double.control("POST", "orders/1", {"isUsed": True})
    branded = await supplier.place_order("key-2", "U700101", SAR_50, 1)
    for order in (used, branded):
        with pytest.raises(SupplierRefused):
            await supplier.cancel_order(order.reference)
    assert [order["status"] for order in double.orders()] == ["COMPLETE", "COMPLETE"]


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "error_500_after"])
async def test_a_cancellation_without_an_answer_is_unknown(
    supplier: TangoSupplier, double: ShopDouble, kind: str
) -> None:
    placed = await supplier.place_order("key-1", "U700100", USD_20, 1)
    double.fault(kind, place="cancel")
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.cancel_order(placed.reference)
    assert (await supplier.cancel_order(placed.reference)).failure == "CANCELLED"
