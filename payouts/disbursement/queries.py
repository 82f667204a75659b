"""Reads of disbursement. Rows are locked here and nowhere else, each table in one function."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import (
    OPEN,
    ChangeState,
    DestinationChange,
    DestinationPolicy,
)
from payouts.disbursement.errors import DestinationChangeNotFound, PayeeNotFound, PayoutNotFound
from payouts.disbursement.given import any_of
from payouts.disbursement.model import (
    Attempt,
    Collection,
    CollectionAttempt,
    Payee,
    Payout,
    TopUp,
)
from payouts.disbursement.read_attempts import read_attempts
from payouts.disbursement.rows import (
    attempt_of,
    change_of,
    collection_attempt_of,
    collection_of,
    destination_policy_of,
    payee_of,
    payout_of,
    topup_of,
)
from payouts.disbursement.tables import (
    collection,
    collection_attempt,
    destination_change,
    destination_policy,
    payee,
    payout,
    payout_attempt,
    topup,
)
from payouts.money import Money


async def lock_payouts(
    db: AsyncConnection, *, network_id: int, payout_ids: Sequence[UUID]
) -> dict[UUID, Payout]:
    """Read payouts, in the order of their ids, and keep others from changing them."""
    rows = await db.execute(
        select(payout)
        .where(payout.c.network_id == network_id, payout.c.payout_id == any_of(payout_ids))
        .order_by(payout.c.payout_id)
        .with_for_update()
    )
    return {row.payout_id: payout_of(row) for row in rows}


async def lock_payout(db: AsyncConnection, *, network_id: int, payout_id: UUID) -> Payout:
    """Read a payout and keep others from changing it. Raises PayoutNotFound."""
    found = await lock_payouts(db, network_id=network_id, payout_ids=[payout_id])
    if payout_id not in found:
        raise PayoutNotFound
    return found[payout_id]


async def list_attempts(db: AsyncConnection, *, network_id: int, payout_id: UUID) -> list[Attempt]:
    """List the attempts of a payout, oldest first."""
    return (await read_attempts(db, network_id=network_id, payout_ids=[payout_id]))[payout_id]


async def find_attempt(db: AsyncConnection, *, network_id: int, attempt_id: UUID) -> Attempt | None:
    """Find an attempt of a payout."""
    row = await db.execute(
        select(payout_attempt).where(
            payout_attempt.c.network_id == network_id, payout_attempt.c.attempt_id == attempt_id
        )
    )
    found = row.one_or_none()
    return attempt_of(found) if found else None


async def lock_attempt(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID
) -> tuple[Payout, Attempt] | None:
    """Find an attempt with its payout and keep others from changing either."""
    found = await find_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None:
        return None
    locked = await lock_payout(db, network_id=network_id, payout_id=found.payout_id)
    again = await find_attempt(db, network_id=network_id, attempt_id=attempt_id)
    assert again is not None
    return locked, again


async def read_payouts(
    db: AsyncConnection, *, network_id: int, payout_ids: Sequence[UUID]
) -> dict[UUID, Payout]:
    """Read payouts by id."""
    rows = await db.execute(
        select(payout).where(payout.c.network_id == network_id, payout.c.payout_id.in_(payout_ids))
    )
    return {row.payout_id: payout_of(row) for row in rows}


async def get_payout(
    db: AsyncConnection, *, network_id: int, payout_id: UUID, owner_id: UUID | None = None
) -> Payout:
    """Read a payout; with `owner_id`, only that owner's. Raises PayoutNotFound."""
    found = await read_payouts(db, network_id=network_id, payout_ids=[payout_id])
    one = found.get(payout_id)
    if one is None or owner_id not in (None, one.owner_id):
        raise PayoutNotFound
    return one


def _in_period(
    query: Select[Any],
    network_id: int,
    span: tuple[datetime, datetime],
    states: Sequence[str],
    owners: tuple[UUID | None, UUID | None],
) -> Select[Any]:
    partner_id, member_id = owners
    query = query.where(
        payout.c.network_id == network_id,
        payout.c.created_at >= span[0],
        payout.c.created_at < span[1],
    )
    if states:
        query = query.where(payout.c.state.in_(states))
    if partner_id is not None:
        query = query.where(payout.c.partner_id == partner_id)
    if member_id is not None:
        query = query.where(payout.c.member_id == member_id)
    return query


async def list_payouts(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    limit: int,
    states: Sequence[str] = (),
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
    newest_first: bool = True,
) -> list[Payout]:
    """List the payouts made in a period; `after` and `before` are places around the page."""
    place = tuple_(payout.c.created_at, payout.c.payout_id)
    query = _in_period(select(payout), network_id, (since, until), states, (partner_id, member_id))
    if after is not None:
        query = query.where(place > tuple_(*after))
    if before is not None:
        query = query.where(place < tuple_(*before))
    order = (payout.c.created_at, payout.c.payout_id)
    query = query.order_by(*((one.desc() for one in order) if newest_first else order))
    return [payout_of(row) for row in await db.execute(query.limit(limit))]


async def total_payouts(
    db: AsyncConnection,
    *,
    network_id: int,
    since: datetime,
    until: datetime,
    states: Sequence[str] = (),
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
) -> list[tuple[int, Money]]:
    """Sum the payouts of a period per currency: how many, and how much."""
    columns = (payout.c.currency, func.count(), func.sum(payout.c.amount))
    query = _in_period(
        select(*columns), network_id, (since, until), states, (partner_id, member_id)
    )
    rows = await db.execute(query.group_by(payout.c.currency).order_by(payout.c.currency))
    return [(count, Money(int(amount), currency)) for currency, count, amount in rows]


async def list_cycle_payouts(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID
) -> list[Payout]:
    """List the payouts of a settlement cycle."""
    rows = await db.execute(
        select(payout)
        .where(payout.c.network_id == network_id, payout.c.cycle_id == cycle_id)
        .order_by(payout.c.partner_id, payout.c.currency)
    )
    return [payout_of(row) for row in rows]


async def list_cycle_collections(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID
) -> list[Collection]:
    """List the collections of a settlement cycle."""
    rows = await db.execute(
        select(collection)
        .where(collection.c.network_id == network_id, collection.c.cycle_id == cycle_id)
        .order_by(collection.c.partner_id, collection.c.currency)
    )
    return [collection_of(row) for row in rows]


async def read_collections(
    db: AsyncConnection, *, network_id: int, collection_ids: Sequence[UUID]
) -> dict[UUID, Collection]:
    """Read collections by id."""
    rows = await db.execute(
        select(collection).where(
            collection.c.network_id == network_id,
            collection.c.collection_id.in_(collection_ids),
        )
    )
    return {row.collection_id: collection_of(row) for row in rows}


async def lock_collection(
    db: AsyncConnection, *, network_id: int, collection_id: UUID
) -> Collection | None:
    """Find a collection and keep others from changing it."""
    row = await db.execute(
        select(collection)
        .where(collection.c.network_id == network_id, collection.c.collection_id == collection_id)
        .with_for_update()
    )
    found = row.one_or_none()
    return collection_of(found) if found else None


async def list_collection_attempts(
    db: AsyncConnection, *, network_id: int, collection_id: UUID
) -> list[CollectionAttempt]:
    """List the attempts of a collection, oldest first."""
    rows = await db.execute(
        select(collection_attempt)
        .where(
            collection_attempt.c.network_id == network_id,
            collection_attempt.c.collection_id == collection_id,
        )
        .order_by(collection_attempt.c.epoch)
    )
    return [collection_attempt_of(row) for row in rows]


async def lock_collection_attempt(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID
) -> tuple[Collection, CollectionAttempt] | None:
    """Find an attempt with its collection and keep others from changing either."""
    mine = select(collection_attempt).where(
        collection_attempt.c.network_id == network_id,
        collection_attempt.c.attempt_id == attempt_id,
    )
    found = (await db.execute(mine)).one_or_none()
    if found is None:
        return None
    locked = await lock_collection(db, network_id=network_id, collection_id=found.collection_id)
    assert locked is not None
    return locked, collection_attempt_of((await db.execute(mine)).one())


async def read_topups(
    db: AsyncConnection, *, network_id: int, topup_ids: Sequence[UUID]
) -> dict[UUID, TopUp]:
    """Read top-ups by id."""
    rows = await db.execute(
        select(topup).where(topup.c.network_id == network_id, topup.c.topup_id.in_(topup_ids))
    )
    return {row.topup_id: topup_of(row) for row in rows}


async def lock_topup(db: AsyncConnection, *, network_id: int, topup_id: UUID) -> TopUp | None:
    """Find a top-up and keep others from changing it."""
    row = await db.execute(
        select(topup)
        .where(topup.c.network_id == network_id, topup.c.topup_id == topup_id)
        .with_for_update()
    )
    found = row.one_or_none()
    return topup_of(found) if found else None


async def lock_payee(db: AsyncConnection, *, network_id: int, payee_id: UUID) -> Payee | None:
    """Find a payee and keep others from changing it."""
    row = await db.execute(
        select(payee)
        .where(payee.c.network_id == network_id, payee.c.payee_id == payee_id)
        .with_for_update()
    )
    found = row.one_or_none()
    return payee_of(found) if found else None


async def read_payees(
    db: AsyncConnection, *, network_id: int, payee_ids: Sequence[UUID]
) -> dict[UUID, Payee]:
    """Read payees by id."""
    rows = await db.execute(
        select(payee).where(payee.c.network_id == network_id, payee.c.payee_id.in_(payee_ids))
    )
    return {row.payee_id: payee_of(row) for row in rows}


async def get_payee(db: AsyncConnection, *, network_id: int, payee_id: UUID) -> Payee:
    """Read a payee. Raises PayeeNotFound."""
    found = await read_payees(db, network_id=network_id, payee_ids=[payee_id])
    if payee_id not in found:
        raise PayeeNotFound
    return found[payee_id]


async def find_payee_of(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
) -> Payee | None:
    """Find the payee of a partner or of a member."""
    own = payee.c.partner_id == partner_id if partner_id else payee.c.member_id == member_id
    row = await db.execute(select(payee).where(payee.c.network_id == network_id, own))
    found = row.one_or_none()
    return payee_of(found) if found else None


async def lock_change(
    db: AsyncConnection, *, network_id: int, change_id: UUID
) -> DestinationChange:
    """Read a change of destination and keep others from it. Raises DestinationChangeNotFound."""
    row = await db.execute(
        select(destination_change)
        .where(
            destination_change.c.network_id == network_id,
            destination_change.c.change_id == change_id,
        )
        .with_for_update()
    )
    found = row.one_or_none()
    if found is None:
        raise DestinationChangeNotFound
    return change_of(found)


async def find_change(
    db: AsyncConnection, *, network_id: int, payee_id: UUID, is_open: bool
) -> DestinationChange | None:
    """Find the change of a payee that is open, or the last that came into force."""
    states = [one.value for one in OPEN] if is_open else [ChangeState.IN_FORCE.value]
    row = await db.execute(
        select(destination_change)
        .where(
            destination_change.c.network_id == network_id,
            destination_change.c.payee_id == payee_id,
            destination_change.c.state.in_(states),
        )
        .order_by(destination_change.c.in_force_at.desc())
        .limit(1)
    )
    found = row.one_or_none()
    return change_of(found) if found else None


async def find_destination_policy(
    db: AsyncConnection, *, network_id: int, policy_id: UUID | None = None
) -> DestinationPolicy | None:
    """Find the policy of destinations that is in force, or one by its id."""
    query = select(destination_policy).where(destination_policy.c.network_id == network_id)
    if policy_id is not None:
        query = query.where(destination_policy.c.policy_id == policy_id)
    row = await db.execute(query.order_by(destination_policy.c.policy_id.desc()).limit(1))
    found = row.one_or_none()
    return destination_policy_of(found) if found else None
