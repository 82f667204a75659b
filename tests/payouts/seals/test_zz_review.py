from datetime import timedelta
from tests.payouts.seals.tampering import Book
from tests.payouts.seals.world import BOOK
from api.worker.jobs.sealing import run_sealing

async def test_future(own_book: Book) -> None:
    made = await own_book.insert_journal("forged", days_ago=-30, xid="'1'::xid8")
    assert await run_sealing(own_book.sealed.world, BOOK) == 0
    own_book.sealed.clock.at += timedelta(hours=1)
    print((await own_book.hold()))
    assert await own_book.first_fault() == ("inserted", BOOK, None, None, made)

async def test_posting_recorded(book: Book) -> None:
    one = book.blocks[0][1]
    await book.alter(
        "UPDATE payouts.posting SET recorded_at = recorded_at - interval '40 days' WHERE book_id = :book AND journal_id = :one",
        one=one,
    )
    assert (await book.hold()).faults
