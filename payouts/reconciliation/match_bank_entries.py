"""Matching bank lines with what the provider sent or drew, and with payouts by bank file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Update, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import post_journal
from payouts.reconciliation.match_filed_payout import match_filed_payout
from payouts.reconciliation.model import (
    TRANSIT_TYPES,
    BankEntry,
    ItemState,
    bank_transit_journal,
)
from payouts.reconciliation.queries import lock_open_entries
from payouts.reconciliation.tables import bank_entry, provider_transaction, reconciliation_item

ENTRIES_MAX = 1_000


async def match_bank_entries(
    db: AsyncConnection, *, network_id: int, actor: str, now: datetime
) -> int:
    """Match open bank lines with payouts of bank files and movements of the provider; tells how many.

    A line matches the one movement that it names by an id (ours or the provider's) and that has
    exactly its amount, and is booked; or the one payout by file whose EndToEndId it carries. One
    that names a movement of another amount becomes mismatched.
    """
    matched = 0
    for entry in await lock_open_entries(db, network_id=network_id, limit=ENTRIES_MAX):
        filed = await match_filed_payout(
            db, network_id=network_id, entry=entry, actor=actor, now=now
        )
        if filed is not None:
            matched += filed
            continue
        found = await _find_named(db, network_id, entry)
        exact = [key for key, minor in found if minor == -entry.amount.minor]
        if len(exact) == 1:
            await _match(db, network_id, entry, exact[0], actor, now)
            matched += 1
        elif found:
            await db.execute(
                _of_entry(network_id, entry).values(
                    state=ItemState.MISMATCHED.value, reason="amount_differs"
                )
            )
    return matched


async def _find_named(
    db: AsyncConnection, network_id: int, entry: BankEntry
) -> list[tuple[UUID, int]]:
    names, orders = entry.references(), entry.order_ids()
    if not names and not orders:
        return []
    taken = and_(
        bank_entry.c.network_id == provider_transaction.c.network_id,
        bank_entry.c.provider_transaction_id == provider_transaction.c.provider_transaction_id,
        bank_entry.c.network_id == network_id,
    )
    rows = await db.execute(
        select(provider_transaction.c.provider_transaction_id, provider_transaction.c.amount)
        .select_from(provider_transaction.outerjoin(bank_entry, taken))
        .where(
            provider_transaction.c.network_id == network_id,
            provider_transaction.c.type.in_(TRANSIT_TYPES),
            provider_transaction.c.currency == entry.amount.currency,
            or_(
                provider_transaction.c.source_id.in_(names),
                provider_transaction.c.order_id.in_(orders),
            ),
            bank_entry.c.bank_entry_id.is_(None),
        )
    )
    return [(row.provider_transaction_id, row.amount) for row in rows]


def _of_entry(network_id: int, entry: BankEntry) -> Update:
    return update(reconciliation_item).where(
        reconciliation_item.c.network_id == network_id,
        reconciliation_item.c.bank_entry_id == entry.bank_entry_id,
        reconciliation_item.c.resolved_at.is_(None),
    )


async def _match(
    db: AsyncConnection,
    network_id: int,
    entry: BankEntry,
    transaction: UUID,
    actor: str,
    now: datetime,
) -> None:
    draft = bank_transit_journal(entry, actor=actor)
    posted = await post_journal(db, network_id=network_id, draft=draft, now=now)
    await db.execute(
        update(bank_entry)
        .where(
            bank_entry.c.network_id == network_id,
            bank_entry.c.bank_entry_id == entry.bank_entry_id,
        )
        .values(provider_transaction_id=transaction, journal_id=posted.journal_id)
    )
    await db.execute(
        _of_entry(network_id, entry).values(
            state=ItemState.MATCHED.value,
            reason=None,
            open_amount=0,
            resolved_at=now,
            journal_id=posted.journal_id,
        )
    )
