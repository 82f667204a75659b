"""Running an asynchronous command so that a signal ends it tidily."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable

import uvloop

Work = Callable[[asyncio.Event], Awaitable[int]]

_CONTAINERS_BETWEEN = 50_000
_YOUNG_BETWEEN_OLDER = 20


def collect_seldom() -> None:
    """Leave all that is loaded by now out of garbage collections, and make the others seldom.

    Values of a request or a row are let go by their last reference; to look for cycles among them
    after every 700 took a third of the processor time of a busy desk.
    """
    gc.freeze()
    gc.set_threshold(_CONTAINERS_BETWEEN, _YOUNG_BETWEEN_OLDER, _YOUNG_BETWEEN_OLDER)


def run_until_told(work: Work) -> int:
    """Run `work(stop)`; SIGTERM and SIGINT set `stop`, a second one cancels what still runs.

    The default actions would end the process with PostgreSQL left running.
    """
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_listening(work))


async def _listening(work: Work) -> int:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    task = asyncio.ensure_future(work(stop))

    def told() -> None:
        if stop.is_set():
            task.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    try:
        return await task
    except asyncio.CancelledError:
        return 130
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
