"""Recording what the provider says of a payee."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import PayoutRail
from payouts.disbursement.model import (
    PAYEE_WAIT,
    PAYEE_WAIT_MAX,
    PAYEE_WATCHED,
    CollectionState,
    Payee,
    PayeeState,
    hash_destination,
)
from payouts.disbursement.offer_destination import offer_destination
from payouts.disbursement.point_payee import point_payee
from payouts.disbursement.queries import find_destination_policy, lock_payee, read_payees
from payouts.disbursement.tables import collection, payee
from payouts.disbursement.wake_payouts import wake_payouts
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

    Another bank behind it is a change of destination, which holds its payouts. What waited becomes
    due, with a new mandate also debits given up. Until all is told it is asked again, at last daily.
    """
    found = await lock_payee(db, network_id=network_id, payee_id=payee_id)
    if found is None or found.account_id not in (None, account.id):
        return None
    changes: dict[str, Any] = {
        "state": _state_of(found, account).value,
        "account_id": account.id,
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
    await _point(db, network_id, found, account, now)
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
        await wake_payouts(
            db,
            network_id=network_id,
            partner_id=after.partner_id,
            member_id=after.member_id,
            now=now,
        )
        await _wake_collections(db, network_id, after, now, is_new_mandate=is_new_mandate)
    return after


async def _point(
    db: AsyncConnection, network_id: int, found: Payee, account: ProviderAccount, now: datetime
) -> None:
    policy = await find_destination_policy(db, network_id=network_id)
    if policy is not None and policy.rail is PayoutRail.BANK_FILE:
        return  # what the provider says is not where this network's money goes
    to = hash_destination(account.id, account.bank)
    alone = hash_destination(account.id)
    if found.destination_hash == alone != to and found.offered_hash in (None, alone):
        # The first bank behind an account is where it was connected to, not another place.
        await point_payee(
            db, network_id=network_id, payee_id=found.payee_id, destination_hash=to, to=to
        )
    elif account.bank is not None or found.destination_hash is None:
        actor = f"payee:{found.payee_id}"  # whoever holds the account changes it at the provider
        await offer_destination(db, network_id=network_id, payee=found, to=to, actor=actor, now=now)


def _state_of(found: Payee, account: ProviderAccount) -> PayeeState:
    if account.transfers_active:
        return PayeeState.ACTIVE
    if found.state in (PayeeState.ACTIVE, PayeeState.RESTRICTED):
        return PayeeState.RESTRICTED
    return PayeeState.ONBOARDING


async def _wake_collections(
    db: AsyncConnection, network_id: int, after: Payee, now: datetime, *, is_new_mandate: bool
) -> None:
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
