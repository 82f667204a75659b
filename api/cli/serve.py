"""`mizan serve` and `mizan worker`."""

import argparse
import asyncio
import os
from dataclasses import replace
from socket import socket

from api.cli.process import open_process, serve_process, work_process
from api.cli.running import run_until_told
from api.cli.runtime import read_settings
from api.http.listener import listen
from api.logs import configure_logging
from api.settings import Settings

PORT = 8000


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan serve` and `mizan worker`."""
    serve = commands.add_parser("serve", help="serve the API and do due work")
    add_address(serve)
    serve.add_argument("--no-worker", action="store_true", help="leave due work to `mizan worker`")
    serve.set_defaults(run=_run_serve)
    worker = commands.add_parser("worker", help="do due work only")
    worker.set_defaults(run=lambda _: run_until_told(_work))


def add_address(parser: argparse.ArgumentParser) -> None:
    """Declare where a server listens."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT, help="0 lets the system pick one")


def settings_at(settings: Settings, url: str) -> Settings:
    """Let the issuer be the address we are served at, unless the environment names another."""
    return settings if os.environ.get("MIZAN_ISSUER") else replace(settings, issuer=url)


def _run_serve(arguments: argparse.Namespace) -> int:
    return run_until_told(lambda stop: _serve(arguments, stop))


async def _serve(arguments: argparse.Namespace, stop: asyncio.Event) -> int:
    configure_logging()
    with listen_at(arguments) as listener:
        url = url_of(arguments.host, listener.getsockname()[1])
        settings = settings_at(read_settings(), url)
        async with open_process(settings, webhooks=f"{url}/webhooks") as process:
            await serve_process(
                process,
                listener,
                stop=stop,
                has_worker=not arguments.no_worker,
                ready=lambda: print(f"Mizan serves at {url}", flush=True),
            )
    return 0


async def _work(stop: asyncio.Event) -> int:
    configure_logging()
    async with open_process(read_settings(), webhooks=None) as process:
        print("Mizan's worker works", flush=True)
        await work_process(process, stop=stop)
    return 0


class PortTaken(Exception):
    """Another program listens at the address; choose another --port."""


def listen_at(arguments: argparse.Namespace) -> socket:
    """Open the server's socket; raises PortTaken."""
    try:
        return listen(arguments.port, arguments.host)
    except OSError as failure:
        place = f"{arguments.host}:{arguments.port}"
        raise PortTaken(f"Cannot listen at {place} ({failure.strerror}); try --port 0.") from None


def url_of(host: str, port: int) -> str:
    """Write the address under which a process on this machine reaches the server."""
    is_any = host in ("0.0.0.0", "::")  # noqa: S104 compared, not bound
    return f"http://{'127.0.0.1' if is_any else host}:{port}"
