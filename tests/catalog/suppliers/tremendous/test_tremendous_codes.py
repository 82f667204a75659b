"""Links of Tremendous are told exactly, and orders are cancelled whole or not at all."""

from typing import Any

import httpx2
import pytest

from api.doubles.tremendous_app import API_KEY
from catalog.suppliers import (
    OrderState,
    SupplierAnswerInvalid,
    SupplierOrder,
    SupplierRefused,
    SupplierUnknownOutcome,
    TremendousSupplier,
)
from payouts.money import Money
from tests.catalog.suppliers.shop import ShopDouble, answering

pytestmark = pytest.mark.asyncio
SKU = "DUNES0000001-SAR"
SAR_50 = Money(5000, "SAR")


@pytest.mark.parametrize("kind", ["empty_codes", "partial_batch"])
async def test_rewards_without_all_their_links_are_not_taken(
    supplier: TremendousSupplier, double: ShopDouble, kind: str
) -> None:
    double.fault(kind)
    order = await supplier.place_order("key-1", SKU, SAR_50, 2)
    with pytest.raises(SupplierRefused):
        await supplier.fetch_codes(order.reference)
    assert len(await supplier.fetch_codes(order.reference)) == 2


@pytest.mark.parametrize(
    "reward",
    [
        {"id": "RW1", "order_id": "OR1", "delivery": {"link": "http://rewards.example.com/r"}},
        {"id": "RW1", "order_id": "OR1", "delivery": {"link": "javascript:alert(1)"}},
        {"id": "RW1", "order_id": "OR1", "delivery": {"link": 1}},
        {"id": "RW1", "order_id": "OR2", "delivery": {"link": "https://rewards.example.com/r"}},
        {"id": "RW2", "order_id": "OR1", "delivery": {"link": "https://rewards.example.com/r"}},
        {"id": "RW1", "order_id": "OR1", "delivery": None},
        None,
    ],
)
async def test_a_link_that_is_none_is_not_taken(
    supplier: TremendousSupplier, monkeypatch: pytest.MonkeyPatch, reward: Any
) -> None:
    order = {"id": "OR1", "status": "EXECUTED", "rewards": [{"id": "RW1"}]}
    both = {"order": order, "reward": reward}
    monkeypatch.setattr(supplier.http, "line", answering(200, both))
    with pytest.raises(SupplierAnswerInvalid):
        await supplier.fetch_codes("OR1")


async def test_codes_of_another_order_are_not_told(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    order = await supplier.place_order("key-1", SKU, SAR_50, 1)
    codes = await supplier.fetch_codes(order.reference)
    double.fault("wrong_order", place="cards")
    with pytest.raises(SupplierAnswerInvalid):
        await supplier.fetch_codes(order.reference)
    assert await supplier.fetch_codes(order.reference) == codes


async def test_a_reference_leads_nowhere_else(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    for reference in ("", "../products", "a/b", "a?b", "x" * 81):
        for call in (supplier.fetch_codes(reference), supplier.cancel_order(reference)):
            with pytest.raises(SupplierRefused) as refused:
                await call
            assert refused.value.code == "REFERENCE_INVALID"
    with pytest.raises(SupplierRefused) as unknown:
        await supplier.fetch_codes("OR0000000099")
    assert unknown.value.code == "HTTP_404"
    assert double.counts() == {}


async def test_an_unused_order_is_cancelled_whole_and_once(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    placed = await supplier.place_order("key-1", SKU, SAR_50, 2)
    cancelled = await supplier.cancel_order(placed.reference)
    assert (cancelled.reference, cancelled.state) == (placed.reference, OrderState.FAILED)
    assert cancelled.failure == "CANCELED"
    assert await supplier.cancel_order(placed.reference) == cancelled
    assert await supplier.find_order("key-1") == cancelled
    with pytest.raises(SupplierRefused):
        await supplier.fetch_codes(placed.reference)
    ours = {"Authorization": f"Bearer {API_KEY}"}
    sources = httpx2.get(f"{double.url}/funding_sources", headers=ours).json()
    assert sources["funding_sources"][0]["meta"]["available_cents"] == 100_000_000


async def test_a_redeemed_reward_is_not_cancelled(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    single = await supplier.place_order("key-1", SKU, SAR_50, 1)
    several = await supplier.place_order("key-2", SKU, SAR_50, 2)
    for order in (single, several):
        double.control("POST", f"orders/{order.reference}", {"isUsed": True})
    with pytest.raises(SupplierRefused):
        await supplier.cancel_order(single.reference)
    with pytest.raises(SupplierUnknownOutcome):  # some of several may be cancelled
        await supplier.cancel_order(several.reference)
    assert [order["status"] for order in double.orders()] == ["EXECUTED", "EXECUTED"]


@pytest.mark.parametrize("kind", ["timeout_after", "error_500_after"])
async def test_a_cancellation_without_an_answer_is_unknown(
    supplier: TremendousSupplier, double: ShopDouble, kind: str
) -> None:
    placed = await supplier.place_order("key-1", SKU, SAR_50, 1)
    double.fault(kind, place="cancel")
    with pytest.raises(SupplierUnknownOutcome):
        await supplier.cancel_order(placed.reference)
    found = await supplier.find_order("key-1")
    assert found == SupplierOrder(
        placed.reference, OrderState.FAILED, Money(1333, "USD"), "CANCELED"
    )
