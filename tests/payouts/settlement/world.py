"""A small world of partners for tests of settlement."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import Account, Cause, Draft, credit, debit, own_account, post_journal
from payouts.money import Money
from tests.conftest import NOW

BOOK = 7
P = UUID("00000000-0000-7000-8000-00000000000a")
Q = UUID("00000000-0000-7000-8000-00000000000b")
R = UUID("00000000-0000-7000-8000-00000000000c")
MEMBER = UUID("00000000-0000-7000-8000-0000000000f0")
MAKER = "staff:maker"
CHECKER = "staff:checker"


def money(minor: int, currency: str = "SAR") -> Money:
    return Money(minor, currency)


async def owes(
    world: Database, key: str, partner: UUID, minor: int, currency: str = "SAR", now: datetime = NOW
) -> None:
    """A partner comes to owe the network: cashback that it funds."""
    draft = Draft(
        kind="accrual.confirm",
        key=key,
        cause=Cause("purchase", key),
        lines=(
            debit(Account("partner_recv", str(partner), currency), money(minor, currency)),
            credit(Account("member_available", str(MEMBER), currency), money(minor, currency)),
        ),
        actor="test",
        effective_at=now,
    )
    async with world.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=draft, now=now)


async def is_owed(
    world: Database, key: str, partner: UUID, minor: int, currency: str = "SAR", now: datetime = NOW
) -> None:
    """The network comes to owe a partner: a card that it honoured."""
    draft = card_honoured(key, partner, minor, currency, now)
    async with world.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=draft, now=now)


def card_honoured(
    key: str, partner: UUID, minor: int, currency: str = "SAR", now: datetime = NOW
) -> Draft:
    """A card that a partner honoured; no line of it locks a balance."""
    return Draft(
        kind="giftcard.capture",
        key=key,
        cause=Cause("gift_card", key),
        lines=(
            debit(own_account("platform_fee", currency), money(minor, currency)),
            credit(Account("partner_payable", str(partner), currency), money(minor, currency)),
        ),
        actor="test",
        effective_at=now,
    )


async def lines_of(superuser: AsyncConnection, kind: str) -> list[tuple[str, str, int]]:
    """All postings of the journals of a kind: account type, owner's last two digits, amount."""
    rows = await superuser.execute(
        text(
            "SELECT a.type, right(a.owner_id, 2), p.amount FROM payouts.posting p"
            " JOIN payouts.account a USING (book_id, account_id)"
            " JOIN payouts.journal j USING (book_id, journal_id) WHERE j.kind = :kind"
            " ORDER BY j.ledger_key, p.line"
        ),
        {"kind": kind},
    )
    return [tuple(row) for row in rows]


async def balance_of(superuser: AsyncConnection, type_: str) -> int:
    """The sum of all postings on the accounts of a type; debit is positive."""
    row = await superuser.execute(
        text(
            "SELECT coalesce(sum(p.amount), 0) FROM payouts.posting p"
            " JOIN payouts.account a USING (book_id, account_id) WHERE a.type = :type"
        ),
        {"type": type_},
    )
    return int(row.scalar_one())


async def assert_books_balance(superuser: AsyncConnection) -> None:
    """Every journal sums to zero, and kept balances are the sums of their postings."""
    unbalanced = await superuser.execute(
        text(
            "SELECT journal_id FROM payouts.posting GROUP BY journal_id, unit HAVING sum(amount) <> 0"
        )
    )
    assert unbalanced.all() == []
    wrong = await superuser.execute(
        text(
            "SELECT b.account_id FROM payouts.balance b WHERE b.debit - b.credit <> (SELECT"
            " coalesce(sum(p.amount), 0) FROM payouts.posting p WHERE p.book_id = b.book_id"
            " AND p.account_id = b.account_id)"
        )
    )
    assert wrong.all() == []
    assert await balance_of(superuser, "settle_clearing") == 0
