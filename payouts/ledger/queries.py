"""Reads of the ledger; every balance is exact."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Select,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.appended import with_beyond
from payouts.ledger.chart import CHART
from payouts.ledger.earlier import posted_before
from payouts.ledger.model import (
    Account,
    Balance,
    Cause,
    Hold,
    Journal,
    Period,
    Posting,
    TrialRow,
)
from payouts.ledger.tables import (
    account,
    account_type,
    balance,
    book,
    hold,
    journal,
    period,
    posting,
    seal,
)
from payouts.money import Money, Points, amount_in

JOURNALS_MAX = 1_000

_APPENDED = text(
    "SELECT s.account_id, s.net FROM payouts.sum_appended(:book, :accounts) s"
).bindparams(bindparam("book", type_=BigInteger), bindparam("accounts", type_=ARRAY(Uuid)))
# What moved is kept for sync accounts, and snapshot and tail for the others.
_TRIAL = with_beyond(
    """
    SELECT t.gl_code, a.type, a.unit, sum(moved.debit) AS debit, sum(moved.credit) AS credit
    FROM (
      SELECT b.account_id, b.debit, b.credit FROM payouts.balance b WHERE b.book_id = :book
      UNION ALL
      SELECT s.account_id, s.debit, s.credit FROM payouts.balance_snapshot s
      WHERE s.book_id = :book
      UNION ALL
      SELECT b.account_id, greatest(b.amount, 0), greatest(-b.amount::numeric, 0) FROM beyond b
      JOIN payouts.account x ON x.book_id = :book AND x.account_id = b.account_id
      JOIN payouts.account_type y ON y.type = x.type AND y.mode = 'append'
    ) moved
    JOIN payouts.account a ON a.book_id = :book AND a.account_id = moved.account_id
    JOIN payouts.account_type t ON t.type = a.type
    WHERE moved.debit > 0 OR moved.credit > 0
    GROUP BY t.gl_code, a.type, a.unit
    ORDER BY t.gl_code, a.unit
    """
)


async def read_balances(
    db: AsyncConnection, *, network_id: int, accounts: Sequence[Account]
) -> dict[Account, Balance]:
    """Tell what each account of money has; one that was never opened has nothing."""
    found = await _read_balances(db, network_id, accounts)
    return {one: _money(one, *minors) for one, minors in found.items()}


async def read_points(
    db: AsyncConnection, *, network_id: int, accounts: Sequence[Account]
) -> dict[Account, Balance[Points]]:
    """Tell what each account of points has; one that was never opened has nothing."""
    assert all(one.is_in_points for one in accounts)
    found = await _read_balances(db, network_id, accounts)
    return {one: Balance(Points(posted), Points(held)) for one, (posted, held) in found.items()}


async def _read_balances(
    db: AsyncConnection, network_id: int, accounts: Sequence[Account]
) -> dict[Account, tuple[int, int]]:
    """What is posted on each account's normal side, and what is held."""
    by_id = {one.id_in(network_id): one for one in accounts}
    found = dict.fromkeys(accounts, (0, 0))
    kept = [key for key, one in by_id.items() if CHART[one.type].mode == "sync"]
    summed = [key for key in by_id if key not in kept]
    if kept:
        rows = await db.execute(
            select(balance.c.account_id, balance.c.debit - balance.c.credit, balance.c.held).where(
                balance.c.book_id == network_id, balance.c.account_id.in_(kept)
            )
        )
        for account_id, net, held in rows:
            one = by_id[account_id]
            found[one] = (net * CHART[one.type].normal, held)
    if summed:
        sums = await db.execute(_APPENDED, {"book": network_id, "accounts": summed})
        for account_id, net in sums:
            one = by_id[account_id]
            found[one] = (int(net) * CHART[one.type].normal, 0)
    return found


def _money(one: Account, posted: int, held: int) -> Balance:
    return Balance(Money(posted, one.unit), Money(held, one.unit))


async def read_trial_balance(
    db: AsyncConnection,
    *,
    network_id: int,
    effective_before: datetime | None = None,
    recorded_before: datetime | None = None,
) -> list[TrialRow[Any]]:
    """Sum all accounts by type and unit; the two columns of each unit are equal.

    Of now, or of what had happened, or was in the books, before an instant.
    """
    if effective_before is None and recorded_before is None:
        rows = await db.execute(_TRIAL, {"book": network_id})
    else:
        conditions = posted_before(effective_before, recorded_before)
        rows = await db.execute(_sum_postings(network_id, conditions))
    return [
        TrialRow(
            row.gl_code,
            row.type,
            amount_in(row.unit, int(row.debit)),
            amount_in(row.unit, int(row.credit)),
        )
        for row in rows
    ]


def _sum_postings(
    network_id: int, conditions: Sequence[ColumnElement[bool]]
) -> Select[tuple[str, str, str, Decimal, Decimal]]:
    moved = (
        select(
            posting.c.account_id,
            func.sum(func.greatest(posting.c.amount, 0)).label("debit"),
            func.sum(func.greatest(-cast(posting.c.amount, Numeric), 0)).label("credit"),
        )
        .where(posting.c.book_id == network_id, *conditions)
        .group_by(posting.c.account_id)
        .subquery()
    )
    own = and_(account.c.book_id == network_id, account.c.account_id == moved.c.account_id)
    return (
        select(
            account_type.c.gl_code,
            account.c.type,
            account.c.unit,
            func.sum(moved.c.debit).label("debit"),
            func.sum(moved.c.credit).label("credit"),
        )
        .select_from(
            moved.join(account, own).join(account_type, account_type.c.type == account.c.type)
        )
        .group_by(account_type.c.gl_code, account.c.type, account.c.unit)
        .order_by(account_type.c.gl_code, account.c.unit)
    )


async def read_holds(
    db: AsyncConnection, *, network_id: int, hold_ids: Sequence[UUID]
) -> dict[UUID, Hold[Any]]:
    """Read holds by id."""
    rows = await db.execute(
        select(
            hold.c.hold_id,
            hold.c.account_id,
            hold.c.unit,
            hold.c.amount,
            hold.c.captured,
            hold.c.released,
            hold.c.cause_kind,
            hold.c.cause_id,
            hold.c.expires_at,
        ).where(hold.c.book_id == network_id, hold.c.hold_id.in_(hold_ids))
    )
    return {
        row.hold_id: Hold(
            row.hold_id,
            row.account_id,
            amount_in(row.unit, row.amount),
            amount_in(row.unit, row.captured),
            amount_in(row.unit, row.released),
            Cause(row.cause_kind, row.cause_id),
            row.expires_at,
        )
        for row in rows
    }


async def _read_postings(
    db: AsyncConnection, network_id: int, ids: list[UUID]
) -> dict[UUID, list[Posting[Any]]]:
    lines: dict[UUID, list[Posting[Any]]] = {one: [] for one in ids}
    rows = await db.execute(
        select(
            posting.c.journal_id,
            posting.c.line,
            posting.c.amount,
            account.c.type,
            account.c.owner_id,
            account.c.unit,
            account.c.sub,
        )
        .select_from(
            posting.join(
                account,
                and_(
                    account.c.book_id == posting.c.book_id,
                    account.c.account_id == posting.c.account_id,
                ),
            )
        )
        .where(
            posting.c.book_id == network_id,
            account.c.book_id == network_id,
            posting.c.journal_id.in_(ids),
        )
        .order_by(posting.c.journal_id, posting.c.line)
    )
    for row in rows:
        own = Account(row.type, row.owner_id, row.unit, row.sub)
        lines[row.journal_id].append(Posting(own, amount_in(row.unit, row.amount), row.line))
    return lines


async def read_journals(
    db: AsyncConnection, *, network_id: int, journal_ids: Sequence[UUID]
) -> dict[UUID, Journal]:
    """Read journals with their postings and their place in the sealed order, by id."""
    ids = list(journal_ids)[:JOURNALS_MAX]
    lines = await _read_postings(db, network_id, ids)
    heads = await db.execute(
        select(journal, seal.c.seq)
        .select_from(
            journal.outerjoin(
                seal,
                and_(
                    seal.c.book_id == journal.c.book_id,
                    seal.c.journal_id == journal.c.journal_id,
                    seal.c.book_id == network_id,
                ),
            )
        )
        .where(journal.c.book_id == network_id, journal.c.journal_id.in_(ids))
    )
    return {
        row.journal_id: Journal(
            row.journal_id,
            row.kind,
            Cause(row.cause_kind, row.cause_id),
            row.effective_at,
            row.recorded_at,
            row.period.isoformat()[:7],
            row.origin_period.isoformat()[:7] if row.origin_period else None,
            row.reverses,
            row.actor,
            row.seq,
            tuple(lines[row.journal_id]),
            row.note,
        )
        for row in heads
    }


async def find_journals_of(db: AsyncConnection, *, network_id: int, cause: Cause) -> list[UUID]:
    """Find the journals of one business event, in the order of their making."""
    rows = await db.execute(
        select(journal.c.journal_id)
        .where(
            journal.c.book_id == network_id,
            journal.c.cause_kind == cause.kind,
            journal.c.cause_id == cause.id,
        )
        .order_by(journal.c.journal_id)
        .limit(JOURNALS_MAX)
    )
    return list(rows.scalars())


async def list_books(db: AsyncConnection) -> list[int]:
    """Tell the ids of all books; the one read of books across networks."""
    rows = await db.execute(select(book.c.book_id).order_by(book.c.book_id))
    return list(rows.scalars())


async def read_zone(db: AsyncConnection, *, network_id: int) -> str:
    """Tell the time zone whose months the network's book keeps."""
    row = await db.execute(select(book.c.zone).where(book.c.book_id == network_id))
    zone: str = row.scalar_one()
    return zone


async def read_periods(
    db: AsyncConnection, *, network_id: int, months: Sequence[date]
) -> dict[date, Period]:
    """Read accounting months by their first day; one that nothing entered yet is left out."""
    rows = await db.execute(
        select(
            period.c.period,
            period.c.status,
            period.c.proposed_by,
            period.c.proposed_at,
            period.c.closed_by,
            period.c.closed_at,
        ).where(period.c.book_id == network_id, period.c.period.in_(months))
    )
    return {row.period: Period(*row) for row in rows}
