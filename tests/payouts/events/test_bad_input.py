"""A journal that no template writes is refused with its own error, and nothing is written."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.events import Lines, card_sale, value_expire
from payouts.ledger import (
    Account,
    AccountNotOpen,
    BalanceTooLow,
    LedgerFault,
    Line,
    credit,
    debit,
    open_accounts,
    open_book,
    post_journal,
)
from payouts.ledger import post_journals as posting_verb
from payouts.money import AmountOutOfRange, Money
from tests.conftest import NOW
from tests.fingerprint import fingerprint
from tests.payouts.events.cases import C, M, P, account, eur, usd
from tests.payouts.events.test_events import draft

BOOK, OTHER = 7, 8
LARGEST = 2**63 - 1
OWED, CARD = account("partner_recv P"), account("gift_card C")


@dataclass(frozen=True, slots=True)
class Forged(Account):
    """An account that says another unit than the one it was opened in."""

    def id_in(self, book_id: int) -> UUID:
        return CARD.id_in(book_id)


def sale(minor: int) -> Lines:
    return card_sale(partner_id=P, card_id=C, face=eur(minor))


@pytest.fixture
async def book(database: Database) -> Database:
    """Two books; in the first a card of 50.00 was sold."""
    for number in (BOOK, OTHER):
        async with database.writing(number) as db:
            await open_book(db, network_id=number, zone="Asia/Riyadh", now=NOW)
    async with database.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=draft("card.sale", sale(5000)), now=NOW)
    return database


async def refused(
    book: Database, superuser: AsyncConnection, lines: Lines, error: type[Exception]
) -> str:
    """Post, see it refused with nothing written, and tell the ledger's code of the fault."""
    before = await fingerprint(superuser)
    with pytest.raises(error) as caught:
        async with book.writing(BOOK) as db:
            await post_journal(db, network_id=BOOK, draft=draft("test", lines), now=NOW)
    assert type(caught.value) is error
    assert await fingerprint(superuser) == before
    return getattr(caught.value, "sqlstate", "")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((debit(OWED, eur(100)), credit(CARD, eur(99))), "MZ003"),
        ((debit(OWED, eur(100)), credit(account("gift_card C USD"), usd(100))), "MZ003"),
        ((), "MZ002"),
        ((debit(OWED, eur(100)),), "MZ002"),
        ((debit(OWED, eur(0)), credit(CARD, eur(0))), "MZ002"),
        (
            (
                debit(account("partner_recv P USD"), usd(100)),
                credit(Forged("gift_card", str(C), "USD"), usd(100)),
            ),
            "MZ013",
        ),
    ],
    ids=["unbalanced", "units mixed", "empty", "single line", "moves nothing", "wrong unit"],
)
async def test_lines_that_no_template_writes_are_refused(
    book: Database, superuser: AsyncConnection, lines: tuple[Line, ...], code: str
) -> None:
    assert await refused(book, superuser, lines, LedgerFault) == code


async def test_an_account_that_the_book_does_not_have_is_refused(
    book: Database, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def opens_nothing(*_: object, **__: object) -> None:
        return

    monkeypatch.setitem(posting_verb.__globals__, "open_accounts", opens_nothing)
    stranger = value_expire(member_id=M, amount=eur(5), returned_to=None, offset=eur(0))
    assert await refused(book, superuser, stranger, LedgerFault) == "MZ004"


async def test_an_account_of_another_book_is_unknown_in_this_one(
    book: Database, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with book.writing(OTHER) as db:
        await open_accounts(db, network_id=OTHER, accounts=[OWED, CARD], now=NOW)

    def foreign(self: Account, _: int) -> UUID:
        return own(self, OTHER)

    async def opens_nothing(*_: object, **__: object) -> None:
        return

    own = Account.id_in
    monkeypatch.setitem(posting_verb.__globals__, "open_accounts", opens_nothing)
    monkeypatch.setattr(Account, "id_in", foreign)
    assert await refused(book, superuser, sale(5), LedgerFault) == "MZ004"


async def test_a_frozen_account_takes_nothing(book: Database, superuser: AsyncConnection) -> None:
    await superuser.execute(
        text("UPDATE payouts.account SET status = 'frozen' WHERE type = 'gift_card'")
    )
    await refused(book, superuser, sale(5), AccountNotOpen)


async def test_more_than_a_card_has_is_refused(book: Database, superuser: AsyncConnection) -> None:
    lines = tuple(Line(one.account, -one.amount) for one in sale(5001))
    await refused(book, superuser, lines, BalanceTooLow)


@pytest.mark.parametrize("minor", [LARGEST + 1, -LARGEST - 1, 2**80, LARGEST])
async def test_amounts_and_balances_beyond_64_bits_are_refused(
    book: Database, superuser: AsyncConnection, minor: int
) -> None:
    # The card has 50.00 already, so the largest amount of all is too much for its balance.
    await refused(book, superuser, sale(minor), AmountOutOfRange)


async def test_the_largest_amount_that_fits_is_posted(book: Database) -> None:
    async with book.writing(BOOK) as db:
        most = draft("test", sale(LARGEST - 5000))
        assert not (await post_journal(db, network_id=BOOK, draft=most, now=NOW)).replayed


def test_what_cannot_be_named_cannot_be_posted() -> None:
    with pytest.raises(ValueError, match="pocket_money is not in the chart of accounts"):
        Account("pocket_money", "P", "EUR")
    with pytest.raises(ValueError, match="a line's amount is in its account's unit"):
        Line(CARD, Money(1, "USD"))
