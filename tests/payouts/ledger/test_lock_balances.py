"""A locked balance stays as it is until whoever locked it is done; a journal is found by its key."""

import asyncio

import pytest

from api.database.transaction import Database
from payouts.ledger import LedgerFault, find_journal, lock_balances, post_journal
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_holds import hold, member_balance
from tests.payouts.ledger.test_post_journal import FEES, MEMBER, earned, sar


async def test_nobody_moves_or_holds_what_is_locked(book: Database) -> None:
    async with book.writing(BOOK) as db:
        posted = await post_journal(db, network_id=BOOK, draft=earned(minor=1000), now=NOW)
    async with book.writing(BOOK) as db:
        await lock_balances(db, network_id=BOOK, accounts=[MEMBER, FEES])
        waiting = asyncio.create_task(hold(book, 600))
        _, late = await asyncio.wait([waiting], timeout=0.2)
        assert late == {waiting}
        assert await member_balance(book) == (sar(1000), sar(0), sar(1000))
    await waiting
    assert await member_balance(book) == (sar(1000), sar(600), sar(400))
    async with book.reading(BOOK) as db:
        assert await find_journal(db, network_id=BOOK, key=earned(minor=1).key) == posted.journal_id
        assert await find_journal(db, network_id=BOOK, key="nothing") is None
        assert await find_journal(db, network_id=8, key=earned(minor=1).key) is None


async def test_nobody_locks_the_balances_of_another_network(book: Database) -> None:
    with pytest.raises(LedgerFault) as caught:
        async with book.writing(8) as db:
            await lock_balances(db, network_id=BOOK, accounts=[MEMBER])
    assert "MZ001" in str(caught.value)
