"""Sweeping up what lost messages left behind.

What the provider did in the last three days is listed and compared, in bulk, with what is written
down; only what differs is recorded, by the same use cases that messages lead to. So it may be done
at any time and any number of times, and where nothing was lost nothing is written.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.jobs.marks import by_network
from api.worker.jobs.payees import refresh_payee
from api.worker.world import World
from payouts.disbursement import (
    find_untold_accounts,
    find_untold_intents,
    find_untold_payouts,
    find_untold_topups,
    find_untold_transfers,
    list_paid_accounts,
    record_payment_intent,
    record_provider_payout,
    record_topup,
    record_transfer,
)
from payouts.ledger import list_books
from payouts.rails import ObjectPage, ProviderRefused, ProviderTransfer

SWEPT = timedelta(hours=72)
"""How far back: the provider gives a message up after about as long."""
ACCOUNTS_AT_ONCE = 8
ACCOUNTS_PAGE = 200
PAGES_MAX = 10_000

_log = structlog.get_logger("mizan.sweeping")
_Page = Callable[..., Awaitable[ObjectPage[Any]]]
_Find = Callable[..., Awaitable[list[tuple[UUID, Any]]]]
_Record = Callable[[int, UUID, Any], Awaitable[None]]


async def sweep_transfers(world: World, network_id: int) -> int:
    """Write down transfers that were made or taken back, and whose message was lost."""
    del network_id
    found = 0
    async for objects in _pages(world, world.rail.list_transfers):
        found += await _heal_transfers(world, objects)
    return _tell("transfer", found)


async def heal_transfers(world: World, transfer_ids: Collection[str]) -> None:
    """Read transfers again, however old, and write down what no message told of them."""
    read = []
    for transfer_id in sorted(transfer_ids):
        with suppress(ProviderRefused):  # what the provider does not show us has no news
            read.append(await world.rail.get_transfer(transfer_id))
    _tell("transfer", await _heal_transfers(world, read))


async def _heal_transfers(world: World, transfers: Iterable[ProviderTransfer]) -> int:
    async def record(of: int, attempt_id: UUID, transfer: Any) -> None:
        async with world.database.writing(of) as db:
            await record_transfer(
                db,
                network_id=of,
                attempt_id=attempt_id,
                transfer=transfer,
                now=world.clock.now(),
            )

    return await _heal(world, by_network(transfers, "attempt"), find_untold_transfers, record)


async def sweep_intents(world: World, network_id: int) -> int:
    """Write down how debits ended whose message was lost."""
    del network_id

    async def record(of: int, attempt_id: UUID, intent: Any) -> None:
        async with world.database.writing(of) as db:
            await record_payment_intent(
                db, network_id=of, attempt_id=attempt_id, intent=intent, now=world.clock.now()
            )

    found = 0
    async for objects in _pages(world, world.rail.list_payment_intents):
        found += await _heal(world, by_network(objects, "attempt"), find_untold_intents, record)
    return _tell("payment_intent", found)


async def sweep_topups(world: World, network_id: int) -> int:
    """Write down how top-ups ended whose message was lost."""
    del network_id

    async def record(of: int, topup_id: UUID, topup: Any) -> None:
        async with world.database.writing(of) as db:
            await record_topup(
                db,
                network_id=of,
                topup_id=topup_id,
                provider_topup=topup,
                now=world.clock.now(),
            )

    objects = await world.rail.find_topups(created_after=world.clock.now() - SWEPT)
    found = await _heal(world, by_network(objects, "topup"), find_untold_topups, record)
    return _tell("topup", found)


async def sweep_accounts(world: World, network_id: int) -> int:
    """Ask again for payees whose accounts stand otherwise than is written down."""
    del network_id

    async def record(of: int, payee_id: UUID, _: Any) -> None:
        await refresh_payee(world, of, payee_id)

    found = 0
    async for objects in _pages(world, world.rail.list_accounts):
        found += await _heal(world, by_network(objects, "payee"), find_untold_accounts, record)
    return _tell("account", found)


async def sweep_payouts(world: World, network_id: int) -> int:
    """Write down how payouts fare at the banks of payees, whose message was lost.

    The provider lists payouts of one account at a time: those are asked from which we paid.
    """
    del network_id
    since = world.clock.now() - SWEPT
    async with world.database.reading(PLATFORM_NETWORK_ID) as db:
        books = await list_books(db)
    found = 0
    for of in books:
        after = ""
        while True:
            async with world.database.reading(of) as db:
                accounts = await list_paid_accounts(
                    db, network_id=of, since=since, after=after, limit=ACCOUNTS_PAGE
                )
            for start in range(0, len(accounts), ACCOUNTS_AT_ONCE):
                some = accounts[start : start + ACCOUNTS_AT_ONCE]
                found += sum(await asyncio.gather(*(_sweep_bank(world, of, one) for one in some)))
            if len(accounts) < ACCOUNTS_PAGE:
                break
            after = accounts[-1]
    return _tell("payout", found)


async def _sweep_bank(world: World, of: int, account_id: str) -> int:
    try:
        listed = await world.rail.list_payouts(account_id, created_after=world.clock.now() - SWEPT)
    except ProviderRefused:
        return 0  # an account that the provider does not show us any more has no news
    marked = by_network(listed, "attempt").get(of, [])
    if not marked:
        return 0
    async with world.database.reading(of) as db:
        untold = await find_untold_payouts(db, network_id=of, account_id=account_id, marked=marked)
    for attempt_id, found in untold:
        async with world.database.writing(of) as db:
            await record_provider_payout(
                db,
                network_id=of,
                attempt_id=attempt_id,
                account_id=account_id,
                provider_payout=found,
                now=world.clock.now(),
            )
    return len(untold)


async def _pages(world: World, read: _Page) -> AsyncIterator[tuple[Any, ...]]:
    """Read page after page of the last days, newest first."""
    since = world.clock.now() - SWEPT
    last: str | None = None
    for _ in range(PAGES_MAX):
        page = await read(created_after=since, starting_after=last)
        yield page.objects
        if not page.has_more or not page.objects:
            return
        last = page.objects[-1].id


async def _heal(
    world: World, marked: dict[int, list[tuple[UUID, Any]]], find: _Find, record: _Record
) -> int:
    """Record what differs, each in a transaction of its own; tells how much did."""
    found = 0
    for of in sorted(marked):
        async with world.database.reading(of) as db:
            untold = await find(db, network_id=of, marked=marked[of])
        for order_id, one in untold:
            await record(of, order_id, one)
        found += len(untold)
    return found


def _tell(kind: str, found: int) -> int:
    if found:
        _log.warning("no message told what the sweep found", kind=kind, found=found)
    # What is left untold stays so until the next round: it is no work that waits for a turn.
    return 0
