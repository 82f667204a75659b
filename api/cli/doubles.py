"""`mizan doubles`: the outside world on this machine, for whoever has no keys to the real one."""

import argparse
from collections.abc import Callable
from pathlib import Path

from api.doubles import reloadly_server, stripe_server, suppliers_server


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan doubles stripe|suppliers|reloadly`."""
    doubles = commands.add_parser("doubles", help="serve a stand-in for an outside party")
    which = doubles.add_subparsers(required=True, metavar="NAME")
    stripe = which.add_parser("stripe", help="Stripe, with state, webhooks and faults")
    stripe_server.add_arguments(stripe)
    stripe.set_defaults(run=_quietly(stripe_server.run_stripe_double))
    suppliers = which.add_parser("suppliers", help="all suppliers, each under its name")
    suppliers_server.add_arguments(suppliers)
    suppliers.set_defaults(run=_quietly(suppliers_server.run_suppliers_double))
    reloadly = which.add_parser("reloadly", help="Reloadly's gift card API")
    reloadly.add_argument("--port", type=int, default=0)
    reloadly.add_argument("--folder", type=Path, required=True)
    reloadly.add_argument("--clock-file", type=Path)
    reloadly.add_argument("--port-file", type=Path)
    reloadly.add_argument("--catalogue-file", type=Path)
    reloadly.set_defaults(run=_quietly(reloadly_server.run_reloadly_double))


def _quietly(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def quiet(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except KeyboardInterrupt:
            return 0

    return quiet
