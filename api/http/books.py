"""Whether the books stand, for readiness and for the figures."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from payouts.halts import Halt, list_open_halts

DATABASE_SECONDS_MAX = 3.0
OpenHalts = Callable[[], Awaitable[list[Halt] | None]]
_log = structlog.get_logger("mizan.books")


def open_halts_of(database: Database) -> OpenHalts:
    """Make the question for the open halts of every network; None when nobody can tell."""

    async def ask() -> list[Halt] | None:
        try:
            async with (
                asyncio.timeout(DATABASE_SECONDS_MAX),
                database.reading(PLATFORM_NETWORK_ID) as db,
            ):
                return await list_open_halts(db)
        except (SQLAlchemyError, OSError, TimeoutError) as failure:
            _log.warning("halts cannot be read", failure=type(failure).__name__)
            return None

    return ask
