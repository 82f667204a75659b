"""Serves the Reloadly double on loopback."""

import argparse
import sys
from pathlib import Path

import uvicorn

from api.clock import Clock
from api.doubles.reloadly_app import create_app
from api.http.listener import announce_port, listen


def main(
    port: int,
    folder: Path,
    clock_file: Path | None = None,
    port_file: Path | None = None,
    catalogue_file: Path | None = None,
) -> None:
    """Serve the double until it is told to stop; prints its address once it listens."""
    catalogue = None if catalogue_file is None else catalogue_file.read_bytes()
    app = create_app(folder, Clock(clock_file), catalogue)
    listener = listen(port)
    sys.stdout.write(f"reloadly double: http://127.0.0.1:{announce_port(listener, port_file)}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, ws="none", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[listener])


def run_reloadly_double(args: argparse.Namespace) -> int:
    """Serve the double as `mizan doubles reloadly` asks."""
    main(args.port, args.folder, args.clock_file, args.port_file, args.catalogue_file)
    return 0
