"""Reads of the ledger; every balance is exact."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, and_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.chart import CHART
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
from payouts.money import Money

JOURNALS_MAX = 1_000


async def read_balances(
    db: AsyncConnection, *, network_id: int, accounts: Sequence[Account]
) -> dict[Account, Balance]:
    """Tell what each account has; one that was never opened has nothing."""
    by_id = {one.id_in(network_id): one for one in accounts}
    found = {one: Balance(Money.zero(one.unit), Money.zero(one.unit)) for one in accounts}
    kept = [key for key, one in by_id.items() if CHART[one.type].mode == "sync"]
    summed = [key for key in by_id if key not in kept]
    if kept:
        rows = await db.execute(
            select(balance.c.account_id, balance.c.debit - balance.c.credit, balance.c.held).where(
                balance.c.book_id == network_id, balance.c.account_id.in_(kept)
            )
        )
        for account_id, net, held in rows:
            found[by_id[account_id]] = _balance(by_id[account_id], net, held)
    if summed:
        sums = await db.execute(
            select(posting.c.account_id, cast(func.sum(posting.c.amount), BigInteger))
            .where(posting.c.book_id == network_id, posting.c.account_id.in_(summed))
            .group_by(posting.c.account_id)
        )
        for account_id, net in sums:
            found[by_id[account_id]] = _balance(by_id[account_id], net, 0)
    return found


def _balance(one: Account, net: int, held: int) -> Balance:
    return Balance(Money(net * CHART[one.type].normal, one.unit), Money(held, one.unit))


async def read_trial_balance(db: AsyncConnection, *, network_id: int) -> list[TrialRow]:
    """Sum all postings by account type and unit; the two columns of each unit are equal."""
    own = and_(posting.c.book_id == account.c.book_id, posting.c.account_id == account.c.account_id)
    debits = func.sum(case((posting.c.amount > 0, posting.c.amount), else_=0))
    credits_ = func.sum(case((posting.c.amount < 0, -posting.c.amount), else_=0))
    rows = await db.execute(
        select(
            account_type.c.gl_code,
            account.c.type,
            posting.c.unit,
            cast(debits, BigInteger).label("debit"),
            cast(credits_, BigInteger).label("credit"),
        )
        .select_from(
            posting.join(account, own).join(account_type, account_type.c.type == account.c.type)
        )
        .where(posting.c.book_id == network_id, account.c.book_id == network_id)
        .group_by(account_type.c.gl_code, account.c.type, posting.c.unit)
        .order_by(account_type.c.gl_code, posting.c.unit)
    )
    return [
        TrialRow(row.gl_code, row.type, Money(row.debit, row.unit), Money(row.credit, row.unit))
        for row in rows
    ]


async def read_holds(
    db: AsyncConnection, *, network_id: int, hold_ids: Sequence[UUID]
) -> dict[UUID, Hold]:
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
            Money(row.amount, row.unit),
            Money(row.captured, row.unit),
            Money(row.released, row.unit),
            Cause(row.cause_kind, row.cause_id),
            row.expires_at,
        )
        for row in rows
    }


async def _read_postings(
    db: AsyncConnection, network_id: int, ids: list[UUID]
) -> dict[UUID, list[Posting]]:
    lines: dict[UUID, list[Posting]] = {one: [] for one in ids}
    rows = await db.execute(
        select(
            posting.c.journal_id,
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
        lines[row.journal_id].append(Posting(own, Money(row.amount, row.unit)))
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
