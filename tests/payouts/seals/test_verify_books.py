"""Whatever a superuser alters is named: what it is, in which block, at which place, in which journal."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from api.cli.verify import Against, verify
from api.worker.jobs.sealing import run_sealing
from payouts.seals import Verdict
from tests.payouts.seals.tampering import Book
from tests.payouts.seals.world import BOOK


async def test_a_book_that_nobody_touched_is_sound(book: Book) -> None:
    verdict = await book.hold()
    assert verdict == Verdict(journals=9, blocks=4, anchors=4, faults=())


async def test_an_altered_amount(book: Book) -> None:
    one = book.blocks[1][2]
    await book.alter(
        "UPDATE payouts.posting SET amount = amount + sign(amount) WHERE book_id = :book"
        " AND journal_id = :one AND line < 3",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 2, 6, one)
    assert len((await book.hold()).faults) == 1


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'test.other'", "ledger_key = 'other'", "request_hash = sha256(request_hash)",
        "effective_at = effective_at + interval '1 microsecond'",
        "recorded_at = recorded_at + interval '1 microsecond'", "period = period + 31",
        "origin_period = period", "cause_kind = 'x'", "cause_id = 'x'",
        "reverses = gen_random_uuid()", "actor = 'staff:other'", "note = note || '{\"n\": 2}'",
        "lines = 4", "network_id = 8",
    ],
)  # fmt: skip
async def test_an_altered_header(book: Book, change: str) -> None:
    one = book.blocks[0][1]
    await book.alter(
        f"UPDATE payouts.journal SET {change} WHERE book_id = :book AND journal_id = :one", one=one
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 2, one)


@pytest.mark.parametrize(
    "change",
    [
        "effective_at = effective_at + interval '1 microsecond'", "unit = 'USD'", "line = 9",
        "account_id = (SELECT account_id FROM payouts.account WHERE type = 'partner_recv' LIMIT 1)",
    ],
)  # fmt: skip
async def test_an_altered_line(book: Book, change: str) -> None:
    one = book.blocks[0][1]
    await book.alter(
        f"UPDATE payouts.posting SET {change} WHERE book_id = :book AND journal_id = :one"
        " AND line = 3",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 2, one)


async def test_a_deleted_posting(book: Book) -> None:
    one = book.blocks[2][0]
    await book.alter(
        "DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :one AND line = 3",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 3, 8, one)


async def test_an_inserted_posting(book: Book) -> None:
    one = book.blocks[0][2]
    await book.alter(
        "INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit,"
        " amount, effective_at, recorded_at) SELECT book_id, journal_id, 4, network_id,"
        " account_id, unit, 1, effective_at, recorded_at FROM payouts.posting"
        " WHERE book_id = :book AND journal_id = :one AND line = 1",
        one=one,
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 3, one)


async def test_postings_of_no_journal(book: Book) -> None:
    stray = UUID(int=99)
    await book.alter(
        "INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit,"
        " amount, effective_at, recorded_at) SELECT book_id, :stray, line, network_id,"
        " account_id, unit, amount, effective_at, recorded_at FROM payouts.posting"
        " WHERE book_id = :book AND journal_id = :one",
        one=book.blocks[0][0],
        stray=stray,
    )
    assert await book.first_fault() == ("inserted", BOOK, None, None, stray)


async def test_a_deleted_journal(book: Book) -> None:
    one = book.blocks[1][0]
    await book.alter(
        "DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :one",
        "DELETE FROM payouts.journal WHERE book_id = :book AND journal_id = :one",
        one=one,
    )
    assert await book.first_fault() == ("missing", BOOK, 2, 4, one)


async def test_a_journal_deleted_with_its_place(book: Book) -> None:
    await book.alter(
        "DELETE FROM payouts.seal WHERE book_id = :book AND seq = 4",
        "DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :one",
        "DELETE FROM payouts.journal WHERE book_id = :book AND journal_id = :one",
        one=book.blocks[1][0],
    )
    assert await book.first_fault() == ("missing", BOOK, 2, 4, None)


async def test_a_journal_inserted_with_a_past_time_and_sealed_by_the_worker(own_book: Book) -> None:
    made = await own_book.insert_journal("forged", days_ago=3, xid="pg_current_xact_id()")
    assert await run_sealing(own_book.sealed.world, BOOK) == 1
    assert await own_book.first_fault() == ("backdated", BOOK, 4, 9, made)


async def test_a_journal_inserted_where_the_sealer_does_not_look(own_book: Book) -> None:
    made = await own_book.insert_journal("forged", days_ago=3, xid="'1'::xid8")
    assert await run_sealing(own_book.sealed.world, BOOK) == 0
    assert await own_book.first_fault() == ("inserted", BOOK, None, None, made)


async def test_a_journal_inserted_with_a_time_to_come_is_not_waited_for(own_book: Book) -> None:
    made = await own_book.insert_journal("forged", days_ago=-300, xid="'1'::xid8")
    assert await run_sealing(own_book.sealed.world, BOOK) == 0
    assert await own_book.first_fault() == ("inserted", BOOK, None, None, made)


async def test_a_journal_pushed_into_the_order(book: Book) -> None:
    made = await book.insert_journal("forged", days_ago=3, xid="'1'::xid8")
    await book.alter(
        "UPDATE payouts.seal SET seq = -seq - 1 WHERE book_id = :book AND seq >= 2",
        "UPDATE payouts.seal SET seq = -seq WHERE book_id = :book AND seq < 0",
        "INSERT INTO payouts.seal SELECT book_id, 2, network_id, :made, sealed_at"
        " FROM payouts.seal WHERE book_id = :book AND seq = 1",
        made=made,
    )
    assert await book.first_fault() == ("inserted", BOOK, 1, 2, made)


@pytest.mark.parametrize(("left", "right"), [(2, 3), (2, 5)])
async def test_swapped_places(book: Book, left: int, right: int) -> None:
    order = [one for block in book.blocks for one in block]
    await book.alter(
        "UPDATE payouts.seal SET seq = -seq WHERE book_id = :book AND seq = :left",
        "UPDATE payouts.seal SET seq = :left WHERE book_id = :book AND seq = :right",
        "UPDATE payouts.seal SET seq = :right WHERE book_id = :book AND seq = -CAST(:left AS bigint)",
        left=left,
        right=right,
    )
    assert await book.first_fault() == ("reordered", BOOK, 1, left, order[right - 1])
    assert [one.kind.value for one in (await book.hold()).faults] == ["reordered"] * 2


async def test_a_renamed_account(book: Book) -> None:
    await book.alter(
        "UPDATE payouts.account SET owner_id = 'somebody' WHERE book_id = :book"
        " AND type = 'member_available'"
    )
    assert await book.first_fault() == ("altered", BOOK, 1, 1, book.blocks[0][0])
    assert (await book.hold()).faults[-1].says.endswith("is not called as its id says")


async def test_a_renamed_account_that_nobody_used(book: Book) -> None:
    await book.alter(
        "INSERT INTO payouts.account SELECT book_id, gen_random_uuid(), network_id, type, unit,"
        " owner_kind, 'x', sub, status, created_at FROM payouts.account WHERE book_id = :book"
        " AND type = 'member_available'"
    )
    assert await book.first_fault() == ("altered", BOOK, None, None, None)


@pytest.mark.parametrize("change", ["floor = 'nonneg'", "normal = -1", "mode = 'sync'"])
async def test_a_type_that_no_longer_behaves_as_the_chart_says(book: Book, change: str) -> None:
    await book.alter(f"UPDATE payouts.account_type SET {change} WHERE type = 'partner_recv'")
    assert await book.first_fault() == ("altered", BOOK, None, None, None)
    assert (await book.hold()).faults[0].says.endswith("does not behave as the chart says")


async def test_a_journal_that_nobody_sealed(own_book: Book) -> None:
    one = await own_book.sealed.post("late")
    assert (await own_book.hold()).ok
    own_book.sealed.clock.at += timedelta(seconds=61)
    assert await own_book.first_fault() == ("unsealed too long", BOOK, None, None, one)


async def test_no_more_than_a_hundred_faults_are_listed(own_book: Book) -> None:
    await own_book.sealed.block_of(*(f"more {n}" for n in range(120)))
    await own_book.alter("UPDATE payouts.journal SET actor = 'x' WHERE book_id = :book")
    faults = (await own_book.hold()).faults
    assert len(faults) == 100
    assert [one.seq for one in faults[:9]] == list(range(1, 10))


async def test_the_command_prints_one_object_and_exits_1_on_a_fault(
    own_book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    against = Against(keys=own_book.sealed.keys.public(), anchors=own_book.sealed.anchors.path)
    now = own_book.sealed.clock.now()
    assert await verify(own_book.found, against, as_json=True, now=now) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"ok": True, "journals": 9, "blocks": 4, "anchors": 4, "faults": []}
    one = own_book.blocks[0][0]
    await own_book.alter(
        "UPDATE payouts.journal SET actor = 'x' WHERE book_id = :book AND journal_id = :one",
        one=one,
    )
    assert await verify(own_book.found, against, as_json=True, now=now) == 1
    assert json.loads(capsys.readouterr().out)["faults"] == [
        {
            "kind": "altered",
            "book": "7",
            "block": 1,
            "seq": 1,
            "journal_id": str(one),
            "says": "the journal is not what it was when the block was sealed",
        }
    ]
    assert await verify(own_book.found, against, as_json=False, now=now) == 1
    assert capsys.readouterr().out.endswith("9 journals in 4 blocks, 4 anchors: NOT SOUND\n")
