"""Each movement of the provider's balance is booked as the provider states it, once."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.money import Money
from payouts.rails import ProviderTransaction
from payouts.reconciliation import record_provider_transaction
from tests.conftest import NOW
from tests.payouts.reconciliation.world import (
    BOOK,
    MEMBER,
    PARTNER,
    attempt_made,
    collection_ordered,
    counts,
    items,
    opened,
    payout_ordered,
    postings,
    sar,
    standing,
    topup_ordered,
)


def movement(
    kind: str, minor: int, source: str | None, *, fee: int = 0, **more: str
) -> ProviderTransaction:
    return ProviderTransaction(
        id=f"txn_{kind}_{source}",
        type=kind,
        amount=sar(minor),
        fee=sar(fee),
        net=sar(minor - fee),
        source=source,
        created=NOW,
        available_on=NOW,
        reporting_category=kind,
        **more,
    )


async def record(database: Database, transaction: ProviderTransaction) -> bool:
    async with database.writing(BOOK) as db:
        return await record_provider_transaction(
            db, network_id=BOOK, transaction=transaction, actor="test", now=NOW
        )


async def test_cashback_transfer_and_its_reversal_leave_the_clearing_at_zero(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    payout = await payout_ordered(superuser, "tr_1", minor=3_000)
    assert await record(database, movement("transfer", -3_000, "tr_1", transfer="tr_1"))
    assert await postings(superuser, "stripe.transfer") == [
        ("stripe_balance", "-", -3_000),
        ("member_payout_clearing", str(MEMBER), 3_000),
    ]
    await attempt_made(superuser, payout, "trr_1", leg="reversal")
    assert await record(database, movement("transfer_refund", 3_000, "trr_1", transfer="tr_1"))
    assert await postings(superuser, "stripe.transfer_refund") == [
        ("stripe_balance", "-", 3_000),
        ("member_payout_clearing", str(MEMBER), -3_000),
    ]
    assert await standing(database) == {}
    assert await items(superuser) == [("provider", "matched", None, 0)] * 2


async def test_a_reversal_seen_before_it_was_recorded_is_traced_by_its_transfer(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await payout_ordered(superuser, "tr_1", minor=3_000)
    await record(database, movement("transfer", -3_000, "tr_1", transfer="tr_1"))
    assert await record(database, movement("transfer_refund", 3_000, "trr_1", transfer="tr_1"))
    assert await standing(database) == {}
    assert await items(superuser) == [("provider", "matched", None, 0)] * 2


async def test_settlement_transfer_clears_the_partners_transfer(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await payout_ordered(superuser, "tr_2", minor=1_400, kind="settlement")
    await record(database, movement("transfer", -1_400, "tr_2"))
    assert await postings(superuser, "stripe.transfer") == [
        ("stripe_balance", "-", -1_400),
        ("transfer_clearing", str(PARTNER), 1_400),
    ]


async def test_collection_pays_the_gross_and_costs_the_fee(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await collection_ordered(superuser, "pi_1", minor=5_000)
    paid = movement("payment", 5_000, "py_1", fee=175, payment_intent="pi_1")
    assert await record(database, paid)
    assert await postings(superuser, "stripe.payment") == [
        ("stripe_balance", "-", 4_825),
        ("processing_fee", "-", 175),
        ("settle_recv", str(PARTNER), -5_000),
    ]
    returned = movement("payment_failure_refund", -5_000, "pyr_1", payment_intent="pi_1")
    assert await record(database, returned)
    assert await standing(database) == {"stripe_balance": -175, "processing_fee": 175}
    assert await items(superuser) == [("provider", "matched", None, 0)] * 2


@pytest.mark.parametrize(
    ("kind", "minor", "expected"),
    [
        ("topup", 10_000, {"stripe_balance": 10_000, "cash_in_transit": -10_000}),
        ("payout", -700, {"stripe_balance": -700, "cash_in_transit": 700}),
        ("payout_failure", 700, {"stripe_balance": 700, "cash_in_transit": -700}),
        ("stripe_fee", -200, {"stripe_balance": -200, "processing_fee": 200}),
    ],
)
async def test_movement_between_stripe_and_the_network_itself(
    database: Database,
    superuser: AsyncConnection,
    kind: str,
    minor: int,
    expected: dict[str, int],
) -> None:
    await opened(database)
    if kind == "topup":
        await topup_ordered(superuser, "src_1", minor=minor)
    assert await record(database, movement(kind, minor, "src_1"))
    assert await standing(database) == expected
    assert await items(superuser) == [("provider", "matched", None, 0)]


@pytest.mark.parametrize("kind", ["adjustment", "transfer", "payment_refund", "topup"])
async def test_what_nobody_ordered_is_parked_in_suspense(
    database: Database, superuser: AsyncConnection, kind: str
) -> None:
    await opened(database)
    assert await record(database, movement(kind, -900, "foreign", fee=15))
    assert await standing(database) == {
        "stripe_balance": -915,
        "processing_fee": 15,
        "suspense": 900,
    }
    assert await items(superuser) == [("provider", "unexpected", "nobody_ordered_it", -900)]


async def test_another_amount_is_booked_as_stripe_says_and_the_difference_parked(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await payout_ordered(superuser, "tr_3", minor=3_000)
    await record(database, movement("transfer", -3_500, "tr_3"))
    assert await postings(superuser, "stripe.transfer") == [
        ("stripe_balance", "-", -3_500),
        ("suspense", "-", 500),
        ("member_payout_clearing", str(MEMBER), 3_000),
    ]
    assert await items(superuser) == [("provider", "mismatched", "amount_differs", -500)]


async def test_the_same_movement_is_booked_once_by_any_number_of_readers(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    await payout_ordered(superuser, "tr_4")
    transaction = movement("transfer", -3_000, "tr_4")
    outcomes = await asyncio.gather(*(record(database, transaction) for _ in range(12)))
    assert sorted(outcomes) == [False] * 11 + [True]
    assert not await record(database, transaction)
    found = await counts(superuser)
    assert (found["journal"], found["provider_transaction"], found["reconciliation_item"]) == (
        1,
        1,
        1,
    )


async def test_a_movement_of_nothing_has_no_journal(
    database: Database, superuser: AsyncConnection
) -> None:
    await opened(database)
    nothing = replace(movement("adjustment", 0, "x"), net=Money(0, "SAR"))
    assert await record(database, nothing)
    found = await counts(superuser)
    assert (found["journal"], found["provider_transaction"]) == (0, 1)
