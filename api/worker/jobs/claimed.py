"""Taking due work and doing each piece of it, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from api.worker.world import World
from payouts.due import claim_due

BATCH = 32
AT_ONCE = 8
LEASE_SECONDS = 60


async def do_claimed(
    world: World, network_id: int, kind: str, do: Callable[[UUID], Awaitable[None]]
) -> int:
    """Lease a batch of due objects and do each; tells how many there were.

    The lease is committed before anything else, so that nobody holds a due row while waiting for
    the object itself. One that fails does not stop the others; its lease ends and it is due again.
    """
    async with world.database.writing(network_id) as db:
        claimed = await claim_due(
            db,
            network_id=network_id,
            kind=kind,
            limit=BATCH,
            lease_seconds=LEASE_SECONDS,
            now=world.clock.now(),
        )
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(due_id: UUID) -> None:
        async with gate:
            await do(due_id)

    outcomes = await asyncio.gather(*(one(due_id) for due_id in claimed), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return len(claimed)
