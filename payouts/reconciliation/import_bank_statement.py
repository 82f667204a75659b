"""Taking bank statements in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import new_id
from payouts.reconciliation.camt053_feed import read_camt053
from payouts.reconciliation.errors import DuplicateStatement, StatementConflict
from payouts.reconciliation.match_bank_entries import match_bank_entries
from payouts.reconciliation.model import FeedStatement, ItemState, start_of
from payouts.reconciliation.tables import bank_entry, bank_statement, reconciliation_item

ROWS_PER_INSERT = 1_000


async def import_bank_statement(
    db: AsyncConnection, *, network_id: int, content: bytes | str, actor: str, now: datetime
) -> list[UUID]:
    """Take in all statements of a camt.053 document, or none; every line becomes an item.

    Lines that name a movement of the provider are matched and booked at once. An opening balance
    that is not the closing balance before it becomes an item too. Raises BankDocumentRefused,
    DuplicateStatement, StatementConflict.
    """
    keys = []
    for statement in sorted(read_camt053(content), key=lambda one: (one.to_on, one.sequence or 0)):
        key = await _keep(db, network_id, statement, actor, now)
        await _keep_entries(db, network_id, (key, statement), now)
        await _note_gap(db, network_id, (key, statement), now)
        keys.append(key)
    await match_bank_entries(db, network_id=network_id, actor=actor, now=now)
    return keys


async def _keep(
    db: AsyncConnection, network_id: int, statement: FeedStatement, actor: str, now: datetime
) -> UUID:
    digest = statement.content_hash()
    row = insert(bank_statement).values(
        network_id=network_id,
        bank_statement_id=new_id(now),
        account=statement.account,
        statement_ref=statement.statement_ref,
        sequence=statement.sequence,
        currency=statement.currency,
        opening=statement.opening.minor,
        closing=statement.closing.minor,
        entries_count=len(statement.entries),
        from_on=statement.from_on,
        to_on=statement.to_on,
        content_hash=digest,
        imported_by=actor,
        imported_at=now,
    )
    inserted = await db.execute(
        row.on_conflict_do_nothing().returning(bank_statement.c.bank_statement_id)
    )
    key: UUID | None = inserted.scalar_one_or_none()
    if key is not None:
        return key
    found = await db.execute(
        select(bank_statement.c.content_hash).where(
            bank_statement.c.network_id == network_id,
            bank_statement.c.account == statement.account,
            bank_statement.c.statement_ref == statement.statement_ref,
        )
    )
    if found.scalar_one() == digest:
        raise DuplicateStatement(statement=statement.statement_ref)
    raise StatementConflict(statement=statement.statement_ref)


async def _keep_entries(
    db: AsyncConnection, network_id: int, kept: tuple[UUID, FeedStatement], now: datetime
) -> None:
    key, statement = kept
    seen = await _seen_references(db, network_id, statement)
    entries: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for one in statement.entries:
        entry_id = new_id(now)
        is_repeated = one.bank_reference in seen
        seen.update({one.bank_reference} - {None})
        entries.append(
            {
                "network_id": network_id,
                "bank_entry_id": entry_id,
                "bank_statement_id": key,
                "line": one.line,
                "account": statement.account,
                "amount": one.amount.minor,
                "currency": statement.currency,
                "booked_on": one.booked_on,
                "value_on": one.value_on,
                "bank_reference": one.bank_reference,
                "end_to_end_id": one.end_to_end_id,
                "remittance": one.remittance,
            }
        )
        items.append(
            {
                "network_id": network_id,
                "item_id": new_id(now),
                "leg": "bank",
                # A line that the bank already showed is never matched by itself.
                "state": (ItemState.MISMATCHED if is_repeated else ItemState.UNEXPECTED).value,
                "reason": "reference_repeated" if is_repeated else "no_reference",
                "reference": one.bank_reference or f"{statement.statement_ref}/{one.line}",
                "bank_entry_id": entry_id,
                "amount": one.amount.minor,
                "open_amount": one.amount.minor,
                "currency": statement.currency,
                "occurred_at": start_of(one.booked_on),
                "noticed_at": now,
            }
        )
    for start in range(0, len(entries), ROWS_PER_INSERT):
        stretch = slice(start, start + ROWS_PER_INSERT)
        await db.execute(insert(bank_entry).values(entries[stretch]))
        await db.execute(insert(reconciliation_item).values(items[stretch]))


async def _seen_references(
    db: AsyncConnection, network_id: int, statement: FeedStatement
) -> set[str | None]:
    named = [one.bank_reference for one in statement.entries if one.bank_reference]
    found: set[str | None] = set()
    for start in range(0, len(named), ROWS_PER_INSERT):
        rows = await db.execute(
            select(bank_entry.c.bank_reference).where(
                bank_entry.c.network_id == network_id,
                bank_entry.c.account == statement.account,
                bank_entry.c.bank_reference.in_(named[start : start + ROWS_PER_INSERT]),
            )
        )
        found.update(rows.scalars())
    return found


async def _note_gap(
    db: AsyncConnection, network_id: int, kept: tuple[UUID, FeedStatement], now: datetime
) -> None:
    key, statement = kept
    own = (
        bank_statement.c.network_id == network_id,
        bank_statement.c.account == statement.account,
        bank_statement.c.bank_statement_id != key,
    )
    theirs = tuple_(bank_statement.c.to_on, bank_statement.c.bank_statement_id)
    place = tuple_(statement.to_on, key)
    before = await db.execute(
        select(bank_statement.c.closing)
        .where(*own, theirs < place)
        .order_by(bank_statement.c.to_on.desc(), bank_statement.c.bank_statement_id.desc())
        .limit(1)
    )
    closing = before.scalar_one_or_none()
    if closing is not None and closing != statement.opening.minor:
        await db.execute(
            insert(reconciliation_item).values(
                network_id=network_id,
                item_id=new_id(now),
                leg="statement",
                state=ItemState.MISMATCHED.value,
                reason="statement_gap",
                reference=statement.statement_ref,
                bank_statement_id=key,
                amount=statement.opening.minor - closing,
                open_amount=0,
                currency=statement.currency,
                occurred_at=start_of(statement.from_on),
                noticed_at=now,
            )
        )
    after = await db.execute(
        select(bank_statement.c.bank_statement_id, bank_statement.c.opening)
        .where(*own, theirs > place)
        .order_by(bank_statement.c.to_on, bank_statement.c.bank_statement_id)
        .limit(1)
    )
    follower = after.one_or_none()
    if follower is not None and follower.opening == statement.closing.minor:
        # The missing statement has come: the gap behind it is closed.
        await db.execute(
            update(reconciliation_item)
            .where(
                reconciliation_item.c.network_id == network_id,
                reconciliation_item.c.bank_statement_id == follower.bank_statement_id,
                reconciliation_item.c.resolved_at.is_(None),
            )
            .values(state=ItemState.MATCHED.value, resolved_at=now)
        )
