"""Serves the Stripe double on loopback."""

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from api.clock import Clock
from api.doubles.stripe_app import create_app
from api.http.listener import announce_port, listen


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
    listener = listen(port)
    sys.stdout.write(f"stripe double: http://127.0.0.1:{announce_port(listener, port_file)}\n")
    sys.stdout.flush()
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
    secret = os.environ.get("MIZAN_DOUBLE_WEBHOOK_SECRET", "whsec_double")
    parser.add_argument("--webhook-secret", default=secret)
    parser.add_argument("--clock-file", type=Path)
    parser.add_argument("--port-file", type=Path)


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(prog="stripe_double")
    add_arguments(_parser)
    run_stripe_double(_parser.parse_args())
