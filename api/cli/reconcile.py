"""`mizan reconcile`: bank statements too large for the API, and movements of nobody's order."""

import argparse
import sys
from pathlib import Path

from api.cli.networks import choose_network
from api.cli.running import run_until_told
from api.cli.runtime import open_runtime, read_settings
from api.database.transaction import PLATFORM_NETWORK_ID
from payouts.reconciliation import (
    import_bank_statement,
    list_waiting,
    place_unplaced_transaction,
)
from payouts.refusal import Refusal

ACTOR = "staff:command-line"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan reconcile import`, `waiting` and `place`."""
    reconcile = commands.add_parser("reconcile", help="what the bank and the provider say")
    what = reconcile.add_subparsers(required=True, metavar="ACTION")
    load = what.add_parser("import", help="take in a bank statement (camt.053)")
    load.add_argument("file", type=Path)
    load.set_defaults(run=lambda arguments: run_until_told(lambda _: _import(arguments)))
    waiting = what.add_parser("waiting", help="list the provider's movements that are in no books")
    waiting.set_defaults(run=lambda _: run_until_told(lambda _: _list_waiting()))
    place = what.add_parser("place", help="decide whose a movement is that no order names")
    place.add_argument("transaction", help="the provider's id of it, such as txn_…")
    place.set_defaults(run=lambda arguments: run_until_told(lambda _: _place(arguments)))
    for one in (load, place):
        one.add_argument("--network", help="id or slug; not needed when there is only one")


async def _import(arguments: argparse.Namespace) -> int:
    try:
        content = arguments.file.read_bytes()
    except OSError as error:
        print(f"mizan: {arguments.file}: {error.strerror}", file=sys.stderr)
        return 1
    async with open_runtime(read_settings()) as runtime:
        network = await choose_network(runtime.database, arguments.network)
        try:
            async with runtime.database.writing(network.network_id) as db:
                taken = await import_bank_statement(
                    db,
                    network_id=network.network_id,
                    content=content,
                    actor=ACTOR,
                    now=runtime.clock.now(),
                )
        except Refusal as refusal:
            print(f"mizan: {refusal.message.format_map(refusal.facts)}", file=sys.stderr)
            return 1
    print(f"{len(taken)} statements taken in")
    return 0


async def _list_waiting() -> int:
    async with (
        open_runtime(read_settings()) as runtime,
        runtime.database.reading(PLATFORM_NETWORK_ID) as db,
    ):
        found = await list_waiting(db)
    for one in found:
        place = "" if one.network_id is None else f" for network {one.network_id}"
        print(f"{one.transaction_id} {one.occurred_at.isoformat()} {one.type}{place}")
    print(f"{len(found)} movements wait")
    return 0


async def _place(arguments: argparse.Namespace) -> int:
    async with open_runtime(read_settings()) as runtime:
        network = await choose_network(runtime.database, arguments.network)
        async with runtime.database.writing(PLATFORM_NETWORK_ID) as db:
            is_placed = await place_unplaced_transaction(
                db, network_id=network.network_id, transaction_id=arguments.transaction
            )
    if not is_placed:
        print("mizan: this movement is not waiting for a network", file=sys.stderr)
        return 1
    print(f"{arguments.transaction} will be booked in {network.slug}")
    return 0
