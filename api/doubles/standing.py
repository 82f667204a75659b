"""Serves a double in this process for as long as somebody needs it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from api.http.listener import listen

STOP_SECONDS_MAX = 5.0


@contextmanager
def standing(app: Starlette) -> Iterator[str]:
    """Serve an application on loopback in a thread of its own; gives its address."""
    listener = listen(0)
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)

    def serve() -> None:
        asyncio.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=STOP_SECONDS_MAX)
        listener.close()
