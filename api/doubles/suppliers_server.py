"""Serves the doubles of all suppliers on loopback, each under its name."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from api.clock import Clock
from api.doubles import (
    feed_app,
    graphql_app,
    order_events,
    reloadly_app,
    tango_app,
    tremendous_app,
    xoxoday_app,
    xoxoday_shop,
)
from api.http.listener import announce_port, listen
from api.settings import SupplierSettings

CLIENT_ID, CLIENT_SECRET = reloadly_app.CLIENT_ID, reloadly_app.CLIENT_SECRET

DOUBLES: Mapping[str, Callable[[Path, Clock], Starlette]] = {
    "reloadly": reloadly_app.create_app,
    "xoxoday": xoxoday_app.create_app,
    "tango": tango_app.create_app,
    "tremendous": tremendous_app.create_app,
    "feed": feed_app.create_app,
    "graphql": graphql_app.create_app,
}
"""What builds each double, over a folder that holds its state."""
WEBHOOK_SECRETS: Mapping[str, tuple[str, ...]] = {
    "xoxoday": (xoxoday_shop.WEBHOOK_KEY,),
    "tango": (order_events.WEBHOOK_SECRET,),
    "tremendous": (order_events.WEBHOOK_SECRET,),
}
"""What the messages of each double are authentic by."""


def create_app(folder: Path, clock: Clock) -> Starlette:
    """Build the doubles of all suppliers, each with a folder of its own."""
    routes = [Mount(f"/{name}", build(folder / name, clock)) for name, build in DOUBLES.items()]
    return Starlette(routes=[Route("/_control", show_names), *routes])


def account_at(name: str, url: str) -> SupplierSettings:
    """Tell who we are at a double that listens at an address."""
    secrets = WEBHOOK_SECRETS.get(name, ())
    return SupplierSettings(CLIENT_ID, CLIENT_SECRET, url, url, webhook_secrets=secrets)


async def show_names(request: Request) -> Response:
    """Tell who is played here."""
    return JSONResponse({"suppliers": sorted(DOUBLES)})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what serving takes."""
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--clock-file", type=Path)
    parser.add_argument("--port-file", type=Path)


def run_suppliers_double(args: argparse.Namespace) -> int:
    """Serve until told to stop; prints the address once it listens."""
    app = create_app(args.folder, Clock(args.clock_file))
    listener = listen(args.port)
    port = announce_port(listener, args.port_file)
    sys.stdout.write(f"suppliers double: http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, ws="none", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[listener])
    return 0
