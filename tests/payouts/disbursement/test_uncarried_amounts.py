"""What the provider cannot carry to the last unit is refused at once and stays the owner's.

A settlement does not order it in the first place.
"""

from payouts.disbursement import (
    PayoutState,
    approve_settlement_cycle,
    list_cycle_payouts,
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
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, MEMBER, P, is_owed

WALLET = Account("member_available", str(MEMBER), "KWD")


async def test_a_third_digit_that_stripe_does_not_carry_gives_the_value_back(
    payable: Bank,
) -> None:
    amount = Money(1_234, "KWD")
    draft = Draft(
        kind="test.fund",
        key="dinars",
        cause=Cause("test", "dinars"),
        lines=(debit(own_account("capital", "KWD"), amount), credit(WALLET, amount)),
        actor="test",
        effective_at=payable.now(),
    )
    async with payable.database.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=draft, now=payable.now())
        requested = await request_cashback_payout(
            db, network_id=BOOK, member_id=MEMBER, amount=amount, actor="m", now=payable.now()
        )
    await payable.double.control("fund", amount=100_000, currency="kwd")
    await payable.work()
    found = await payable.payout(requested.payout_id)
    assert (found.state, found.reason) == (PayoutState.FAILED, "refused_by_provider")
    assert [one.code for one in await payable.attempts(requested.payout_id)] == [
        "amount_not_carried"
    ]
    async with payable.database.reading(BOOK) as db:
        balances = await read_balances(db, network_id=BOOK, accounts=[WALLET])
    assert balances[WALLET].available == amount
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
