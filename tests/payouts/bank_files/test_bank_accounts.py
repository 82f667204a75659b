"""Where a payee is paid by file: stored sealed, and changed with notice by two persons."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.bank_files import BankFileAltered
from payouts.disbursement import (
    BankFileNotUsed,
    PayeeState,
    PayoutState,
    erase_payee,
    find_payee_of,
    refuse_destination_change,
)
from payouts.settlement import ApproverIsMaker
from tests.fingerprint import changed, fingerprint
from tests.payouts.bank_files.test_bank_files import ordered
from tests.payouts.bank_files.world import IBAN, OTHER_IBAN, Files
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import BOOK, MEMBER

S = PayoutState


async def test_another_account_takes_the_payout_out_of_the_file(files: Files) -> None:
    bank = files.bank
    await ordered(files, 1_000)
    created = await files.create()
    await files.name(OTHER_IBAN)
    with pytest.raises(BankFileAltered):
        await files.release(created)
    emptied = await files.create(created)
    assert (emptied.lines_count, emptied.amount.minor) == (0, 0)
    await bank.work()
    (change,) = await files.changes()
    held = next(iter(await held_payouts(files)))
    assert (await bank.payout(held)).reason == "destination_change_pending"
    await files.approve(change)
    bank.wait(86_400)
    await bank.work()
    assert await bank.trail(held) == [("bank", "failed_retryable"), ("bank", "sent")]
    content = await files.content(await files.released())
    assert OTHER_IBAN in content
    assert IBAN.replace(" ", "") not in content


async def held_payouts(files: Files) -> list[UUID]:
    async with files.bank.database.reading(BOOK) as db:
        rows = await db.execute(text("SELECT payout_id FROM payouts.payout WHERE state = 'held'"))
        return list(rows.scalars())


async def test_a_refused_account_is_not_asked_for_and_the_old_one_is_paid(files: Files) -> None:
    await files.name(OTHER_IBAN)
    payout_id = await ordered(files)
    assert (await files.bank.payout(payout_id)).state is S.HELD
    (change,) = await files.changes()
    with pytest.raises(ApproverIsMaker):
        await files.approve(change, actor="member:1")
    async with files.bank.database.writing(BOOK) as db:
        await refuse_destination_change(
            db,
            network_id=BOOK,
            change_id=change.change_id,
            actor="staff:c",
            now=files.bank.now(),
        )
    await files.bank.work()
    assert IBAN.replace(" ", "") in await files.content(await files.released())


async def test_the_account_is_stored_sealed_and_once(
    files: Files, superuser: AsyncConnection
) -> None:
    await files.name("sa0380000000608010167519")
    rows = await superuser.execute(
        text("SELECT ciphertext, last4 FROM payouts.bank_account a WHERE a::text NOT LIKE '%6080%'")
    )
    ((ciphertext, last4),) = rows.all()
    assert last4 == "7519"
    assert b"6080" not in ciphertext
    assert b"Layla" not in ciphertext
    assert await files.changes() == []


async def test_only_a_network_that_pays_by_file_takes_bank_accounts(
    bank: Bank, superuser: AsyncConnection
) -> None:
    before = await fingerprint(superuser)
    with pytest.raises(BankFileNotUsed):
        await Files(bank).name()
    assert changed(before, await fingerprint(superuser)) == []


async def test_without_a_bank_account_the_payout_waits_for_one(bank: Bank) -> None:
    await bank.onboard(member_id=MEMBER)
    await bank.give(5_000)
    files = Files(bank)
    await files.use_files(timedelta())
    payout_id = await ordered(files)
    waiting = await bank.payout(payout_id)
    assert (waiting.state, waiting.reason) == (S.SCHEDULED, "identity_needed")
    await files.name()
    (change,) = await files.changes()
    await files.approve(change)
    await bank.work()
    assert await bank.trail(payout_id) == [("bank", "sent")]
    async with bank.database.reading(BOOK) as db:
        payee = await find_payee_of(db, network_id=BOOK, member_id=MEMBER)
    assert payee is not None
    assert payee.state is PayeeState.ACTIVE


async def test_erasure_forgets_the_account_and_with_it_the_file(
    files: Files, superuser: AsyncConnection
) -> None:
    await ordered(files)
    file = await files.released()
    async with files.bank.database.writing(BOOK) as db:
        await erase_payee(db, network_id=BOOK, member_id=MEMBER)
    with pytest.raises(BankFileAltered):
        await files.content(file)
    left = await superuser.execute(text("SELECT count(*) FROM payouts.bank_account"))
    assert left.scalar_one() == 0
