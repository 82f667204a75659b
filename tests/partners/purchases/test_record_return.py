"""What comes back is taken back, exactly, before and after confirmation."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import AccrualState
from partners.members import enrol_member
from partners.purchases import (
    AmountNotPositive,
    CurrencyNotAgreed,
    InvalidExternalId,
    PurchaseNotFound,
    PurchaseReturn,
    ReturnConflict,
    ReturnExceedsPurchase,
)
from partners.rules import FundingShare
from payouts.ledger import BalanceTooLow
from payouts.money import Money, Rounding, allocate, proportion
from tests.conftest import NOW
from tests.factories.partners import make_partner, make_rule
from tests.partners.purchases.world import CONFIRMED, everything, open_till

STRANGER = UUID("018f0000-0000-7000-8000-00000000dead")


async def test_return_before_confirmation_shrinks_everybodys_part(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)

    back = await till.give_back(purchase, 4_000)

    merchant, member = str(till.partner_id), str(till.shop.member.member_id)
    assert await till.lines("purchase_return", back.return_id) == [
        [
            ("member_pending", member, 200),
            ("fee_deferred", merchant, 40),
            ("partner_recv_pending", merchant, -240),
        ]
    ]
    assert (back.cashback.minor, back.fee.minor, back.debt.minor) == (200, 40, 0)
    assert await till.wallet() == (0, 300, 0)
    assert await till.owed() == (0, 360, 60)

    await till.confirm()

    accrual = await till.accrual(purchase)
    assert (await till.lines("accrual", accrual.accrual_id))[1] == [
        ("member_pending", member, 300),
        ("member_available", member, -300),
        ("partner_recv", merchant, 360),
        ("partner_recv_pending", merchant, -360),
        ("fee_deferred", merchant, 60),
        ("platform_fee", "-", -60),
    ]
    assert await till.wallet() == (300, 0, 0)
    assert await till.owed() == (360, 0, 0)
    assert await till.books_balance()


async def test_return_after_confirmation_takes_from_the_balance(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    await till.confirm()

    back = await till.give_back(purchase, 1_000, now=CONFIRMED)

    merchant, member = str(till.partner_id), str(till.shop.member.member_id)
    assert await till.lines("purchase_return", back.return_id) == [
        [
            ("member_available", member, 50),
            ("platform_fee", "-", 10),
            ("partner_recv", merchant, -60),
        ]
    ]
    assert await till.wallet() == (450, 0, 0)
    assert await till.owed() == (540, 0, 0)
    assert await till.earned_fee() == 90
    assert await till.books_balance()


async def test_return_of_what_was_spent_becomes_a_debt_that_is_paid_first(
    database: Database,
) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    await till.confirm()
    await till.spend(350)
    assert await till.wallet() == (150, 0, 0)

    back = await till.give_back(purchase, 6_000, now=CONFIRMED)

    merchant, member = str(till.partner_id), str(till.shop.member.member_id)
    assert await till.lines("purchase_return", back.return_id) == [
        [
            ("member_available", member, 150),
            ("member_recv", member, 150),
            ("platform_fee", "-", 60),
            ("partner_recv", merchant, -360),
        ]
    ]
    assert back.debt.minor == 150
    assert await till.wallet() == (0, 0, 150)

    second = await till.buy(14_000, "p-2", purchased_at=CONFIRMED, now=CONFIRMED)
    assert await till.wallet() == (0, 700, 150)
    await till.confirm(CONFIRMED + timedelta(days=14))

    accrual = await till.accrual(second)
    assert (await till.lines("accrual", accrual.accrual_id))[1][:3] == [
        ("member_pending", member, 700),
        ("member_available", member, -550),
        ("member_recv", member, -150),
    ]
    assert accrual.debt_offset.minor == 150
    assert await till.wallet() == (550, 0, 0)
    assert await till.books_balance()


async def test_debt_is_paid_by_several_small_accruals_in_turn(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    await till.confirm()
    await till.spend(500)
    await till.give_back(purchase, 5_000, now=CONFIRMED)
    assert await till.wallet() == (0, 0, 250)
    for number in range(4):
        await till.buy(2_000, f"small-{number}", purchased_at=CONFIRMED, now=CONFIRMED)

    assert await till.confirm(CONFIRMED + timedelta(days=14)) == 4

    assert await till.wallet() == (150, 0, 0)
    assert await till.books_balance()


async def test_full_return_leaves_nothing(database: Database, superuser: AsyncConnection) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    await till.give_back(purchase, 10_000)
    accrual = await till.accrual(purchase)
    assert (accrual.state, accrual.remaining.minor) == (AccrualState.REVERSED, 0)
    assert (await till.wallet(), await till.owed()) == ((0, 0, 0), (0, 0, 0))
    assert await till.confirm() == 1  # struck off the list, nothing else
    assert (await till.accrual(purchase)).state is AccrualState.REVERSED
    assert (await superuser.execute(text("SELECT count(*) FROM payouts.journal"))).scalar() == 2
    assert (await superuser.execute(text("SELECT count(*) FROM payouts.due"))).scalar() == 0


@pytest.mark.parametrize(
    ("currency", "seed"), [("JPY", 1), ("SAR", 2), ("SAR", 3), ("KWD", 4), ("KWD", 5)]
)
async def test_any_steps_leave_what_one_return_of_the_sum_would(
    database: Database, currency: str, seed: int
) -> None:
    # The seed decides the amounts; every currency has a different number of digits.
    draw = random.Random(seed)
    till = await open_till(database, currency, rate_bps=0, purchase_fee_bps=133)
    async with database.writing(till.network_id) as db:
        sponsor = await make_partner(db, network_id=till.network_id, roles=("sponsor",))
        await make_rule(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            rate_bps=777,
            funding=(
                FundingShare("partner", till.partner_id, 5),
                FundingShare("partner", sponsor.partner_id, 3),
                FundingShare("network", None, 2),
            ),
        )
    amount = draw.randint(1_000, 99_999)
    purchase = await till.buy(amount)
    whole = await till.accrual(purchase)
    weights = [share.amount.minor for share in whole.shares]
    cuts = sorted(draw.sample(range(1, amount), 5))
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, amount], strict=True)):
        if number == 3:
            await till.confirm()
        await till.give_back(purchase, end - start, f"r-{number}", now=CONFIRMED)
        now = await till.accrual(purchase)

        def so_far(money: Money, returned: int = end) -> Money:
            return proportion(money, part=returned, whole=amount, rounding=Rounding.HALF_EVEN)

        cashback = so_far(whole.cashback)
        assert now.cashback_reversed == cashback
        assert now.fee_reversed == so_far(whole.fee)
        assert [share.reversed for share in now.shares] == allocate(cashback, weights)
        owed = now.shares[0].remaining + now.fee_remaining
        assert sum((await till.owed())[:2]) == owed.minor
        assert sum((await till.owed(sponsor.partner_id))[:2]) == now.shares[1].remaining.minor
        available, pending, debt = await till.wallet()
        assert available + pending - debt == now.remaining.minor
        assert await till.books_balance()
    assert (await till.wallet(), await till.owed()) == ((0, 0, 0), (0, 0, 0))


async def test_same_return_again_is_the_same_return(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    first = await till.give_back(purchase, 10_000)
    before = await everything(superuser)
    assert await till.give_back(purchase, 10_000, now=CONFIRMED) == first
    assert await everything(superuser) == before


RETURNS_REFUSED: list[Any] = [
    ({"amount": Money(0, "SAR")}, AmountNotPositive),
    ({"amount": Money(-1, "SAR")}, AmountNotPositive),
    ({"amount": Money(6_001, "SAR")}, ReturnExceedsPurchase),
    ({"amount": Money(100, "EUR")}, CurrencyNotAgreed),
    ({"purchase_id": STRANGER}, PurchaseNotFound),
    ({"partner_id": STRANGER}, PurchaseNotFound),
    ({"external_id": ""}, InvalidExternalId),
    ({"external_id": "r-1"}, ReturnConflict),
]


async def test_return_that_cannot_be_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    await till.give_back(purchase, 4_000)
    before = await everything(superuser)
    for over, expected in RETURNS_REFUSED:
        with pytest.raises(expected):
            await till.give_back(purchase, **{"minor": 6_000, "external_id": "r-2", **over})  # type: ignore[arg-type]
        assert await everything(superuser) == before


async def test_foreign_and_absent_purchase_are_refused_alike(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    async with database.writing(till.network_id) as db:
        other = await make_partner(db, network_id=till.network_id)
    said = []
    for over in ({"partner_id": other.partner_id}, {"purchase_id": STRANGER}):
        with pytest.raises(PurchaseNotFound) as caught:
            await till.give_back(purchase, 100, **over)
        said.append((caught.value.message, caught.value.facts, caught.value.path))
    assert said[0] == said[1]


async def test_returns_at_once_never_exceed_the_purchase(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    outcomes = await asyncio.gather(
        *(till.give_back(purchase, 3_000, f"r-{n}") for n in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, PurchaseReturn) for one in outcomes) == 3
    assert sum(isinstance(one, ReturnExceedsPurchase) for one in outcomes) == 7
    assert await till.wallet() == (0, 50, 0)
    assert await till.owed() == (0, 60, 10)
    assert await till.books_balance()


async def test_same_return_at_once_is_booked_once(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    made = await asyncio.gather(*(till.give_back(purchase, 3_000) for _ in range(20)))
    assert len(set(made)) == 1
    assert await till.wallet() == (0, 350, 0)


async def test_one_return_id_for_two_purchases_at_once_is_booked_for_one(
    database: Database,
) -> None:
    till = await open_till(database)
    purchases = [await till.buy(10_000, "a"), await till.buy(10_000, "b")]
    outcomes = await asyncio.gather(
        *(till.give_back(one, 1_000) for one in purchases), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["PurchaseReturn", "ReturnConflict"]
    assert await till.wallet() == (0, 950, 0)


async def test_confirmations_and_returns_at_once_keep_every_account_exact(
    database: Database,
) -> None:
    till = await open_till(database)
    async with database.writing(till.network_id) as db:
        other = await enrol_member(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            external_id="cust-2",
            now=NOW,
        )
    members = (till.shop.member.member_id, other.member_id)
    purchases = [await till.buy(10_000, f"p-{n}", member_id=members[n % 2]) for n in range(30)]

    async def give_back(number: int) -> None:
        await till.give_back(purchases[number], 5_000, f"r-{number}", now=CONFIRMED)

    await asyncio.gather(
        *(till.confirm(limit=5) for _ in range(8)), *(give_back(n) for n in range(30))
    )
    while await till.confirm():
        pass
    assert await till.wallet() == (15 * 250, 0, 0)
    assert await till.owed() == (30 * 300, 0, 0)
    assert await till.earned_fee() == 30 * 50
    assert await till.books_balance()


async def test_debt_is_offset_once_by_confirmations_at_once(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    await till.confirm()
    await till.spend(500)
    await till.give_back(purchase, 8_000, now=CONFIRMED)
    assert await till.wallet() == (0, 0, 400)
    for number in range(10):
        await till.buy(2_000, f"s-{number}", purchased_at=CONFIRMED, now=CONFIRMED)
    due = CONFIRMED + timedelta(days=14)
    await asyncio.gather(*(till.confirm(due, limit=1) for _ in range(10)))
    while await till.confirm(due):
        pass
    assert await till.wallet() == (600, 0, 0)
    assert await till.books_balance()


async def test_spending_at_once_with_a_return_never_overdraws(database: Database) -> None:
    till = await open_till(database)
    purchase = await till.buy(10_000)
    await till.confirm()
    outcomes = await asyncio.gather(
        till.give_back(purchase, 10_000, now=CONFIRMED),
        *(till.spend(minor) for minor in (101, 102, 103, 104)),
        return_exceptions=True,
    )
    assert all(one is None or isinstance(one, PurchaseReturn | BalanceTooLow) for one in outcomes)
    if isinstance(outcomes[0], BalanceTooLow):  # it may be tried again, and then it holds
        assert outcomes[0].retryable
        await till.give_back(purchase, 10_000, now=CONFIRMED)
    available, _, debt = await till.wallet()
    spent = sum(
        minor for minor, one in zip((101, 102, 103, 104), outcomes[1:], strict=True) if one is None
    )
    assert (available, debt) == (0, spent)
    assert await till.books_balance()
