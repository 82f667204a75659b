"""What one journal may be, at its edges: 64 bits, and what is reversed of another."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Account,
    Draft,
    Line,
    Posted,
    ReversalFault,
    credit,
    debit,
    open_accounts,
    own_account,
)
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import AmountOutOfRange, Money
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import FEES, MEMBER, PARTNER, earned, posted, sar
from tests.payouts.ledger.test_post_journals import (
    answers,
    balance,
    noted,
    post,
    post_one,
    spent,
    told,
)

LARGEST = 2**63 - 1


def reversing(key: str, original: Posted, minor: int) -> Draft:
    lines = (debit(FEES, sar(minor)), credit(PARTNER, sar(minor)))
    return replace(earned(key), lines=lines, reverses=original.journal_id)


async def test_amounts_up_to_64_bits_are_booked(book: Database, superuser: AsyncConnection) -> None:
    outcomes = await post(book, earned("a", LARGEST), spent("b", LARGEST))
    assert told(outcomes) == ["posted", "posted"]
    assert await balance(book, MEMBER) == 0


@pytest.mark.parametrize("minor", [LARGEST + 1, 2**64, 10**30])
async def test_an_amount_beyond_64_bits_is_refused_alone(
    book: Database, superuser: AsyncConnection, minor: int
) -> None:
    outcomes = await post(book, earned("a", minor), earned("b", 1), earned("c", -minor))
    assert told(outcomes) == ["AmountOutOfRange", "posted", "AmountOutOfRange"]
    assert await posted(superuser) == (1, 2, 1)


async def test_the_least_number_of_64_bits_is_no_amount(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        await answers(db, [])
        await open_accounts(db, network_id=BOOK, accounts=[PARTNER, FEES, MEMBER], now=NOW)
        values = parameters_of([noted("a", 1)], ids=[uuid4()], network_id=BOOK, now=NOW)
        half = 2**62
        values |= {
            "items": [1, 1, 1],
            "accounts": [one.id_in(BOOK) for one in (PARTNER, FEES, MEMBER)],
            "units": ["SAR"] * 3,
            "amounts": [half, half, -(2**63)],
        }
        assert [row.outcome for row in await db.execute(POST, values)] == ["MZ017"]
    assert await posted(superuser) == (0, 0, 0)


async def test_a_sum_or_balance_beyond_64_bits_is_refused_and_the_rest_goes_on(
    book: Database, superuser: AsyncConnection
) -> None:
    twice = replace(
        earned("t"),
        lines=(
            debit(PARTNER, sar(LARGEST)),
            debit(PARTNER, sar(LARGEST)),
            credit(MEMBER, sar(LARGEST)),
            credit(MEMBER, sar(LARGEST)),
        ),
    )
    outcomes = await post(book, twice, earned("a", LARGEST), earned("b", 1), spent("c", 1))
    assert told(outcomes) == ["AmountOutOfRange", "posted", "AmountOutOfRange", "posted"]
    with pytest.raises(AmountOutOfRange):
        await post_one(book, earned("d", 2))
    assert await balance(book, MEMBER) == LARGEST - 1
    assert (await posted(superuser))[:2] == (2, 4)


async def test_a_journal_is_reversed_in_parts_but_never_beyond_what_was_posted(
    book: Database, superuser: AsyncConnection
) -> None:
    first = await post_one(book, noted("a", 100))
    assert (
        told(await post(book, reversing("r1", first, 60), reversing("r2", first, 40)))
        == ["posted"] * 2
    )
    with pytest.raises(ReversalFault, match="MZ015"):
        await post_one(book, reversing("r3", first, 1))
    assert told(await post(book, reversing("r1", first, 60))) == ["replayed"]
    assert await balance(book, FEES) == 0
    assert (await posted(superuser))[:2] == (3, 6)


async def test_reversals_at_once_take_back_what_was_posted(book: Database) -> None:
    first = await post_one(book, noted("a", 100))

    async def attempt(number: int) -> bool:
        try:
            await post_one(book, reversing(f"r{number}", first, 10))
        except ReversalFault:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(30)))) == 10
    assert await balance(book, FEES) == 0


async def test_a_reversal_a_stranger_and_another_unit_are_not_reversed(
    book: Database, superuser: AsyncConnection
) -> None:
    first = await post_one(book, noted("a", 100))
    reversal = await post_one(book, reversing("r", first, 100))
    euro = Money(1, "EUR")
    other = replace(
        noted("e", 1),
        lines=(
            debit(own_account("platform_fee", "EUR"), euro),
            credit(Account("partner_recv", "p1", "EUR"), euro),
        ),
    )
    third = await post_one(book, noted("b", 100))
    async with book.writing(BOOK) as db:
        found = await answers(
            db,
            [
                reversing("x", reversal, 1),
                reversing("y", Posted(uuid4(), False), 1),
                replace(other, reverses=third.journal_id),
                reversing("z", third, 1),
                replace(noted("v", 1), restores=uuid4()),
            ],
        )
    assert found == ["MZ014", "MZ016", "MZ015", "posted", "MZ016"]
    assert (await posted(superuser))[:2] == (4, 8)


async def test_a_reversal_in_several_units_counts_all_or_none(
    book: Database, superuser: AsyncConnection
) -> None:
    payable = Account("supplier_payable", "s", "USD")

    def exchange(key: str, dollars: int, riyals: int, original: Posted | None) -> Draft:
        lines: tuple[Line, ...] = (
            debit(own_account("fx_position", "USD"), Money(dollars, "USD")),
            credit(payable, Money(dollars, "USD")),
            debit(PARTNER, sar(riyals)),
            credit(FEES, sar(riyals)),
        )
        if original is not None:
            lines = tuple(replace(line, amount=-line.amount) for line in lines)
        reverses = original.journal_id if original else None
        return replace(earned(key), lines=lines, reverses=reverses)

    first = await post_one(book, exchange("a", 100, 375, None))
    async with book.writing(BOOK) as db:
        tried = [(50, 376), (60, 225), (41, 150), (40, 151), (40, 150), (1, 1)]
        drafts = [exchange(f"r{one}", *one, first) for one in tried]
        found = await answers(db, drafts)
    assert found == ["MZ015", "posted", "MZ015", "MZ015", "posted", "MZ015"]
    assert await balance(book, payable) == 0
    counted = await superuser.execute(
        text("SELECT unit, posted, reversed FROM payouts.journal_reversal ORDER BY unit")
    )
    assert [tuple(row) for row in counted] == [("SAR", 375, 375), ("USD", 100, 100)]
