"""Reading what moved the balance at the payment provider into the books, each movement once.

The account at the provider belongs to the installation and serves all its networks. Its movements
are read in one stream with one cursor; each goes to the network for which its object (transfer,
payment intent, top-up) was made. One that no order names waits, without its amount, on a list of
the platform: in an installation with a single network it is that network's; else whoever runs the
installation decides.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.jobs.sweeping import SWEPT, heal_transfers
from api.worker.world import World
from payouts.disbursement import find_network_of_object, find_networks_of_objects
from payouts.ledger import list_books
from payouts.rails import ProviderRefused, ProviderTransaction, UnreadableTransaction
from payouts.reconciliation import (
    PLACING_GRACE,
    TRANSIT_TYPES,
    UNREADABLE,
    find_recorded_transactions,
    forget_unplaced_transaction,
    list_unplaced,
    list_waiting,
    match_bank_entries,
    move_provider_cursor,
    note_unplaced_transaction,
    note_unreadable_transaction,
    place_unplaced_transaction,
    read_provider_cursor,
    record_provider_transaction,
)

ACTOR = "worker:balance-transactions"
OVERLAP = timedelta(seconds=60)
"""Movements may appear a little later than they say; what was read already changes nothing."""
PAGES_MAX = 10_000
TAKEN_BACK = frozenset({"transfer_refund", "transfer_failure", "transfer_cancel"})
NETWORK_MARK = "network"
"""The metadata by which an object at the provider says that we made it."""

_log = structlog.get_logger("mizan.balance_transactions")
Page = tuple[ProviderTransaction, ...]


async def run_balance_transactions(world: World, network_id: int) -> int:
    """Take in new movements of the provider's balance; tells how many were booked.

    The stream is one for all networks, so which network asks makes no difference. It goes on where
    it was left, however long ago: a transfer of which money came back is read again here too.
    """
    del network_id
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        cursor = await read_provider_cursor(db)
    unreadable = await _unreadable(world)
    placed = await _place_waiting(world)
    waiting = {one.transaction_id: one.network_id for one in placed}
    oldest = min((one.occurred_at for one in placed), default=None)
    since = None if cursor is None else cursor - OVERLAP
    start = min(since, oldest) if since and oldest else since
    booked, newest, transit, read = 0, cursor, set[int](), list[ProviderTransaction]()
    async for transaction in _movements(world, start):
        newest = max(newest or transaction.created, transaction.created)
        if since and transaction.created < since and transaction.id not in waiting:
            continue
        place = waiting.get(transaction.id) or await _network_of(world, transaction)
        if place is None:
            continue
        is_new = await _record(
            world, place, transaction, was_waiting=transaction.id in waiting.keys() | unreadable
        )
        booked += is_new
        # Who died before the cursor was moved may have booked a movement and read no transfer.
        if is_new or cursor is None or transaction.created > cursor:
            read.append(transaction)
        if transaction.type in TRANSIT_TYPES:
            transit.add(place)
    await _match(world, transit)
    await heal_transfers(world, _taken_back(read))
    if newest is not None and newest != cursor:
        async with world.database.writing(PLATFORM_NETWORK_ID) as db:
            await move_provider_cursor(db, read_to_at=newest, now=world.clock.now())
    return booked


async def sweep_balance_transactions(world: World, network_id: int) -> int:
    """Take in movements of the last days that were passed over, because they were shown late.

    Transfers of which money came back are read again, however old they are. Which are in the books is asked in bulk; where none was missed nothing is written.
    """
    del network_id
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        if await read_provider_cursor(db) is None:
            return 0  # everything is about to be read anyway
    unreadable = await _unreadable(world)
    booked, transit, taken_back = 0, set[int](), set[str]()
    async for page in _pages(world, world.clock.now() - SWEPT):
        taken_back |= _taken_back(page)
        for transaction in await _missing(world, page):
            place = await _network_of(world, transaction)
            if place is None:
                continue
            booked += await _record(
                world, place, transaction, was_waiting=transaction.id in unreadable
            )
            if transaction.type in TRANSIT_TYPES:
                transit.add(place)
    await _match(world, transit)
    await heal_transfers(world, taken_back)
    if booked:
        _log.warning("movements had been passed over", booked=booked)
    return 0  # what cannot be placed waits on its list, and is no work that waits for a turn


def _taken_back(page: Iterable[ProviderTransaction]) -> set[str]:
    return {one.transfer for one in page if one.type in TAKEN_BACK and one.transfer}


async def _unreadable(world: World) -> set[str]:
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        waiting = await list_waiting(db)
    return {one.transaction_id for one in waiting if one.type.startswith(UNREADABLE)}


async def _missing(world: World, page: Page) -> list[ProviderTransaction]:
    """Keep those movements of a page that are in nobody's books and on no waiting list."""
    named = {one.id: (one.source, one.transfer, one.payment_intent) for one in page}
    objects = {object_id for three in named.values() for object_id in three if object_id}
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        owners = await find_networks_of_objects(db, object_ids=objects)
        known = {key for key, *_ in await list_unplaced(db)}
        books = await list_books(db)
    wanted: dict[int, set[str]] = {}
    for key, three in named.items():
        for place in {owners[object_id] for object_id in three if object_id in owners}:
            wanted.setdefault(place, set()).add(key)
    known |= await _recorded(world, wanted)
    # One without an order of ours, or whose order came late, may stand in any of the books.
    rest = set(named) - known
    known |= await _recorded(world, dict.fromkeys(books, rest) if rest else {})
    return [one for one in page if one.id not in known]


async def _recorded(world: World, wanted: Mapping[int, set[str]]) -> set[str]:
    found: set[str] = set()
    for place, keys in sorted(wanted.items()):
        async with world.database.reading(place) as db:
            found |= await find_recorded_transactions(db, network_id=place, transaction_ids=keys)
    return found


async def _match(world: World, places: set[int]) -> None:
    for place in sorted(places):
        async with world.database.writing(place) as db:
            await match_bank_entries(db, network_id=place, actor=ACTOR, now=world.clock.now())


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


async def _pages(world: World, since: datetime | None) -> AsyncIterator[Page]:
    """Read page after page, newest first."""
    last: str | None = None
    for _ in range(PAGES_MAX):
        page = await world.rail.list_balance_transactions(created_after=since, starting_after=last)
        for unreadable in page.unreadable:
            await _note_unreadable(world, unreadable)
        yield page.transactions
        if not page.has_more or page.last_id is None:
            return
        last = page.last_id


async def _note_unreadable(world: World, transaction: UnreadableTransaction) -> None:
    async with world.database.writing(PLATFORM_NETWORK_ID) as db:
        is_new = await note_unreadable_transaction(
            db, transaction=transaction, now=world.clock.now()
        )
    if is_new:
        _log.error("a movement cannot be read", transaction=transaction.id, type=transaction.type)


async def _movements(world: World, since: datetime | None) -> AsyncIterator[ProviderTransaction]:
    async for page in _pages(world, since):
        for transaction in page:
            yield transaction


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
