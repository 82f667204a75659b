"""What the provider cannot carry to the last unit is refused at once and stays the owner's."""

from payouts.disbursement import PayoutState, request_cashback_payout
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
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import BOOK, MEMBER

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
