"""What no bank can be paid to the last unit is refused at the door and stays the owner's.

A settlement does not order it in the first place.
"""

from datetime import timedelta
from importlib import import_module
from unittest.mock import patch

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import (
    Payout,
    PayoutNotPayable,
    PayoutState,
    approve_settlement_cycle,
    list_cycle_payouts,
    list_payouts,
    request_cashback_payout,
)
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    credit,
    debit,
    own_account,
    post_journal,
    read_balances,
)
from payouts.money import Money
from payouts.settlement import close_settlement_cycle
from tests.conftest import NOW
from tests.payouts.disbursement.world import Bank, journal_kinds
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, MEMBER, P, is_owed

LATE = NOW + timedelta(days=400)


async def give(bank: Bank, minor: int, currency: str) -> None:
    """Put an amount of any currency into the member's wallet, and enough at the provider."""
    amount = Money(minor, currency)
    wallet = Account("member_available", str(MEMBER), currency)
    draft = Draft(
        kind="test.fund",
        key=f"fund:{currency}",
        cause=Cause("test", currency),
        lines=(debit(own_account("capital", currency), amount), credit(wallet, amount)),
        actor="test",
        effective_at=bank.now(),
    )
    async with bank.database.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=draft, now=bank.now())
    await bank.double.control("fund", amount=10_000_000, currency=currency.lower())


async def standing(bank: Bank, currency: str) -> tuple[int, int]:
    """What the member has available and held."""
    wallet = Account("member_available", str(MEMBER), currency)
    async with bank.database.reading(BOOK) as db:
        found = await read_balances(db, network_id=BOOK, accounts=[wallet])
    return found[wallet].available.minor, found[wallet].held.minor


async def request(bank: Bank, minor: int, currency: str) -> Payout:
    async with bank.database.writing(BOOK) as db:
        return await request_cashback_payout(
            db,
            network_id=BOOK,
            member_id=MEMBER,
            amount=Money(minor, currency),
            actor="m",
            now=bank.now(),
        )


@pytest.mark.parametrize(
    ("minor", "currency", "multiple", "below", "below_minor"),
    [
        (1_234, "KWD", "0.010 KWD", "1.230 KWD", 1_230),
        (9, "KWD", "0.010 KWD", "0.000 KWD", 0),
        (250_050, "HUF", "1.00 HUF", "2500.00 HUF", 250_000),
        (199, "TWD", "1.00 TWD", "1.00 TWD", 100),
    ],
)
async def test_an_amount_that_no_bank_can_pay_is_refused_at_the_door(
    payable: Bank,
    superuser: AsyncConnection,
    minor: int,
    currency: str,
    multiple: str,
    below: str,
    below_minor: int,
) -> None:
    await give(payable, 1_000_000, currency)
    before = await journal_kinds(superuser)

    with pytest.raises(PayoutNotPayable) as refused:
        await request(payable, minor, currency)

    assert (refused.value.path, refused.value.facts) == (
        ("amount",),
        {"multiple": multiple, "payable": below},
    )
    assert await standing(payable, currency) == (1_000_000, 0)
    assert await journal_kinds(superuser) == before
    async with payable.database.reading(BOOK) as db:
        payouts = await list_payouts(db, network_id=BOOK, since=payable.now(), until=LATE, limit=10)
    assert payouts == []
    assert await payable.job("payout.submit") == 0
    assert await payable.sent() == {"transfers": [], "reversals": [], "payouts": []}
    if below_minor:
        named = await request(payable, below_minor, currency)
        assert named.state is PayoutState.SCHEDULED
        assert await standing(payable, currency) == (1_000_000 - below_minor, below_minor)


async def test_one_that_was_ordered_before_the_door_asked_gives_its_value_back(
    payable: Bank,
) -> None:
    await give(payable, 1_234, "KWD")
    door = import_module("payouts.disbursement.request_cashback_payout")
    with patch.object(door, "round_to_multiple", lambda amount: amount):
        requested = await request(payable, 1_234, "KWD")

    await payable.work()

    found = await payable.payout(requested.payout_id)
    assert (found.state, found.reason) == (PayoutState.FAILED, "refused_by_provider")
    assert [one.code for one in await payable.attempts(requested.payout_id)] == [
        "amount_not_carried"
    ]
    assert await standing(payable, "KWD") == (1_234, 0)
    assert (await payable.sent())["transfers"] == []


async def test_a_settlement_pays_what_can_be_carried_of_a_net(bank: Bank) -> None:
    await bank.onboard(partner_id=P)
    await bank.double.control("fund", amount=100_000, currency="kwd")
    await is_owed(bank.database, "dinars", P, 1_234, "KWD", now=bank.now())
    async with bank.database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="KWD", actor=MAKER, now=bank.now()
        )
    async with bank.database.writing(BOOK) as db:
        await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=bank.now()
        )
    await bank.work()
    async with bank.database.reading(BOOK) as db:
        (payout,) = await list_cycle_payouts(db, network_id=BOOK, cycle_id=cycle.cycle_id)
        owed = Account("partner_payable", str(P), "KWD")
        balances = await read_balances(db, network_id=BOOK, accounts=[owed])
    assert payout.amount == Money(1_230, "KWD")
    assert payout.state in (PayoutState.IN_TRANSIT, PayoutState.PAID)
    assert (await bank.sent())["transfers"] == [1_230]
    assert balances[owed].posted == Money(4, "KWD")
