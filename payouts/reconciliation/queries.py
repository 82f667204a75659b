"""Reads of reconciliation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import list_standing
from payouts.money import Money
from payouts.reconciliation.errors import ReconciliationItemNotFound
from payouts.reconciliation.model import (
    CLEARING_TYPES,
    PROVIDER,
    UNREADABLE,
    BankEntry,
    BankStatement,
    ItemState,
    OpenEnds,
    ReconciliationItem,
    Resolution,
    WaitingTransaction,
)
from payouts.reconciliation.tables import (
    bank_entry,
    bank_statement,
    provider_cursor,
    reconciliation_item,
    unplaced_transaction,
)

CLEARING_MAX = 1_000
UNPLACED_MAX = 1_000


def _item(row: Any) -> ReconciliationItem:
    return ReconciliationItem(
        row.item_id,
        row.leg,
        ItemState(row.state),
        row.reason,
        row.reference,
        Money(row.amount, row.currency),
        Money(row.open_amount, row.currency),
        row.occurred_at,
        row.noticed_at,
        Resolution(row.resolution) if row.resolution else None,
        row.owner_id,
        row.remark,
        row.proposed_by,
        row.approved_by,
        row.resolved_at,
        row.journal_id,
        row.provider_transaction_id,
        row.bank_entry_id,
    )


def entry_of(row: Any) -> BankEntry:
    """Read a bank line out of its row."""
    return BankEntry(
        row.bank_entry_id,
        row.account,
        row.statement_ref,
        row.line,
        Money(row.amount, row.currency),
        row.booked_on,
        row.bank_reference,
        row.end_to_end_id,
        row.remittance,
    )


async def read_items(
    db: AsyncConnection, *, network_id: int, item_ids: Sequence[UUID]
) -> dict[UUID, ReconciliationItem]:
    """Read reconciliation items by id."""
    rows = await db.execute(
        select(reconciliation_item).where(
            reconciliation_item.c.network_id == network_id,
            reconciliation_item.c.item_id.in_(item_ids),
        )
    )
    return {row.item_id: _item(row) for row in rows}


async def lock_item(db: AsyncConnection, *, network_id: int, item_id: UUID) -> ReconciliationItem:
    """Read an item and keep others from changing it. Raises ReconciliationItemNotFound."""
    row = await db.execute(
        select(reconciliation_item)
        .where(
            reconciliation_item.c.network_id == network_id,
            reconciliation_item.c.item_id == item_id,
        )
        .with_for_update()
    )
    found = row.one_or_none()
    if found is None:
        raise ReconciliationItemNotFound
    return _item(found)


async def list_items(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    limit: int,
    states: Sequence[str] = (),
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    newest_first: bool = True,
) -> list[ReconciliationItem]:
    """List the outside lines of a period; `after` and `before` bound them by place, in time."""
    place = tuple_(reconciliation_item.c.occurred_at, reconciliation_item.c.item_id)
    query = select(reconciliation_item).where(
        reconciliation_item.c.network_id == network_id,
        reconciliation_item.c.occurred_at >= since,
        reconciliation_item.c.occurred_at < until,
    )
    if states:
        query = query.where(reconciliation_item.c.state.in_(states))
    if after is not None:
        query = query.where(place > tuple_(*after))
    if before is not None:
        query = query.where(place < tuple_(*before))
    order = (reconciliation_item.c.occurred_at, reconciliation_item.c.item_id)
    query = query.order_by(*(one.desc() for one in order) if newest_first else order)
    return [_item(row) for row in await db.execute(query.limit(limit))]


async def total_items(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    states: Sequence[str] = (),
) -> list[tuple[int, Money, Money]]:
    """Sum the outside lines of a period per currency: how many, their amounts, what is open."""
    query = select(
        reconciliation_item.c.currency,
        func.count(),
        func.sum(reconciliation_item.c.amount),
        func.coalesce(
            func.sum(reconciliation_item.c.open_amount).filter(
                reconciliation_item.c.resolved_at.is_(None)
            ),
            0,
        ),
    ).where(
        reconciliation_item.c.network_id == network_id,
        reconciliation_item.c.occurred_at >= since,
        reconciliation_item.c.occurred_at < until,
    )
    if states:
        query = query.where(reconciliation_item.c.state.in_(states))
    query = query.group_by(reconciliation_item.c.currency).order_by(reconciliation_item.c.currency)
    return [
        (count, Money(int(amount), currency), Money(int(open_amount), currency))
        for currency, count, amount, open_amount in await db.execute(query)
    ]


async def read_bank_statements(
    db: AsyncConnection, *, network_id: int, bank_statement_ids: Sequence[UUID]
) -> dict[UUID, BankStatement]:
    """Read imported bank statements by id."""
    rows = await db.execute(
        select(bank_statement).where(
            bank_statement.c.network_id == network_id,
            bank_statement.c.bank_statement_id.in_(bank_statement_ids),
        )
    )
    return {
        row.bank_statement_id: BankStatement(
            row.bank_statement_id,
            row.account,
            row.statement_ref,
            row.sequence,
            Money(row.opening, row.currency),
            Money(row.closing, row.currency),
            row.entries_count,
            row.from_on,
            row.to_on,
            row.imported_by,
            row.imported_at,
        )
        for row in rows
    }


async def lock_open_entries(db: AsyncConnection, *, network_id: int, limit: int) -> list[BankEntry]:
    """List the bank lines that nothing explains yet, oldest first, and keep others from doing so."""
    own_entry = and_(
        bank_entry.c.network_id == reconciliation_item.c.network_id,
        bank_entry.c.bank_entry_id == reconciliation_item.c.bank_entry_id,
    )
    own_statement = and_(
        bank_statement.c.network_id == bank_entry.c.network_id,
        bank_statement.c.bank_statement_id == bank_entry.c.bank_statement_id,
    )
    rows = await db.execute(
        select(bank_entry, bank_statement.c.statement_ref)
        .select_from(
            reconciliation_item.join(bank_entry, own_entry).join(bank_statement, own_statement)
        )
        .where(
            reconciliation_item.c.network_id == network_id,
            bank_entry.c.network_id == network_id,
            bank_statement.c.network_id == network_id,
            reconciliation_item.c.resolved_at.is_(None),
            reconciliation_item.c.state == ItemState.UNEXPECTED.value,
        )
        .order_by(bank_statement.c.to_on, bank_statement.c.bank_statement_id, bank_entry.c.line)
        .limit(limit)
        .with_for_update(of=reconciliation_item)
    )
    return [entry_of(row) for row in rows]


async def read_open_ends(
    db: AsyncConnection, *, network_id: int, until: datetime | None = None
) -> OpenEnds:
    """Tell what is unfinished: open items, of before an instant if given; clearing not at zero."""
    count = (
        select(func.count())
        .select_from(reconciliation_item)
        .where(
            reconciliation_item.c.network_id == network_id,
            reconciliation_item.c.resolved_at.is_(None),
        )
    )
    if until is not None:
        count = count.where(reconciliation_item.c.occurred_at < until)
    row = await db.execute(count)
    clearing = await list_standing(
        db, network_id=network_id, types=CLEARING_TYPES, limit=CLEARING_MAX
    )
    return OpenEnds(row.scalar_one(), tuple(clearing))


async def read_provider_cursor(db: AsyncConnection) -> datetime | None:
    """Tell up to which instant the provider's movements were read; None before the first time."""
    row = await db.execute(
        select(provider_cursor.c.read_to_at).where(provider_cursor.c.provider == PROVIDER)
    )
    return row.scalar_one_or_none()


async def list_unplaced(
    db: AsyncConnection,
) -> list[tuple[str, str | None, int | None, datetime]]:
    """List movements without a network yet: id, source, network if decided, instant; oldest first.

    One that cannot be read is left out until somebody decided where it belongs.
    """
    rows = await db.execute(
        select(
            unplaced_transaction.c.transaction_id,
            unplaced_transaction.c.source_id,
            unplaced_transaction.c.network_id,
            unplaced_transaction.c.occurred_at,
        )
        .where(
            unplaced_transaction.c.provider == PROVIDER,
            or_(
                unplaced_transaction.c.type.not_like(f"{UNREADABLE}%"),
                unplaced_transaction.c.network_id.is_not(None),
            ),
        )
        .order_by(unplaced_transaction.c.occurred_at)
        .limit(UNPLACED_MAX)
    )
    return [(row.transaction_id, row.source_id, row.network_id, row.occurred_at) for row in rows]


async def list_waiting(db: AsyncConnection) -> list[WaitingTransaction]:
    """List every movement that is not in any books yet, oldest first."""
    rows = await db.execute(
        select(
            unplaced_transaction.c.transaction_id,
            unplaced_transaction.c.type,
            unplaced_transaction.c.source_id,
            unplaced_transaction.c.network_id,
            unplaced_transaction.c.occurred_at,
        )
        .where(unplaced_transaction.c.provider == PROVIDER)
        .order_by(unplaced_transaction.c.occurred_at, unplaced_transaction.c.transaction_id)
        .limit(UNPLACED_MAX)
    )
    return [WaitingTransaction(*row) for row in rows]
