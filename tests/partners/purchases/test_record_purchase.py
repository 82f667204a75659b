"""A purchase earns, once, on the terms of its time."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import AccrualState
from partners.agreements import PartnerNotFound
from partners.members import MemberNotFound
from partners.purchases import (
    AmountNotPositive,
    CurrencyNotAgreed,
    InvalidCategory,
    InvalidExternalId,
    Purchase,
    PurchaseBeforeAgreement,
    PurchaseConflict,
    PurchaseInFuture,
)
from partners.rules import FundingShare
from payouts.money import MINOR_MAX, AmountOutOfRange, Money
from tests.conftest import NOW
from tests.factories.partners import START, make_agreement, make_partner, make_rule
from tests.partners.purchases.world import CONFIRMED, everything, open_till

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


async def test_purchase_earns_cashback_and_fee_as_pending(database: Database) -> None:
    till = await open_till(database)
    assert (await till.wallet(), await till.owed()) == ((0, 0, 0), (0, 0, 0))

    purchase = await till.buy(10_000)

    accrual = await till.accrual(purchase)
    merchant, member = str(till.partner_id), str(till.shop.member.member_id)
    assert await till.lines("accrual", accrual.accrual_id) == [
        [
            ("partner_recv_pending", merchant, 600),
            ("member_pending", member, -500),
            ("fee_deferred", merchant, -100),
        ]
    ]
    assert (accrual.state, accrual.cashback.minor, accrual.fee.minor) == (
        AccrualState.PENDING,
        500,
        100,
    )
    assert accrual.available_at == CONFIRMED
    assert await till.wallet() == (0, 500, 0)
    assert await till.owed() == (0, 600, 100)
    assert await till.books_balance()


async def test_purchase_is_confirmed_when_its_return_window_is_over(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    assert await till.confirm(CONFIRMED - timedelta(seconds=1)) == 0
    assert await till.wallet() == (0, 500, 0)

    assert await till.confirm(CONFIRMED) == 1

    accrual = await till.accrual(purchase)
    merchant, member = str(till.partner_id), str(till.shop.member.member_id)
    assert (await till.lines("accrual", accrual.accrual_id))[1] == [
        ("member_pending", member, 500),
        ("member_available", member, -500),
        ("partner_recv", merchant, 600),
        ("partner_recv_pending", merchant, -600),
        ("fee_deferred", merchant, 100),
        ("platform_fee", "-", -100),
    ]
    assert (accrual.state, accrual.confirmed_at) == (AccrualState.AVAILABLE, CONFIRMED)
    assert await till.wallet() == (500, 0, 0)
    assert await till.owed() == (600, 0, 0)
    assert await till.earned_fee() == 100
    assert await till.confirm(CONFIRMED) == 0
    assert await till.books_balance()


async def test_two_partners_and_the_network_fund_one_cashback(database: Database) -> None:
    till = await open_till(database)
    async with database.writing(till.network_id) as db:
        sponsor = await make_partner(db, network_id=till.network_id, roles=("sponsor",))
        await make_rule(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            rate_bps=700,
            funding=(
                FundingShare("partner", till.partner_id, 1),
                FundingShare("partner", sponsor.partner_id, 1),
                FundingShare("network", None, 1),
            ),
        )
    purchase = await till.buy(10_000)
    accrual = await till.accrual(purchase)
    merchant, member = str(till.partner_id), str(till.shop.member.member_id)
    assert await till.lines("accrual", accrual.accrual_id) == [
        [
            ("partner_recv_pending", merchant, 234 + 100),
            ("partner_recv_pending", str(sponsor.partner_id), 233),
            ("bonus_expense", "-", 233),
            ("member_pending", member, -700),
            ("fee_deferred", merchant, -100),
        ]
    ]

    await till.give_back(purchase, 4_000)  # 280 of 700 goes back: 94 + 93 + 93
    accrual = await till.accrual(purchase)
    assert [share.reversed.minor for share in accrual.shares] == [94, 93, 93]
    assert await till.owed() == (0, 334 - 94 - 40, 60)
    assert await till.owed(sponsor.partner_id) == (0, 140, 0)

    await till.confirm()
    assert await till.owed() == (200, 0, 0)
    assert await till.owed(sponsor.partner_id) == (140, 0, 0)
    assert await till.wallet() == (420, 0, 0)

    await till.give_back(purchase, 6_000, "r-2", now=CONFIRMED)
    accrual = await till.accrual(purchase)
    assert [share.remaining.minor for share in accrual.shares] == [0, 0, 0]
    assert await till.owed(sponsor.partner_id) == (0, 0, 0)
    assert await till.owed() == (0, 0, 0)
    assert await till.wallet() == (0, 0, 0)
    assert await till.books_balance()


async def test_sponsor_alone_funds_and_the_merchant_owes_the_fee(database: Database) -> None:
    till = await open_till(database)
    async with database.writing(till.network_id) as db:
        sponsor = await make_partner(db, network_id=till.network_id, roles=("sponsor",))
        await make_rule(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            rate_bps=900,
            funding=(FundingShare("partner", sponsor.partner_id, 1),),
        )
    await till.buy(10_000)
    assert await till.owed() == (0, 100, 100)
    assert await till.owed(sponsor.partner_id) == (0, 900, 0)


@pytest.mark.parametrize(
    ("currency", "minor", "cashback", "fee"),
    [
        ("JPY", 1_050, 52, 10),  # 52.5 and 10.5 go to the even unit
        ("JPY", 1_150, 58, 12),  # 57.5 and 11.5
        ("KWD", 12_345, 617, 123),
        ("SAR", 10, 0, 0),
        ("SAR", 1, 0, 0),
    ],
)
async def test_shares_are_rounded_half_to_even_in_any_currency(
    database: Database, currency: str, minor: int, cashback: int, fee: int
) -> None:
    till = await open_till(database, currency)
    purchase = await till.buy(minor)
    accrual = await till.accrual(purchase)
    assert (accrual.cashback, accrual.fee) == (till.money(cashback), till.money(fee))
    assert await till.wallet() == (0, cashback, 0)
    assert await till.owed() == (0, cashback + fee, fee)
    assert await till.confirm() == 1
    assert (await till.accrual(purchase)).state is AccrualState.AVAILABLE
    assert await till.wallet() == (cashback, 0, 0)


async def test_without_a_rule_only_the_fee_is_owed(database: Database) -> None:
    till = await open_till(database, rate_bps=0)
    await till.buy(10_000)
    assert await till.owed() == (0, 100, 100)
    assert await till.wallet() == (0, 0, 0)
    await till.confirm()
    assert await till.earned_fee() == 100


async def test_terms_are_those_of_the_time_of_purchase(database: Database) -> None:
    till = await open_till(database)
    async with database.writing(till.network_id) as db:
        await make_agreement(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            purchase_fee_bps=200,
            return_window_days=1,
            effective_from=NOW + timedelta(days=1),
        )
    later = NOW + timedelta(days=2)
    old = await till.accrual(await till.buy(10_000, "old", now=later))
    new = await till.accrual(
        await till.buy(10_000, "new", purchased_at=NOW + timedelta(days=1), now=later)
    )
    assert (old.fee.minor, old.available_at) == (100, NOW + timedelta(days=14))
    assert (new.fee.minor, new.available_at) == (200, NOW + timedelta(days=2))


async def test_same_report_again_is_the_same_purchase(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    first = await till.buy(10_000)
    before = await everything(superuser)
    assert await till.buy(10_000, now=NOW + timedelta(days=90)) == first
    assert await everything(superuser) == before


OTHER_REPORTS: list[Any] = [
    {"amount": Money(10_001, "SAR")},
    {"amount": Money(10_000, "EUR")},
    {"member_id": STRANGER},
    {"category": "bread"},
    {"purchased_at": NOW - timedelta(microseconds=1)},
]


async def test_another_report_under_the_same_id_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    await till.buy(10_000)
    before = await everything(superuser)
    for over in OTHER_REPORTS:
        with pytest.raises(PurchaseConflict):
            await till.buy(10_000, **over)  # type: ignore[arg-type]
        assert await everything(superuser) == before


PURCHASES_REFUSED: list[Any] = [
    ({"amount": Money(0, "SAR")}, AmountNotPositive),
    ({"amount": Money(-1, "SAR")}, AmountNotPositive),
    ({"amount": Money(MINOR_MAX + 1, "SAR")}, AmountOutOfRange),
    ({"amount": Money(100, "EUR")}, CurrencyNotAgreed),
    ({"purchased_at": NOW + timedelta(minutes=5, microseconds=1)}, PurchaseInFuture),
    ({"purchased_at": START - timedelta(microseconds=1)}, PurchaseBeforeAgreement),
    ({"member_id": STRANGER}, MemberNotFound),
    ({"partner_id": STRANGER}, PartnerNotFound),
    ({"external_id": ""}, InvalidExternalId),
    ({"external_id": "x" * 256}, InvalidExternalId),
    ({"category": ""}, InvalidCategory),
    ({"category": "x" * 65}, InvalidCategory),
]


async def test_purchase_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    before = await everything(superuser)
    for over, expected in PURCHASES_REFUSED:
        with pytest.raises(expected):
            await till.buy(**{"minor": 10_000, "external_id": "p-1", **over})  # type: ignore[arg-type]
        assert await everything(superuser) == before


async def test_clock_that_is_a_little_ahead_is_tolerated(database: Database) -> None:
    till = await open_till(database)
    ahead = NOW + timedelta(minutes=5)
    assert (await till.buy(purchased_at=ahead)).purchased_at == ahead


async def test_same_report_fifty_times_at_once_is_booked_once(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    made = await asyncio.gather(*(till.buy(10_000) for _ in range(50)))
    assert len({purchase.purchase_id for purchase in made}) == 1
    assert await till.wallet() == (0, 500, 0)
    assert await till.owed() == (0, 600, 100)
    counts = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM partners.purchase), (SELECT count(*) FROM partners.accrual),"
            " (SELECT count(*) FROM payouts.journal), (SELECT count(*) FROM payouts.due)"
        )
    )
    assert tuple(counts.one()) == (1, 1, 1, 1)


async def test_different_reports_under_one_id_at_once_leave_one(database: Database) -> None:
    till = await open_till(database)
    outcomes = await asyncio.gather(
        *(till.buy(10_000 + 100 * n) for n in range(20)), return_exceptions=True
    )
    made = [one for one in outcomes if isinstance(one, Purchase)]
    assert len(made) == 1
    assert sum(isinstance(one, PurchaseConflict) for one in outcomes) == 19
    cashback = made[0].amount.minor // 20
    assert await till.wallet() == (0, cashback, 0)
