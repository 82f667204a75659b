"""Taking a movement of the provider's balance into the books."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import record_collection_return
from payouts.ledger import Account, own_account, post_journal
from payouts.money import Money, new_id
from payouts.rails import ProviderTransaction
from payouts.reconciliation.find_order_behind import find_order_behind
from payouts.reconciliation.model import (
    PROVIDER,
    TRANSIT_TYPES,
    ItemState,
    OrderBehind,
    provider_journal,
)
from payouts.reconciliation.tables import provider_transaction, reconciliation_item

RETURNS_OF_DEBITS = frozenset({"payment_failure_refund"})
_PLATFORM_TYPES = {
    "stripe_fee": "processing_fee",
    "stripe_fx_fee": "processing_fee",
} | dict.fromkeys(TRANSIT_TYPES - {"topup", "topup_reversal"}, "cash_in_transit")


async def record_provider_transaction(
    db: AsyncConnection,
    *,
    network_id: int,
    transaction: ProviderTransaction,
    actor: str,
    now: datetime,
) -> bool:
    """Book one movement of the provider's balance by one journal; true when it was not yet.

    What we ordered clears its account; what we did not order, and any difference, is parked in
    suspense and becomes an item to work on. Recording it again changes nothing.
    """
    key = new_id(now)
    order = await find_order_behind(db, network_id=network_id, transaction=transaction)
    row = insert(provider_transaction).values(
        network_id=network_id,
        provider_transaction_id=key,
        provider=PROVIDER,
        transaction_id=transaction.id,
        type=transaction.type,
        source_id=transaction.source,
        order_id=order.order_id if order else None,
        amount=transaction.amount.minor,
        fee=transaction.fee.minor,
        net=transaction.net.minor,
        currency=transaction.amount.currency,
        journal_id=None,
        occurred_at=transaction.created,
        recorded_at=now,
    )
    inserted = await db.execute(
        row.on_conflict_do_nothing().returning(provider_transaction.c.provider_transaction_id)
    )
    if inserted.scalar_one_or_none() is None:
        return False
    counter, ordered = _expected(transaction, order)
    journal_id = await _post(db, network_id, transaction, (counter, ordered), actor=actor, now=now)
    if order and transaction.type in RETURNS_OF_DEBITS and transaction.payment_intent:
        await record_collection_return(
            db,
            network_id=network_id,
            collection_id=order.order_id,
            payment_intent_id=transaction.payment_intent,
            now=now,
        )
    await db.execute(
        update(provider_transaction)
        .where(
            provider_transaction.c.network_id == network_id,
            provider_transaction.c.provider_transaction_id == key,
        )
        .values(journal_id=journal_id)
    )
    await _list_item(db, network_id, transaction, (key, counter, ordered, journal_id), now)
    return True


def _expected(
    transaction: ProviderTransaction, order: OrderBehind | None
) -> tuple[Account | None, Money]:
    """Say which account a movement clears, and by how much."""
    unit = transaction.amount.currency
    if order is not None and order.ordered.currency == unit:
        return order.counter, order.ordered
    if transaction.type in _PLATFORM_TYPES:
        return own_account(_PLATFORM_TYPES[transaction.type], unit), transaction.amount
    return None, Money.zero(unit)


def _judge(
    transaction: ProviderTransaction, counter: Account | None, ordered: Money
) -> tuple[ItemState, str | None]:
    if counter is None:
        return ItemState.UNEXPECTED, "nobody_ordered_it"
    if transaction.amount != ordered:
        return ItemState.MISMATCHED, "amount_differs"
    return ItemState.MATCHED, None


async def _list_item(
    db: AsyncConnection,
    network_id: int,
    transaction: ProviderTransaction,
    booked: tuple[UUID, Account | None, Money, UUID | None],
    now: datetime,
) -> None:
    key, counter, ordered, journal_id = booked
    state, reason = _judge(transaction, counter, ordered)
    await db.execute(
        insert(reconciliation_item).values(
            network_id=network_id,
            item_id=new_id(now),
            leg="provider",
            state=state.value,
            reason=reason,
            reference=transaction.id,
            provider_transaction_id=key,
            amount=transaction.amount.minor,
            open_amount=(transaction.amount - ordered).minor,
            currency=transaction.amount.currency,
            occurred_at=transaction.created,
            noticed_at=now,
            resolved_at=now if state is ItemState.MATCHED else None,
            journal_id=journal_id,
        )
    )


async def _post(
    db: AsyncConnection,
    network_id: int,
    transaction: ProviderTransaction,
    order: tuple[Account | None, Money],
    *,
    actor: str,
    now: datetime,
) -> UUID | None:
    draft = provider_journal(
        transaction.id,
        transaction.type,
        (transaction.amount, transaction.fee),
        order,
        occurred_at=transaction.created,
        actor=actor,
    )
    if not draft.without_zeros():
        return None
    return (await post_journal(db, network_id=network_id, draft=draft, now=now)).journal_id
