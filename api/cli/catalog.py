"""`mizan catalog import`: loading a supplier's catalogue file; `mizan catalog file`: the search."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import Progress

from api.catalogue_import import ITEMS_PER_TRANSACTION, put_on_sale, sha256_of
from api.catalogue_readers import READERS, Reader, find_reader
from api.cli.networks import choose_network
from api.cli.outside import stock_double
from api.cli.running import run_until_told
from api.cli.runtime import open_runtime, read_settings
from api.database.transaction import Database
from catalog.rewards import (
    ImportFile,
    ImportOutdated,
    ImportReport,
    WithheldReward,
    file_next_rewards,
    find_last_import,
    list_withheld,
    refuse_recycled,
)
from catalog.suppliers import (
    Feed,
    FeedSource,
    FeedUnreadable,
    find_feed_source,
    find_supplier_by_name,
    register_supplier,
)

WITHHELD_SHOWN = 20


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan catalog import` and `mizan catalog file`."""
    catalog = commands.add_parser("catalog", help="what is on sale")
    what = catalog.add_subparsers(required=True, metavar="ACTION")
    load = what.add_parser("import", help="load a supplier's catalogue file")
    load.add_argument("supplier", help="its name; a described feed is read as it was described")
    load.add_argument("file", type=Path)
    load.add_argument("--network", help="id or slug; not needed when there is only one")
    load.add_argument("--market", action="append", default=[], help="another country to sell in")
    load.add_argument(
        "--replaced",
        action="append",
        default=[],
        metavar="SKU",
        help="an item that may be of another brand or in another currency than before",
    )
    load.set_defaults(run=lambda arguments: run_until_told(lambda _: _import(arguments)))
    file = what.add_parser("file", help="make what was on sale before there was a search found")
    file.add_argument("--network", help="id or slug; not needed when there is only one")
    file.set_defaults(run=lambda arguments: run_until_told(lambda _: _file(arguments)))


async def _import(arguments: argparse.Namespace) -> int:
    async with open_runtime(read_settings()) as runtime:
        network = await choose_network(runtime.database, arguments.network)
        code = await import_catalogue(
            runtime.database,
            network_id=network.network_id,
            supplier_name=arguments.supplier,
            path=arguments.file,
            actor="staff:command-line",
            markets=arguments.market,
            replaced=arguments.replaced,
            now=runtime.clock.now,
        )
        if code == 0:
            raw = await asyncio.to_thread(arguments.file.read_bytes)
            stock_double(runtime.settings, arguments.supplier, raw)
        return code


async def _file(arguments: argparse.Namespace) -> int:
    async with open_runtime(read_settings()) as runtime:
        network = await choose_network(runtime.database, arguments.network)
        filed = await file_catalogue(
            runtime.database, network_id=network.network_id, now=runtime.clock.now()
        )
        print(f"filed {filed} rewards")
        return 0


async def file_catalogue(database: Database, *, network_id: int, now: datetime) -> int:
    """Make all that is on sale found, in a transaction for each batch, and tell how many.

    It may be broken off and run again at any time.
    """
    count, after = 0, None
    while True:
        async with database.writing(network_id) as db:
            done = await file_next_rewards(db, network_id=network_id, after=after, now=now)
        if not done:
            return count
        count, after = count + len(done), done[-1]


async def import_catalogue(
    database: Database,
    *,
    network_id: int,
    supplier_name: str,
    path: Path,
    actor: str,
    markets: Sequence[str] = (),
    replaced: Sequence[str] = (),
    now: Callable[[], datetime],
) -> int:
    """Put a supplier's file on sale and print what was added, changed, withdrawn and refused.

    The same file goes on where it was left, and so does a worker when nobody else does; `replaced`
    are skus that may be of another brand or currency than before. Gives the exit code: 1 when the
    file cannot be read, nobody knows the supplier's files, or another import came in between. An
    unknown supplier is registered on the usual terms.
    """
    source = await _described(database, network_id, supplier_name)
    read = _read(supplier_name, path, find_reader(supplier_name, source))
    if read is None:
        return 1
    raw, feed = read
    file = ImportFile(raw, None if source is None else source.version, tuple(replaced))
    supplier_id = await _supplier_of(database, network_id, supplier_name, now())
    async with database.reading(network_id) as db:
        feed = await refuse_recycled(
            db, network_id=network_id, supplier_id=supplier_id, feed=feed, accepted=replaced
        )
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(path.name, total=len(feed.items))
        try:
            report = await put_on_sale(
                database,
                network_id=network_id,
                supplier_id=supplier_id,
                feed=feed,
                file_sha256=sha256_of(raw),
                actor=actor,
                markets=markets,
                file=file,
                items_at_once=ITEMS_PER_TRANSACTION,
                advance=lambda count: progress.advance(task, count),
                now=now,
            )
        except ImportOutdated as outdated:
            print(f"{path}: {outdated.message}", file=sys.stderr)
            return 1
    print_report(feed, report, await _withheld(database, network_id, supplier_id, report))
    return 0


async def _withheld(
    database: Database, network_id: int, supplier_id: UUID, report: ImportReport
) -> Sequence[WithheldReward]:
    if not report.withheld:
        return ()
    async with database.reading(network_id) as db:
        last = await find_last_import(db, network_id=network_id, supplier_id=supplier_id)
        assert last is not None, "it was just closed"
        return await list_withheld(
            db, network_id=network_id, catalogue_import_id=last, limit=WITHHELD_SHOWN
        )


async def _described(database: Database, network_id: int, supplier_name: str) -> FeedSource | None:
    async with database.reading(network_id) as db:
        supplier = await find_supplier_by_name(db, network_id=network_id, name=supplier_name)
        if supplier is None:
            return None
        return await find_feed_source(db, network_id=network_id, supplier_id=supplier.supplier_id)


async def _supplier_of(
    database: Database, network_id: int, supplier_name: str, now: datetime
) -> UUID:
    async with database.writing(network_id) as db:
        supplier = await find_supplier_by_name(db, network_id=network_id, name=supplier_name)
        if supplier is None:
            supplier = await register_supplier(
                db, network_id=network_id, name=supplier_name, now=now
            )
        return supplier.supplier_id


def _read(supplier_name: str, path: Path, reader: Reader | None) -> tuple[bytes, Feed] | None:
    if reader is None:
        known = ", ".join(sorted(READERS))
        print(
            f"No reader for the files of {supplier_name!a}; known: {known}, and those that"
            " `mizan suppliers describe` was told of.",
            file=sys.stderr,
        )
        return None
    try:
        raw = path.read_bytes()
        return raw, reader(raw)
    except (OSError, FeedUnreadable) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return None


def print_report(feed: Feed, report: ImportReport, withheld: Sequence[WithheldReward] = ()) -> None:
    """Print what an import did, why it refused what it refused, and what of it waits."""
    print(
        f"added {report.added}, changed {report.changed}, withdrawn {report.withdrawn},"
        f" unchanged {report.unchanged}, refused {report.refused}"
    )
    for one in feed.refused:
        name = "without a sku" if one.supplier_sku is None else one.supplier_sku
        for reason in one.reasons:
            print(f"  refused item {one.index} ({name}): {reason.path}: {reason.message}")
    for remark in feed.remarks:
        print(f"  not complete, so nothing was withdrawn: {remark.path}: {remark.message}")
    if feed.is_complete and feed.refused:
        print("  items were refused, so nothing was withdrawn")
    if report.withheld:
        print(
            f"  {report.withheld} are no longer offered, which is more than one import may take off"
            " sale: nothing was withdrawn until somebody else approves this import"
        )
        for item in withheld:
            print(f"    {item.country} {item.sku}")
        if report.withheld > len(withheld):
            print(f"    and {report.withheld - len(withheld)} more")
