"""A payout leaves in a file that two persons made and is paid when the bank's statement says so."""

import asyncio
import sys
from uuid import UUID
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.audit import run_checks
from payouts.bank_files import (
    BankFileAltered,
    BankFileEmpty,
    BankFileNotCreated,
    BankFileNotFound,
    BankFileNotReleased,
    BankFileReleased,
    BankFileState,
    DebitAccountMissing,
    create_bank_file,
    release_bank_file,
)
from payouts.disbursement import (
    PayoutState,
    retry_payout,
)
from payouts.settlement import ApproverIsMaker, CycleState
from tests.conftest import NOW
from tests.fingerprint import changed, fingerprint
from tests.payouts.bank_files.world import IBAN, NS, OTHER_IBAN, SCHEMA, Files
from tests.payouts.disbursement.test_settlement_orders import approved, state_of
from tests.payouts.disbursement.world import Bank, Crash
from tests.payouts.reconciliation.camt import ACCOUNT
from tests.payouts.settlement.world import BOOK, P, lines_of

S = PayoutState


async def assert_all_hold(superuser: AsyncConnection) -> None:
    """Every invariant but that of sealing, which no worker does here."""
    await superuser.execute(text("BEGIN"))
    await superuser.execute(text("SET LOCAL ROLE mizan_auditor"))
    results = await run_checks(superuser, now=NOW)
    await superuser.execute(text("ROLLBACK"))
    assert {one.name: one.breaches for one in results if not one.ok} == {}


async def ordered(files: Files, minor: int = 3_000) -> UUID:
    requested = await files.bank.request(minor)
    await files.bank.work()
    return requested.payout_id


async def test_payout_goes_by_file_and_is_paid_by_the_banks_line(
    files: Files, superuser: AsyncConnection
) -> None:
    bank = files.bank
    payout_id = await ordered(files)
    assert (await bank.payout(payout_id)).state is S.SUBMITTING
    assert await bank.trail(payout_id) == [("bank", "sent")]
    assert await bank.wallet() == (2_000, 0, 3_000)
    (opened,) = await files.files()
    assert (opened.state, opened.amount.minor, opened.lines_count) == (BankFileState.OPEN, 3_000, 1)
    created = await files.create()
    assert (created.state, created.created_by) == (BankFileState.CREATED, "staff:m")
    assert (await bank.payout(payout_id)).state is S.SUBMITTING
    with pytest.raises(BankFileNotReleased):
        await files.content(created)
    released = await files.release(created)
    assert (await bank.payout(payout_id)).state is S.IN_TRANSIT
    assert await bank.trail(payout_id) == [("bank", "accepted")]
    await bank.work()
    assert (await bank.payout(payout_id)).state is S.IN_TRANSIT
    (line,) = await files.lines(released)
    assert line.end_to_end_id == (await bank.attempts(payout_id))[0].attempt_id.hex
    await files.say((-3_000, line.end_to_end_id))
    paid = await bank.payout(payout_id)
    assert (paid.state, paid.paid_at) == (S.PAID, bank.now())
    assert await bank.trail(payout_id) == [("bank", "succeeded")]
    assert await bank.wallet() == (2_000, 0, 0)
    assert await lines_of(superuser, "bank_payout.paid") == [
        ("member_payout_clearing", "f0", 3_000),
        ("bank_cash", "-", -3_000),
    ]
    await assert_all_hold(superuser)
    assert await files.items(superuser) == [("matched", None, -3_000)]
    assert (await bank.sent()) == {"transfers": [], "reversals": [], "payouts": []}


async def test_the_file_says_who_is_paid_what_and_fits_the_schema(files: Files) -> None:
    first = await ordered(files, 1_005)
    await ordered(files, 2_000)
    file = await files.released()
    content = await files.content(file)
    SCHEMA.validate(content)
    root = fromstring(content)
    head = "p:CstmrCdtTrfInitn/p:GrpHdr/"
    assert root.findtext(head + "p:MsgId", namespaces=NS) == file.bank_file_id.hex
    assert root.findtext(head + "p:NbOfTxs", namespaces=NS) == "2"
    assert root.findtext(head + "p:CtrlSum", namespaces=NS) == "30.05"
    block = root.find("p:CstmrCdtTrfInitn/p:PmtInf", NS)
    assert block is not None
    assert block.findtext("p:DbtrAcct/p:Id/p:IBAN", namespaces=NS) == ACCOUNT
    assert block.findtext("p:DbtrAgt/p:FinInstnId/p:BICFI", namespaces=NS) == "RJHISARI"
    said = [
        (
            one.findtext("p:PmtId/p:EndToEndId", namespaces=NS),
            one.findtext("p:Amt/p:InstdAmt", namespaces=NS),
            one.findtext("p:Cdtr/p:Nm", namespaces=NS),
            one.findtext("p:CdtrAcct/p:Id/p:IBAN", namespaces=NS),
        )
        for one in block.findall("p:CdtTrfTxInf", NS)
    ]
    attempt = (await files.bank.attempts(first))[0]
    plain = IBAN.replace(" ", "")
    assert said[0] == (attempt.attempt_id.hex, "10.05", "Layla & Søn <ليلى>", plain)
    assert [amount for _, amount, _, _ in said] == ["10.05", "20.00"]
    assert await files.content(file) == content


async def test_who_made_it_does_not_release_it_in_code_or_in_the_database(
    files: Files, superuser: AsyncConnection
) -> None:
    await ordered(files)
    created = await files.create()
    before = await fingerprint(superuser)
    with pytest.raises(ApproverIsMaker):
        await files.release(created, actor="staff:m")
    assert changed(before, await fingerprint(superuser)) == []
    with pytest.raises(IntegrityError, match="bank_file_four_eyes"):
        await superuser.execute(
            text(
                "UPDATE payouts.bank_file SET state = 'released', released_by = created_by,"
                " released_at = created_at"
            )
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payouts.bank_file_line SET amount = amount + 1",
        "UPDATE payouts.debit_account SET number = 'SA0000000000000000000000'",
        "DELETE FROM payouts.bank_account",
        "UPDATE payouts.bank_file SET content_hash = 'other'",
    ],
)
async def test_a_changed_file_is_not_released(
    files: Files, superuser: AsyncConnection, change: str
) -> None:
    payout_id = await ordered(files)
    created = await files.create()
    await superuser.execute(text(change))
    with pytest.raises(BankFileAltered):
        await files.release(created)
    assert (await files.bank.payout(payout_id)).state is S.SUBMITTING


async def test_a_file_made_anew_needs_a_new_approval(files: Files) -> None:
    await ordered(files)
    first = await files.create()
    files.bank.wait(60)
    second = await files.create(first, actor="staff:m2")
    assert second.content_hash != first.content_hash
    with pytest.raises(BankFileAltered):
        await files.release(first)
    with pytest.raises(ApproverIsMaker):
        await files.release(second, actor="staff:m2")
    await files.release(second, actor="staff:m")
    with pytest.raises(BankFileReleased):
        await files.create(second)
    with pytest.raises(BankFileNotCreated):
        await files.release(second)


async def test_of_two_releases_at_once_one_counts(files: Files) -> None:
    payout_id = await ordered(files)
    created = await files.create()
    outcomes = await asyncio.gather(
        files.release(created, "staff:a"), files.release(created, "staff:b"), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["BankFile", "BankFileNotCreated"]
    assert await files.bank.trail(payout_id) == [("bank", "accepted")]


async def test_what_is_ordered_after_a_file_is_made_waits_in_the_next(files: Files) -> None:
    await ordered(files, 1_000)
    created = await files.create()
    await ordered(files, 500)
    assert [(one.state.value, one.amount.minor) for one in await files.files()] == [
        ("open", 500),
        ("created", 1_000),
    ]
    assert (await files.release(created)).amount.minor == 1_000


async def test_an_empty_file_and_one_without_an_account_to_debit_are_not_made(
    bank: Bank, superuser: AsyncConnection
) -> None:
    files = Files(bank)
    await files.use_files()
    await files.name()
    await bank.give(5_000)
    await ordered(files)
    with pytest.raises(DebitAccountMissing):
        await files.create()
    await files.debit()
    await superuser.execute(text("DELETE FROM payouts.bank_file_line"))
    with pytest.raises(BankFileEmpty):
        await files.create()


async def test_a_worker_that_dies_puts_a_payout_into_one_file_once(files: Files) -> None:
    requested = await files.bank.request(3_000)
    files.bank.crash_at = "payout.claimed"
    with pytest.raises(Crash):
        await files.bank.job("payout.submit")
    assert await files.bank.trail(requested.payout_id) == [("bank", "prepared")]
    assert await files.files() == []
    files.bank.wait(61)
    await files.bank.work()
    files.bank.wait(61)
    await files.bank.work()
    assert await files.bank.trail(requested.payout_id) == [("bank", "sent")]
    assert [one.lines_count for one in await files.files()] == [1]


async def test_a_return_gives_the_value_back_and_it_is_tried_again(
    files: Files, superuser: AsyncConnection
) -> None:
    bank = files.bank
    payout_id = await ordered(files)
    (line,) = await files.lines(await files.released())
    await files.say((-3_000, line.end_to_end_id))
    await files.say((3_000, line.end_to_end_id))
    returned = await bank.payout(payout_id)
    assert (returned.state, returned.reason) == (S.RETURNED, "returned_by_bank")
    assert await bank.wallet() == (5_000, 0, 0)
    assert await files.items(superuser) == [("matched", None, -3_000), ("matched", None, 3_000)]
    async with bank.database.writing(BOOK) as db:
        await retry_payout(db, network_id=BOOK, payout_id=payout_id, actor="m", now=bank.now())
    await bank.work()
    (again,) = await files.lines(await files.released())
    assert again.end_to_end_id != line.end_to_end_id
    await files.say((-3_000, again.end_to_end_id))
    assert (await bank.payout(payout_id)).state is S.PAID
    assert await bank.wallet() == (2_000, 0, 0)
    await assert_all_hold(superuser)


async def test_a_return_that_is_read_before_its_payment_ends_the_same(files: Files) -> None:
    payout_id = await ordered(files)
    (line,) = await files.lines(await files.released())
    await files.say((3_000, line.end_to_end_id))
    await files.say((-3_000, line.end_to_end_id))
    assert (await files.bank.payout(payout_id)).state is S.RETURNED
    assert await files.bank.wallet() == (5_000, 0, 0)


async def test_a_line_of_another_amount_or_a_second_time_is_left_to_people(
    files: Files, superuser: AsyncConnection
) -> None:
    payout_id = await ordered(files)
    (line,) = await files.lines(await files.released())
    await files.say((-2_999, line.end_to_end_id))
    assert (await files.bank.payout(payout_id)).state is S.IN_TRANSIT
    await files.say((-3_000, line.end_to_end_id))
    await files.say((-3_000, line.end_to_end_id))
    assert await files.items(superuser) == [
        ("mismatched", "amount_differs", -2_999),
        ("matched", None, -3_000),
        ("mismatched", "reference_repeated", -3_000),
    ]
    assert await files.bank.wallet() == (2_000, 0, 0)


async def test_a_line_on_another_account_of_ours_is_left_to_people(
    files: Files, superuser: AsyncConnection
) -> None:
    await files.debit(OTHER_IBAN)
    payout_id = await ordered(files)
    (line,) = await files.lines(await files.released())
    await files.say((-3_000, line.end_to_end_id))
    assert await files.items(superuser) == [("mismatched", "other_account", -3_000)]
    assert (await files.bank.payout(payout_id)).state is S.IN_TRANSIT


async def test_what_a_file_does_not_hold_goes_into_the_next(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["payouts.bank_files.create_bank_file"], "LINES_MAX", 2)
    for minor in (100, 200, 300):
        await ordered(files, minor)
    created = await files.create()
    assert (created.lines_count, created.amount.minor) == (2, 300)
    (further, _) = await files.files()
    assert (further.state, further.lines_count) == (BankFileState.OPEN, 1)
    assert further.amount.minor == 300
    await files.release(created)
    second = await files.release(await files.create(further))
    assert [one.amount.minor for one in await files.lines(second)] == [300]


async def test_a_settled_position_is_paid_by_file_and_ends_its_cycle(
    bank: Bank, superuser: AsyncConnection
) -> None:
    files = Files(bank)
    await files.use_files()
    await files.debit()
    await files.name(OTHER_IBAN, partner_id=P, actor="partner:p")
    cycle = await approved(bank, owed_to_p=1_400, owed_by_q=0)
    await bank.work()
    (line,) = await files.lines(await files.released())
    await files.say((-line.amount.minor, line.end_to_end_id))
    assert (await bank.payout(line.payout_id)).state is S.PAID
    assert await state_of(bank, cycle.cycle_id) is CycleState.SETTLED
    assert await lines_of(superuser, "bank_payout.paid") == [
        ("transfer_clearing", "0a", 1_400),
        ("bank_cash", "-", -1_400),
    ]


async def test_a_line_of_a_file_that_was_not_released_pays_nothing(
    files: Files, superuser: AsyncConnection
) -> None:
    payout_id = await ordered(files)
    (line,) = await files.lines(await files.create())
    await files.say((-3_000, line.end_to_end_id))
    assert (await files.bank.payout(payout_id)).state is S.SUBMITTING
    assert await files.items(superuser) == [("unexpected", "no_reference", -3_000)]


async def test_files_of_another_network_are_not_there(files: Files) -> None:
    await ordered(files)
    created = await files.create()
    given = {
        "vault": files.vault,
        "network_id": BOOK + 1,
        "bank_file_id": created.bank_file_id,
        "actor": "c",
        "now": files.bank.now(),
    }
    async with files.bank.database.writing(BOOK + 1) as db:
        with pytest.raises(BankFileNotFound):
            await create_bank_file(db, **given)
        with pytest.raises(BankFileNotFound):
            await release_bank_file(db, content_hash=str(created.content_hash), **given)
    assert (await files.files())[0] == created
