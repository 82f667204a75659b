"""A payout that does not arrive returns value to the lots it was taken from, with their end."""

from datetime import timedelta

from payouts.disbursement import PayoutState, retry_payout
from payouts.ledger import Account
from tests.conftest import NOW
from tests.factories.lots import grant_lot, open_lots
from tests.payouts.disbursement.test_cashback_payout import until_state
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import BOOK, MEMBER

WALLET = Account("member_available", str(MEMBER), "SAR")
SOON = NOW + timedelta(days=400)


async def test_value_sent_back_twice_has_its_lots_and_end_again(payable: Bank) -> None:
    await grant_lot(
        payable.database,
        network_id=BOOK,
        account=WALLET,
        minor=1_000,
        expires_at=SOON,
    )
    before = [("gift", 1_000, SOON), ("given", 5_000, None)]

    async def left() -> object:
        return await open_lots(payable.database, network_id=BOOK, account=WALLET)

    assert await left() == before
    await payable.double.control("hold", kinds=["payout"])
    requested = await payable.request(3_000)
    assert await left() == before  # set aside, not yet taken
    for round_ in (1, 2):
        await until_state(payable, requested.payout_id, PayoutState.IN_TRANSIT)
        assert await left() == [("given", 3_000, None)]
        sent = (await payable.double.state())["payouts"][-1]
        await payable.double.control("settle", id=sent["id"], failure_code="account_closed")
        payable.wait(86_400)
        await until_state(payable, requested.payout_id, PayoutState.RETURNED)
        assert await left() == before
        if round_ == 1:
            async with payable.database.writing(BOOK) as db:
                await retry_payout(
                    db, network_id=BOOK, payout_id=requested.payout_id, actor="m", now=payable.now()
                )
