"""Taking due work and doing each piece of it, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from api.worker.world import World
from payouts.due import claim_due

BATCH = 32
AT_ONCE = 8
LEASE_SECONDS = 60

T = TypeVar("T")
U = TypeVar("U")


async def do_claimed(
    world: World,
    network_id: int,
    kind: str,
    do: Callable[[UUID], Awaitable[None]],
    *,
    lease_seconds: int = LEASE_SECONDS,
) -> int:
    """Lease a batch of due objects and do each; tells how many there were.

    The lease is committed before anything else, so that nobody holds a due row while waiting for
    the object itself. One that fails does not stop the others; its lease ends and it is due again.
    """
    claimed = await claim_batch(world, network_id, kind, lease_seconds=lease_seconds)
    raise_first(await do_each(claimed, do))
    return len(claimed)


async def claim_batch(
    world: World,
    network_id: int,
    kind: str,
    *,
    limit: int = BATCH,
    lease_seconds: int = LEASE_SECONDS,
) -> list[UUID]:
    """Lease some due objects, in a transaction of its own."""
    async with world.database.writing(network_id) as db:
        return await claim_due(
            db,
            network_id=network_id,
            kind=kind,
            limit=limit,
            lease_seconds=lease_seconds,
            now=world.clock.now(),
        )


async def do_each(
    all_of_them: Sequence[T],
    do: Callable[[T], Awaitable[U]],
    *,
    gate: asyncio.Semaphore | None = None,
) -> list[U | BaseException]:
    """Do something with each, a few at a time; gives the outcome of each in their order.

    A gate that is given is shared with who else was given it.
    """
    shared = gate or asyncio.Semaphore(AT_ONCE)

    async def one(it: T) -> U:
        async with shared:
            return await do(it)

    return await asyncio.gather(*(one(it) for it in all_of_them), return_exceptions=True)


def raise_first(outcomes: Iterable[object]) -> None:
    """Fail as the first of them failed, when all are done."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
