"""Recording what the provider says of a payee."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import (
    PAYEE_WAIT,
    PAYEE_WAIT_MAX,
    PAYEE_WATCHED,
    CollectionState,
    Payee,
    PayeeState,
    PayoutState,
    hash_destination,
)
from payouts.disbursement.queries import lock_payee, read_payees
from payouts.disbursement.tables import collection, payee, payout
from payouts.due import announce_due, clear_due
from payouts.rails import OnboardingLink, ProviderAccount


async def record_payee(
    db: AsyncConnection,
    *,
    network_id: int,
    payee_id: UUID,
    account: ProviderAccount,
    customer_id: str | None,
    payment_method_id: str | None,
    link: OnboardingLink | None,
    now: datetime,
) -> Payee | None:
    """Write down the account, page and debit mandate of a payee, and whether it can be paid.

    What waited for the payee becomes due, and with a new mandate also the debits that were given
    up. Until the provider has nothing more to tell it is asked again, after some weeks once a day.
    """
    found = await lock_payee(db, network_id=network_id, payee_id=payee_id)
    if found is None or found.account_id not in (None, account.id):
        return None
    changes: dict[str, Any] = {
        "state": _state_of(found, account).value,
        "account_id": account.id,
        "destination_hash": hash_destination(account.id),
        "requirements": json.dumps(list(account.requirements)[:50]),
        "refreshed_at": now,
        "customer_id": customer_id or found.customer_id,
        "payment_method_id": payment_method_id or found.payment_method_id,
    }
    if link is not None:
        changes |= {"onboarding_url": link.url, "onboarding_expires_at": link.expires_at}
    elif account.transfers_active:
        changes |= {"onboarding_url": None, "onboarding_expires_at": None}
    await db.execute(
        update(payee)
        .where(payee.c.network_id == network_id, payee.c.payee_id == payee_id)
        .values(**changes)
    )
    after = (await read_payees(db, network_id=network_id, payee_ids=[payee_id]))[payee_id]
    if after.is_complete:
        await clear_due(db, network_id=network_id, kind="payee.refresh", due_id=payee_id)
    else:
        is_young = now - after.created_at <= PAYEE_WATCHED
        await announce_due(
            db,
            network_id=network_id,
            kind="payee.refresh",
            due_id=payee_id,
            due_at=now + (PAYEE_WAIT if is_young else PAYEE_WAIT_MAX),
        )
    is_new_mandate = after.payment_method_id != found.payment_method_id
    if after.state is not found.state or is_new_mandate:
        await _wake(db, network_id, after, now, is_new_mandate=is_new_mandate)
    return after


def _state_of(found: Payee, account: ProviderAccount) -> PayeeState:
    if account.transfers_active:
        return PayeeState.ACTIVE
    if found.state in (PayeeState.ACTIVE, PayeeState.RESTRICTED):
        return PayeeState.RESTRICTED
    return PayeeState.ONBOARDING


async def _wake(
    db: AsyncConnection, network_id: int, after: Payee, now: datetime, *, is_new_mandate: bool
) -> None:
    own = (
        payout.c.member_id == after.member_id
        if after.member_id
        else payout.c.partner_id == after.partner_id
    )
    waiting = await db.execute(
        select(payout.c.payout_id).where(
            payout.c.network_id == network_id,
            own,
            payout.c.state == PayoutState.SCHEDULED.value,
        )
    )
    for payout_id in waiting.scalars():
        await announce_due(
            db, network_id=network_id, kind="payout.submit", due_id=payout_id, due_at=now
        )
    if after.partner_id is None or after.payment_method_id is None:
        return
    states = [CollectionState.SCHEDULED.value]
    if is_new_mandate:
        states.append(CollectionState.FAILED.value)
    uncollected = await db.execute(
        select(collection.c.collection_id).where(
            collection.c.network_id == network_id,
            collection.c.partner_id == after.partner_id,
            collection.c.state.in_(states),
        )
    )
    for collection_id in uncollected.scalars():
        await announce_due(
            db, network_id=network_id, kind="collection.submit", due_id=collection_id, due_at=now
        )
