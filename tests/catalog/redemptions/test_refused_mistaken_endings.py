"""What finance may not do with mistaken orders changes nothing; of two at once one is heard."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import (
    MistakenOrder,
    MistakenOrderEnded,
    MistakenOrderNotFound,
    MistakenOrderState,
    OrderChargeUnfit,
    OrderOutcome,
    OrderReferenceTaken,
    OrderReferenceUnfit,
    OrderRemarkMissing,
    OrderResolutionOutdated,
    OrderResolverApproves,
    RedemptionState,
    SupplierOrderNotFound,
    SupplierOrderOpen,
)
from catalog.suppliers import OrderState
from payouts.money import CurrencyMismatch, Money
from payouts.refusal import Refusal
from tests.catalog.redemptions.conftest import Buying
from tests.catalog.redemptions.mistakes import CHARGE, MAKER, WRITE_OFF, Finance
from tests.fingerprint import fingerprint

CANCELLED, WRITTEN_OFF = OrderOutcome.CANCELLED, OrderOutcome.WRITTEN_OFF


@pytest.fixture
def finance(buying: Buying) -> Finance:
    return Finance(buying)


async def test_reports_of_what_is_no_mistake_are_refused(
    finance: Finance, superuser: AsyncConnection
) -> None:
    buying = finance.buying
    good = await buying.place("7002", 2_500)
    await buying.work_until_done(good)
    delivered = await buying.attempt(good)
    one, _ = await finance.lose()
    own = (await buying.attempt(one)).supplier_key
    foreign = own.replace(f"mz-{finance.network_id}-", f"mz-{finance.network_id + 1}-")
    before = await fingerprint(superuser)
    cases: list[tuple[str, str, type[Refusal]]] = [
        ("nothing of ours", "R-1", SupplierOrderNotFound),
        (foreign, "R-1", SupplierOrderNotFound),
        (f"mz-{finance.network_id}-{uuid4()}-1", "R-1", SupplierOrderNotFound),
        (own.removesuffix("1") + "2", "R-1", SupplierOrderNotFound),
        (own, "R-1", SupplierOrderOpen),
        (delivered.supplier_key, " ", OrderReferenceUnfit),
        (delivered.supplier_key, "x" * 201, OrderReferenceUnfit),
        (delivered.supplier_key, delivered.supplier_reference, OrderReferenceTaken),
    ]
    for supplier_key, reference, refusal in cases:
        with pytest.raises(refusal):
            await finance.report(supplier_key, reference)
    assert await fingerprint(superuser) == before


async def test_what_cannot_become_of_an_order_is_refused(
    finance: Finance, superuser: AsyncConnection
) -> None:
    buying = finance.buying
    good = await buying.place("7002", 2_500)
    await buying.work_until_done(good)
    delivered = (await buying.attempt(good)).supplier_reference
    _, lost = await finance.lose()
    key = lost.mistaken_order_id
    before = await fingerprint(superuser)
    named = {"reference": "R-1"}
    cases: list[tuple[UUID, OrderOutcome, Money | None, dict[str, Any], type[Refusal]]] = [
        (uuid4(), CANCELLED, None, named, MistakenOrderNotFound),
        (key, CANCELLED, None, {}, OrderReferenceUnfit),
        (key, CANCELLED, None, {"reference": " "}, OrderReferenceUnfit),
        (key, CANCELLED, None, {"reference": "x" * 201}, OrderReferenceUnfit),
        (key, CANCELLED, None, {"reference": delivered}, OrderReferenceTaken),
        (key, CANCELLED, CHARGE, named, OrderChargeUnfit),
        (key, WRITTEN_OFF, None, named, OrderChargeUnfit),
        (key, WRITTEN_OFF, Money(0, "SAR"), named, OrderChargeUnfit),
        (key, WRITTEN_OFF, Money(-1, "SAR"), named, OrderChargeUnfit),
        (key, WRITTEN_OFF, Money(4_950, "USD"), named, CurrencyMismatch),
        (key, CANCELLED, None, named | {"remark": " "}, OrderRemarkMissing),
        (key, CANCELLED, None, named | {"remark": "x" * 501}, OrderRemarkMissing),
    ]
    for mistaken_order_id, outcome, charged, changes, refusal in cases:
        with pytest.raises(refusal):
            await finance.propose(mistaken_order_id, outcome, charged, **changes)
    with pytest.raises(OrderResolutionOutdated):
        await finance.approve(key)
    with pytest.raises(MistakenOrderNotFound):
        await finance.approve(uuid4())
    assert await fingerprint(superuser) == before


async def test_two_persons_are_needed_and_agree_on_what_was_read(
    finance: Finance, superuser: AsyncConnection
) -> None:
    _, lost = await finance.lose()
    key = lost.mistaken_order_id
    await finance.propose(key, WRITTEN_OFF, CHARGE, reference="R-1")
    await finance.propose(key, CANCELLED, reference="R-2", remark="They cancelled it.")
    before = await fingerprint(superuser)
    with pytest.raises(OrderResolutionOutdated):
        await finance.approve(key, 1)
    with pytest.raises(OrderResolutionOutdated):
        await finance.approve(key, 3)
    with pytest.raises(OrderResolverApproves):
        await finance.approve(key, 2, actor=MAKER)
    assert await fingerprint(superuser) == before
    ended = await finance.approve(key, 2)
    assert [(it.outcome, it.is_approved) for it in ended.resolutions] == [
        (WRITTEN_OFF, False),
        (CANCELLED, True),
    ]
    before = await fingerprint(superuser)
    with pytest.raises(OrderResolutionOutdated):
        await finance.approve(key, 2)
    with pytest.raises(MistakenOrderEnded):
        await finance.propose(key, CANCELLED)
    with pytest.raises(OrderReferenceUnfit):
        await finance.propose(key, WRITTEN_OFF, CHARGE, reference="R-3")
    assert await fingerprint(superuser) == before
    with pytest.raises(IntegrityError, match="four_eyes"):
        await superuser.execute(
            text(
                "UPDATE catalog.mistaken_order_resolution SET approved_by = proposed_by"
                " WHERE approved_by IS NOT NULL"
            )
        )


async def test_one_order_is_not_borne_twice_under_two_names(
    finance: Finance, superuser: AsyncConnection
) -> None:
    _, first = await finance.lose()
    _, second = await finance.lose("7002", 2_500)
    for one in (first, second):
        await finance.propose(one.mistaken_order_id, WRITTEN_OFF, CHARGE, reference="R-1")
    await finance.approve(first.mistaken_order_id)
    before = await fingerprint(superuser)
    with pytest.raises(OrderReferenceTaken):
        await finance.approve(second.mistaken_order_id)
    assert await fingerprint(superuser) == before
    assert await finance.stands() == (4_950, 4_950)


async def test_of_two_who_approve_at_once_one_does(finance: Finance) -> None:
    buying = finance.buying
    one, lost = await finance.lose()
    await finance.propose(lost.mistaken_order_id, WRITTEN_OFF, CHARGE, reference="R-1")
    ended = await asyncio.gather(
        *(finance.approve(lost.mistaken_order_id, actor=f"staff:{n}") for n in range(2)),
        return_exceptions=True,
    )
    assert [type(it) for it in ended if isinstance(it, BaseException)] == [OrderResolutionOutdated]
    assert await buying.souq.journals_of("mistaken_order", lost.mistaken_order_id) == [WRITE_OFF]
    assert await finance.stands() == (4_950, 4_950)
    assert (await buying.find(one)).state is RedemptionState.FAILED
    assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)


@pytest.mark.parametrize("turn", range(4))
async def test_an_approval_and_a_delivery_at_once_leave_one_of_them(
    finance: Finance, turn: int
) -> None:
    buying = finance.buying
    one, lost = await finance.lose()
    await finance.propose(lost.mistaken_order_id, WRITTEN_OFF, CHARGE, reference="R-1")

    async def approve() -> object:
        await asyncio.sleep(0.001 * turn)
        return await finance.approve(lost.mistaken_order_id)

    approved, is_delivered = await asyncio.gather(
        approve(),
        finance.told(one, state=OrderState.SUCCEEDED, reference="R-1"),
        return_exceptions=True,
    )
    done = await buying.find(one)
    journals = await buying.souq.journals_of("mistaken_order", lost.mistaken_order_id)
    if is_delivered is True:
        assert isinstance(approved, MistakenOrderEnded)
        assert (done.state, journals) == (RedemptionState.FULFILLED, [])
        assert await finance.stands() == (0, 4_950)
        assert await buying.souq.balance(buying.souq.wallet()) == (14_950, 0)
    else:
        assert is_delivered is False
        assert isinstance(approved, MistakenOrder)
        assert approved.state is MistakenOrderState.WRITTEN_OFF
        assert (done.state, journals) == (RedemptionState.FAILED, [WRITE_OFF])
        assert await finance.stands() == (4_950, 4_950)
        assert await buying.souq.balance(buying.souq.wallet()) == (20_000, 0)
