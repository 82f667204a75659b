"""Listing the lines of provider and bank around something of ours."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import Money
from payouts.reconciliation.find_order_behind import COLLECTIONS, TOPUPS, TRANSFERS
from payouts.reconciliation.model import PROVIDER, BankLine, BookedTransaction
from payouts.reconciliation.tables import (
    bank_entry,
    bank_statement,
    provider_transaction,
    reconciliation_item,
)


async def list_outside_lines(
    db: AsyncConnection,
    *,
    network_id: int,
    transaction_keys: Sequence[UUID] = (),
    transaction_ids: Sequence[str] = (),
    order_ids: Sequence[UUID] = (),
    bank_entry_ids: Sequence[UUID] = (),
    attempt_ids: Sequence[UUID] = (),
    limit: int,
) -> tuple[list[BookedTransaction], list[BankLine]]:
    """List the provider's movements by key, by its own id or by order; and bank lines.

    Of bank lines those named, those that the movements named by key arrived as, and those that
    paid or brought back what attempts by bank file ordered. Changes nothing.
    """
    movements = _select_movements(network_id).where(
        or_(
            provider_transaction.c.provider_transaction_id.in_(transaction_keys),
            and_(
                provider_transaction.c.provider == PROVIDER,
                provider_transaction.c.transaction_id.in_(transaction_ids),
            ),
            provider_transaction.c.order_id.in_(order_ids),
        )
    )
    lines = _select_lines(network_id).where(
        or_(
            bank_entry.c.bank_entry_id.in_(bank_entry_ids),
            bank_entry.c.provider_transaction_id.in_(transaction_keys),
            # Either way has an index of its own.
            and_(bank_entry.c.attempt_id.in_(attempt_ids), bank_entry.c.amount < 0),
            and_(bank_entry.c.attempt_id.in_(attempt_ids), bank_entry.c.amount > 0),
        )
    )
    moved = await db.execute(movements.limit(limit))
    arrived = await db.execute(lines.limit(limit))
    return [_transaction(row) for row in moved], [_line(row) for row in arrived]


def _select_movements(network_id: int) -> Select[Any]:
    own = and_(
        reconciliation_item.c.network_id == network_id,
        reconciliation_item.c.provider_transaction_id
        == provider_transaction.c.provider_transaction_id,
    )
    return (
        select(provider_transaction, reconciliation_item.c.item_id)
        .select_from(provider_transaction.outerjoin(reconciliation_item, own))
        .where(provider_transaction.c.network_id == network_id)
        .order_by(provider_transaction.c.occurred_at, provider_transaction.c.transaction_id)
    )


def _select_lines(network_id: int) -> Select[Any]:
    own_statement = and_(
        bank_statement.c.network_id == network_id,
        bank_statement.c.bank_statement_id == bank_entry.c.bank_statement_id,
    )
    own_item = and_(
        reconciliation_item.c.network_id == network_id,
        reconciliation_item.c.bank_entry_id == bank_entry.c.bank_entry_id,
    )
    return (
        select(bank_entry, bank_statement.c.statement_ref, reconciliation_item.c.item_id)
        .select_from(
            bank_entry.join(bank_statement, own_statement).outerjoin(reconciliation_item, own_item)
        )
        .where(bank_entry.c.network_id == network_id)
        .order_by(bank_entry.c.booked_on, bank_entry.c.bank_entry_id)
    )


def _transaction(row: Any) -> BookedTransaction:
    return BookedTransaction(
        key=row.provider_transaction_id,
        transaction_id=row.transaction_id,
        type=row.type,
        source_id=row.source_id,
        order_id=row.order_id,
        amount=Money(row.amount, row.currency),
        fee=Money(row.fee, row.currency),
        net=Money(row.net, row.currency),
        journal_id=row.journal_id,
        item_id=row.item_id,
        occurred_at=row.occurred_at,
        order_kind=_sort(row.type) if row.order_id else None,
    )


def _sort(type_: str) -> str | None:
    sorts = {"payout": TRANSFERS, "collection": COLLECTIONS, "topup": TOPUPS}
    return next((name for name, types in sorts.items() if type_ in types), None)


def _line(row: Any) -> BankLine:
    return BankLine(
        bank_entry_id=row.bank_entry_id,
        statement_ref=row.statement_ref,
        bank_statement_id=row.bank_statement_id,
        line=row.line,
        amount=Money(row.amount, row.currency),
        booked_on=row.booked_on,
        bank_reference=row.bank_reference,
        transaction_key=row.provider_transaction_id,
        attempt_id=row.attempt_id,
        journal_id=row.journal_id,
        item_id=row.item_id,
    )
