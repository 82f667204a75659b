"""An object of the provider counts for an attempt only if it is the one that the attempt made."""

from dataclasses import replace
from uuid import UUID

from payouts.disbursement import PayoutState as S
from payouts.disbursement import record_provider_payout, record_transfer
from payouts.money import Money
from tests.payouts.disbursement.test_cashback_payout import until_state
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import BOOK


async def in_transit(bank: Bank) -> UUID:
    await bank.double.control("hold", kinds=["payout"])
    requested = await bank.request(3_000)
    await until_state(bank, requested.payout_id, S.IN_TRANSIT)
    return requested.payout_id


async def tell(
    bank: Bank, payout_id: UUID, *, of_account: str | None = None, **differs: object
) -> None:
    attempt = (await bank.attempts(payout_id))[-1]
    assert attempt.external_id is not None
    real = await bank.double.rail.get_payout(attempt.account_id, attempt.external_id)
    told = replace(real, **differs)  # type: ignore[arg-type]
    async with bank.database.writing(BOOK) as db:
        await record_provider_payout(
            db,
            network_id=BOOK,
            attempt_id=attempt.attempt_id,
            account_id=of_account or attempt.account_id,
            provider_payout=told,
            now=bank.now(),
        )


async def test_another_payout_with_the_same_mark_moves_nothing(payable: Bank) -> None:
    payout_id = await in_transit(payable)
    for status in ("failed", "paid"):
        await tell(payable, payout_id, id="po_forged", status=status)
        assert (await payable.payout(payout_id)).state is S.IN_TRANSIT
        await tell(payable, payout_id, of_account="acct_forged", status=status)
        assert (await payable.payout(payout_id)).state is S.IN_TRANSIT
    assert (await payable.attempts(payout_id))[-1].external_id != "po_forged"
    assert (await payable.sent())["reversals"] == []


async def test_another_transfer_with_the_same_mark_gives_nothing_back(payable: Bank) -> None:
    payout_id = await in_transit(payable)
    attempt = (await payable.attempts(payout_id))[0]
    assert attempt.external_id is not None
    real = await payable.double.rail.get_transfer(attempt.external_id)
    forged = replace(real, id="tr_forged", amount_reversed=real.amount)
    async with payable.database.writing(BOOK) as db:
        await record_transfer(
            db, network_id=BOOK, attempt_id=attempt.attempt_id, transfer=forged, now=payable.now()
        )
    assert (await payable.payout(payout_id)).state is S.IN_TRANSIT
    assert await payable.wallet() == (2_000, 0, 3_000)


async def test_a_transfer_of_another_amount_that_a_person_takes_back_returns_the_payout(
    payable: Bank,
) -> None:
    await payable.double.control("faults", operation="create_transfer", kind="wrong_amount")
    requested = await payable.request(3_000)
    await payable.work()
    assert (await payable.payout(requested.payout_id)).state is S.UNKNOWN
    (transfer,) = (await payable.double.state())["transfers"]
    taken_back = Money(transfer["amount"], "SAR")
    await payable.double.rail.reverse_transfer(
        key="by-hand", transfer_id=transfer["id"], amount=taken_back
    )
    attempt = (await payable.attempts(requested.payout_id))[0]
    real = await payable.double.rail.get_transfer(transfer["id"])
    for _ in range(2):
        async with payable.database.writing(BOOK) as db:
            await record_transfer(
                db, network_id=BOOK, attempt_id=attempt.attempt_id, transfer=real, now=payable.now()
            )
    found = await payable.payout(requested.payout_id)
    assert (found.state, found.is_taken) == (S.RETURNED, False)
    assert await payable.wallet() == (5_000, 0, 0)
