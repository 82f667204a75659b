"""Reading what moved the balance at the payment provider into the books, each movement once.

The account at the provider belongs to the installation and serves all its networks. Its movements
are read in one stream with one cursor; each goes to the network for which its object (transfer,
payment intent, top-up) was made. One that no order names waits, without its amount, on a list of
the platform: in an installation with a single network it is that network's; else whoever runs the
installation decides.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.world import World
from payouts.disbursement import find_network_of_object
from payouts.ledger import list_books
from payouts.rails import ProviderRefused, ProviderTransaction
from payouts.reconciliation import (
    PLACING_GRACE,
    TRANSIT_TYPES,
    forget_unplaced_transaction,
    list_unplaced,
    match_bank_entries,
    move_provider_cursor,
    note_unplaced_transaction,
    place_unplaced_transaction,
    read_provider_cursor,
    record_provider_transaction,
)

ACTOR = "worker:balance-transactions"
OVERLAP = timedelta(seconds=60)
"""Movements may appear a little later than they say; what was read already changes nothing."""
PAGES_MAX = 10_000
NETWORK_MARK = "network"
"""The metadata by which an object at the provider says that we made it."""


async def run_balance_transactions(world: World, network_id: int) -> int:
    """Take in new movements of the provider's balance; tells how many were booked.

    The stream is one for all networks, so which network asks makes no difference.
    """
    del network_id
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        cursor = await read_provider_cursor(db)
    placed = await _place_waiting(world)
    waiting = {one.transaction_id: one.network_id for one in placed}
    oldest = min((one.occurred_at for one in placed), default=None)
    since = None if cursor is None else cursor - OVERLAP
    start = min(since, oldest) if since and oldest else since
    booked, newest, transit = 0, cursor, set[int]()
    async for transaction in _movements(world, start):
        newest = max(newest or transaction.created, transaction.created)
        if since and transaction.created < since and transaction.id not in waiting:
            continue
        place = waiting.get(transaction.id) or await _network_of(world, transaction)
        if place is None:
            continue
        booked += await _record(world, place, transaction, was_waiting=transaction.id in waiting)
        if transaction.type in TRANSIT_TYPES:
            transit.add(place)
    for place in sorted(transit):
        async with world.database.writing(place) as db:
            await match_bank_entries(db, network_id=place, actor=ACTOR, now=world.clock.now())
    if newest is not None and newest != cursor:
        async with world.database.writing(PLATFORM_NETWORK_ID) as db:
            await move_provider_cursor(db, read_to_at=newest, now=world.clock.now())
    return booked


@dataclass(frozen=True, slots=True)
class _Placed:
    transaction_id: str
    network_id: int
    occurred_at: datetime


async def _place_waiting(world: World) -> list[_Placed]:
    """Find those waiting movements whose network is known by now."""
    placed = []
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        books = await list_books(db)
        for key, source, decided, occurred_at in await list_unplaced(db):
            network = decided
            if network is None and source is not None:
                network = await find_network_of_object(db, object_id=source)
            if network is None and len(books) == 1:
                is_late = world.clock.now() - occurred_at >= PLACING_GRACE
                network = books[0] if is_late else None
            if network is not None:
                placed.append(_Placed(key, network, occurred_at))
    return placed


async def _movements(world: World, since: datetime | None) -> AsyncIterator[ProviderTransaction]:
    """Read page after page, newest first."""
    last: str | None = None
    for _ in range(PAGES_MAX):
        page = await world.rail.list_balance_transactions(created_after=since, starting_after=last)
        for transaction in page.transactions:
            yield transaction
        if not page.has_more or not page.transactions:
            return
        last = page.transactions[-1].id


async def _network_of(world: World, transaction: ProviderTransaction) -> int | None:
    """Find whose movement it is; one that cannot be placed now is put on the waiting list."""
    named = (transaction.source, transaction.transfer, transaction.payment_intent)
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        for object_id in named:
            if object_id is None:
                continue
            network = await find_network_of_object(db, object_id=object_id)
            if network is not None:
                return network
        books = await list_books(db)
    if len(books) == 1 and not await _is_ours(world, transaction):
        return books[0]
    async with world.database.writing(PLATFORM_NETWORK_ID) as db:
        await note_unplaced_transaction(db, transaction=transaction, now=world.clock.now())
    return None


async def _is_ours(world: World, transaction: ProviderTransaction) -> bool:
    """Tell whether the object says that we made it, so that its order is about to be recorded."""
    try:
        if transaction.payment_intent is not None:
            intent = await world.rail.get_payment_intent(transaction.payment_intent)
            return NETWORK_MARK in intent.metadata
        if transaction.transfer is not None:
            transfer = await world.rail.get_transfer(transaction.transfer)
            return NETWORK_MARK in transfer.metadata
        if transaction.type == "topup" and transaction.source is not None:
            topup = await world.rail.get_topup(transaction.source)
            return NETWORK_MARK in topup.metadata
    except ProviderRefused:
        return False
    return False


async def _record(
    world: World, network_id: int, transaction: ProviderTransaction, *, was_waiting: bool
) -> int:
    world.crash("balance_transactions.read")
    async with world.database.writing(network_id) as db:
        is_new = await record_provider_transaction(
            db,
            network_id=network_id,
            transaction=transaction,
            actor=ACTOR,
            now=world.clock.now(),
        )
    world.crash("balance_transactions.recorded")
    if was_waiting:
        async with world.database.writing(PLATFORM_NETWORK_ID) as db:
            await forget_unplaced_transaction(db, transaction_id=transaction.id)
    return int(is_new)


async def place_transaction(world: World, network_id: int, transaction_id: str) -> bool:
    """Decide that a waiting movement belongs to a network; the next run books it there."""
    async with world.database.writing(PLATFORM_NETWORK_ID) as db:
        return await place_unplaced_transaction(
            db, network_id=network_id, transaction_id=transaction_id
        )
