"""Halting and lifting by hand, and what is open."""

from api.database.transaction import Database
from payouts.halts import Halt, lift_halt, list_open_halts, open_halt
from tests.conftest import NOW

INVARIANT = "balance_floors"


async def halt(database: Database, network_id: int, invariant: str = INVARIANT) -> Halt:
    async with database.writing(0) as db:
        made = await open_halt(db, network_id=network_id, invariant=invariant, breaches=2, now=NOW)
    assert made is not None
    return made


async def opened(database: Database) -> list[Halt]:
    async with database.reading(0) as db:
        return await list_open_halts(db)


async def lift_all(database: Database) -> None:
    for one in await opened(database):
        async with database.writing(one.network_id) as db:
            await lift_halt(
                db,
                network_id=one.network_id,
                halt_id=one.halt_id,
                actor="staff:said",
                reason="mended",
                now=NOW,
            )
