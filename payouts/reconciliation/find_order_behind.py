"""Finding what we ordered behind a provider's movement."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import (
    find_collection_of_payment_intent,
    find_owner_of_transfer,
    find_topup,
    read_collections,
    read_payouts,
    read_topups,
)
from payouts.ledger import Account, own_account
from payouts.money import Money
from payouts.rails import ProviderTransaction
from payouts.reconciliation.model import OrderBehind

TRANSFERS = {"transfer": -1, "transfer_refund": 1}
COLLECTIONS = {"charge": 1, "payment": 1, "payment_failure_refund": -1}
TOPUPS = {"topup": 1, "topup_reversal": -1}


async def find_order_behind(
    db: AsyncConnection, *, network_id: int, transaction: ProviderTransaction
) -> OrderBehind | None:
    """Find the payout, collection or top-up that a movement carries out; changes nothing."""
    if transaction.type in TRANSFERS and transaction.source:
        return await _transfer(db, network_id, transaction)
    if transaction.type in COLLECTIONS and transaction.payment_intent:
        return await _collection(db, network_id, transaction)
    if transaction.type in TOPUPS and transaction.source:
        return await _topup(db, network_id, transaction)
    return None


async def _transfer(
    db: AsyncConnection, network_id: int, transaction: ProviderTransaction
) -> OrderBehind | None:
    assert transaction.source is not None
    own = await find_owner_of_transfer(db, network_id=network_id, transfer_id=transaction.source)
    if own is None and transaction.transfer is not None:
        # A reversal may be seen here before it is recorded; its transfer tells whose it is.
        own = await find_owner_of_transfer(
            db, network_id=network_id, transfer_id=transaction.transfer
        )
    if own is None:
        return None
    payouts = await read_payouts(db, network_id=network_id, payout_ids=[own.payout_id])
    kind = "member_payout_clearing" if own.kind == "cashback" else "transfer_clearing"
    ordered = payouts[own.payout_id].amount
    return _behind(own.payout_id, kind, str(own.owner_id), ordered, TRANSFERS[transaction.type])


async def _collection(
    db: AsyncConnection, network_id: int, transaction: ProviderTransaction
) -> OrderBehind | None:
    assert transaction.payment_intent is not None
    found = await find_collection_of_payment_intent(
        db, network_id=network_id, payment_intent_id=transaction.payment_intent
    )
    if found is None:
        return None
    collection_id, partner_id = found
    read = await read_collections(db, network_id=network_id, collection_ids=[collection_id])
    ordered = read[collection_id].amount
    sign = COLLECTIONS[transaction.type]
    return _behind(collection_id, "settle_recv", str(partner_id), ordered, sign)


async def _topup(
    db: AsyncConnection, network_id: int, transaction: ProviderTransaction
) -> OrderBehind | None:
    assert transaction.source is not None
    topup_id = await find_topup(db, network_id=network_id, provider_topup_id=transaction.source)
    if topup_id is None:
        return None
    read = await read_topups(db, network_id=network_id, topup_ids=[topup_id])
    ordered = read[topup_id].amount
    counter = own_account("cash_in_transit", ordered.currency)
    return OrderBehind(topup_id, counter, ordered if TOPUPS[transaction.type] > 0 else -ordered)


def _behind(order_id: UUID, kind: str, owner_id: str, amount: Money, sign: int) -> OrderBehind:
    ordered = amount if sign > 0 else -amount
    return OrderBehind(order_id, Account(kind, owner_id, amount.currency), ordered)
