"""Asking the database again and again, for those who follow something."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from api.group_commit import is_passing

FAILURES_MAX = 10
"""So many times in a row the database may not answer before those who follow are told."""
_log = structlog.get_logger("mizan.polling")


async def keep_asking(
    turn: Callable[[], Awaitable[float | None]],
    stop: asyncio.Event,
    *,
    pause_seconds: float,
    what: str,
) -> None:
    """Take turns until one gives None or `stop` is set; each gives the pause before the next.

    Raises what a turn raises, if that does not pass, or has not passed after FAILURES_MAX turns.
    """
    clock = asyncio.get_running_loop().time
    failures = 0
    while not stop.is_set():
        began = clock()
        try:
            pause, failures = await turn(), 0
        except Exception as error:
            failures += 1
            if failures == FAILURES_MAX or not is_passing(error):
                raise
            _log.warning("not read", what=what, error=type(error).__name__)
            pause = max(pause_seconds, clock() - began)
        if pause is None:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
