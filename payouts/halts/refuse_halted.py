"""Refusing what may not happen during a halt."""

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.halts.errors import Halted
from payouts.halts.queries import is_halted


async def refuse_halted(db: AsyncConnection, *, network_id: int) -> None:
    """Let nothing go on that pays out or delivers a code while the network is halted.

    Changes nothing. Raises Halted.
    """
    if await is_halted(db, network_id=network_id):
        raise Halted
