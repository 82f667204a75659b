"""What the bank refused is taken back by two persons, and never both taken back and paid."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files import PayoutNotWithBank, report_unpaid, return_unpaid
from payouts.disbursement import PayoutState
from payouts.settlement import ApproverIsMaker
from tests.payouts.bank_files.test_bank_files import assert_all_hold, ordered
from tests.payouts.bank_files.world import Files
from tests.payouts.settlement.world import BOOK

S = PayoutState


async def test_what_the_bank_refused_is_taken_back_by_two_persons(
    files: Files, superuser: AsyncConnection
) -> None:
    bank = files.bank
    payout_id = await ordered(files)

    async def act(use: Any, actor: str) -> None:
        async with bank.database.writing(BOOK) as db:
            await use(db, network_id=BOOK, payout_id=payout_id, actor=actor, now=bank.now())

    with pytest.raises(PayoutNotWithBank):
        await act(report_unpaid, "staff:m")
    (line,) = await files.lines(await files.released())
    with pytest.raises(PayoutNotWithBank):
        await act(return_unpaid, "staff:c")
    await act(report_unpaid, "staff:m")
    assert (await bank.payout(payout_id)).state is S.IN_TRANSIT
    with pytest.raises(ApproverIsMaker):
        await act(return_unpaid, "staff:m")
    with pytest.raises(IntegrityError, match="bank_file_line_four_eyes"):
        await superuser.execute(
            text("UPDATE payouts.bank_file_line SET returned_by = unpaid_by, returned_at = now()")
        )
    await act(return_unpaid, "staff:c")
    assert (await bank.payout(payout_id)).state is S.RETURNED
    assert await bank.wallet() == (5_000, 0, 0)
    for use in (report_unpaid, return_unpaid):
        with pytest.raises(PayoutNotWithBank):
            await act(use, "staff:d")
    await assert_all_hold(superuser)
    await files.say((-3_000, line.end_to_end_id))
    assert await files.items(superuser) == [("mismatched", "taken_back", -3_000)]
    assert await bank.wallet() == (5_000, 0, 0)


async def test_taken_back_and_paid_at_once_ends_one_way(
    files: Files, superuser: AsyncConnection
) -> None:
    bank = files.bank
    payout_id = await ordered(files)
    (line,) = await files.lines(await files.released())
    given = {"network_id": BOOK, "payout_id": payout_id, "now": bank.now()}
    async with bank.database.writing(BOOK) as db:
        await report_unpaid(db, actor="staff:m", **given)

    async def take_back() -> None:
        async with bank.database.writing(BOOK) as db:
            await return_unpaid(db, actor="staff:c", **given)

    said = files.say((-3_000, line.end_to_end_id))
    outcomes = await asyncio.gather(take_back(), said, return_exceptions=True)
    state = (await bank.payout(payout_id)).state
    ends = {
        S.PAID: ([PayoutNotWithBank], [("matched", None, -3_000)], (2_000, 0, 0)),
        S.RETURNED: ([], [("mismatched", "taken_back", -3_000)], (5_000, 0, 0)),
    }
    refused = [type(one) for one in outcomes if one is not None]
    assert ends[state] == (refused, await files.items(superuser), await bank.wallet())
