"""Serves the Stripe double on loopback."""

import argparse
import os
import socket
import sys
from pathlib import Path

import uvicorn

from api.clock import Clock
from api.doubles.stripe_app import create_app


def _announce(port: int, port_file: Path | None) -> None:
    sys.stdout.write(f"stripe double: http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    if port_file is not None:
        # Whoever waits for the file must never read half a number.
        draft = port_file.with_name(port_file.name + ".draft")
        draft.write_text(str(port))
        os.replace(draft, port_file)


def main(
    port: int,
    folder: Path,
    webhook_url: str | None,
    webhook_secret: str,
    clock_file: Path | None = None,
    port_file: Path | None = None,
) -> None:
    """Serve the double until it is told to stop; prints its address once it listens."""
    app = create_app(
        folder, webhook_url=webhook_url, webhook_secret=webhook_secret, clock=Clock(clock_file)
    )
    # Named TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    _announce(listener.getsockname()[1], port_file)
    # A cut connection is a fault that was asked for; uvicorn would report it as an error.
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, ws="none", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[listener])


def run_stripe_double(args: argparse.Namespace) -> int:
    """Serve the double as `mizan doubles stripe` asks."""
    main(
        args.port,
        args.folder,
        args.webhook_url,
        args.webhook_secret,
        args.clock_file,
        args.port_file,
    )
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the double on a parser."""
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--webhook-url")
    parser.add_argument("--webhook-secret", default="whsec_double")
    parser.add_argument("--clock-file", type=Path)
    parser.add_argument("--port-file", type=Path)


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(prog="stripe_double")
    add_arguments(_parser)
    run_stripe_double(_parser.parse_args())
