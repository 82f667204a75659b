"""`mizan suppliers describe`, `pull`, `load-codes` and `codes`: what is sold from a pool."""

import argparse
import asyncio
import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import Progress

from api.cli.catalog import print_report
from api.cli.networks import choose_network
from api.cli.running import run_until_told
from api.cli.runtime import Runtime, open_runtime, read_settings
from api.database.transaction import Database
from api.feed_access import FeedReach
from api.feed_pulls import pull_feed
from api.supply import OPENERS
from catalog.pools import LoadOutcome, count_codes, load_codes
from catalog.suppliers import (
    PullOutcome,
    Secret,
    SourceKind,
    find_supplier_by_name,
    register_supplier,
    save_feed_source,
)
from catalog.vouchers import Code, Vault
from payouts.money import Money, new_id
from payouts.refusal import Refusal

ACTOR = "staff:command-line"
CODES_AT_ONCE = 500
CODE_LENGTH_MAX = 500
DESCRIPTION_BYTES_MAX = 64 * 1024
SHOWN_MAX = 1_000
_FACE = re.compile(r"(\d{1,16}(?:\.\d{1,4})?) ?([A-Z]{3})", re.ASCII)

_Act = Callable[[Runtime, int, argparse.Namespace], Awaitable[int]]


def add_actions(what: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare what is done with suppliers that are sold from a pool."""
    describe = _action(what, "describe", _describe, "say how a supplier's feed is read")
    describe.add_argument("file", type=Path, help="the description, in JSON")
    describe.add_argument("--url", help="the public https address it is pulled from")
    describe.add_argument("--every", type=int, metavar="HOURS", help="pull it so often")
    describe.add_argument("--graphql", action="store_true", help="the address is asked a query")
    _action(what, "pull", _pull, "pull a described feed now")
    load = _action(what, "load-codes", _load, "put codes into a supplier's pool")
    load.add_argument("sku")
    load.add_argument("face", help="such as 50.00SAR")
    load.add_argument("file", type=Path, help="CSV: a number and, where there is one, a PIN")
    _action(what, "codes", _show, "count the codes in a supplier's pool")


def _action(
    what: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, act: _Act, words: str
) -> argparse.ArgumentParser:
    action = what.add_parser(name, help=words)
    action.add_argument("supplier")
    action.add_argument("--network", help="id or slug; not needed when there is only one")
    action.set_defaults(run=lambda given: run_until_told(lambda _: _with_runtime(act, given)))
    return action


async def _with_runtime(act: _Act, arguments: argparse.Namespace) -> int:
    async with open_runtime(read_settings()) as runtime:
        network = await choose_network(runtime.database, arguments.network)
        try:
            return await act(runtime, network.network_id, arguments)
        except Refusal as refusal:
            print(f"{type(refusal).__name__}: {refusal.message}", file=sys.stderr)
            return 1


async def _supplier_id(database: Database, network_id: int, name: str) -> UUID | None:
    async with database.reading(network_id) as db:
        found = await find_supplier_by_name(db, network_id=network_id, name=name)
    if found is None:
        print(f"The network has no supplier {name!a}.", file=sys.stderr)
        return None
    return found.supplier_id


async def _describe(runtime: Runtime, network_id: int, arguments: argparse.Namespace) -> int:
    if arguments.supplier in OPENERS:
        print(f"{arguments.supplier} is ordered from; it has no pool.", file=sys.stderr)
        return 1
    try:
        text = await asyncio.to_thread(arguments.file.read_bytes)
        description = json.loads(text[:DESCRIPTION_BYTES_MAX])
    except (OSError, ValueError, RecursionError) as error:
        print(f"{arguments.file}: {error}", file=sys.stderr)
        return 1
    now = runtime.clock.now()
    async with runtime.database.writing(network_id) as db:
        supplier = await find_supplier_by_name(db, network_id=network_id, name=arguments.supplier)
        if supplier is None:
            supplier = await register_supplier(
                db, network_id=network_id, name=arguments.supplier, now=now
            )
        source = await save_feed_source(
            db,
            network_id=network_id,
            supplier_id=supplier.supplier_id,
            kind=SourceKind.GRAPHQL if arguments.graphql else SourceKind.FEED,
            description=description,
            url=arguments.url,
            pull_hours=arguments.every,
            trusted_origins=FeedReach.of(runtime.settings).trusted_origins,
            actor=ACTOR,
            now=now,
        )
    print(f"{arguments.supplier} is read by version {source.version} of its description")
    return 0


async def _pull(runtime: Runtime, network_id: int, arguments: argparse.Namespace) -> int:
    supplier_id = await _supplier_id(runtime.database, network_id, arguments.supplier)
    if supplier_id is None:
        return 1
    pulled = await pull_feed(
        runtime.database,
        FeedReach.of(runtime.settings),
        network_id=network_id,
        supplier_id=supplier_id,
        actor=ACTOR,
        now=runtime.clock.now,
    )
    if pulled.feed is not None and pulled.report is not None:
        print_report(pulled.feed, pulled.report)
    elif pulled.pull.outcome is PullOutcome.UNCHANGED:
        print("unchanged since it was imported")
    else:
        print(pulled.pull.remark, file=sys.stderr)
    return 1 if pulled.pull.outcome is PullOutcome.FAILED else 0


async def _load(runtime: Runtime, network_id: int, arguments: argparse.Namespace) -> int:
    supplier_id = await _supplier_id(runtime.database, network_id, arguments.supplier)
    face = read_face(arguments.face)
    if supplier_id is None:
        return 1
    if face is None:
        print(f"{arguments.face!a} is no face, such as 50.00SAR.", file=sys.stderr)
        return 2
    loading = Loading(
        runtime.database,
        Vault(runtime.secrets.secret_keys),
        network_id,
        supplier_id,
        arguments.sku,
        face,
    )
    return await load_file(loading, arguments.file, now=runtime.clock.now)


async def _show(runtime: Runtime, network_id: int, arguments: argparse.Namespace) -> int:
    supplier_id = await _supplier_id(runtime.database, network_id, arguments.supplier)
    if supplier_id is None:
        return 1
    async with runtime.database.reading(network_id) as db:
        counts = await count_codes(
            db, network_id=network_id, supplier_id=supplier_id, now=runtime.clock.now()
        )
    for one in counts:
        print(
            f"{one.supplier_sku}  {one.face}  available {one.available},"
            f" reserved {one.reserved}, delivered {one.delivered}"
        )
    return 0


def read_face(text: str) -> Money | None:
    """Read a face such as `50.00SAR`; None when it is none."""
    found = _FACE.fullmatch(text)
    if found is None:
        return None
    try:
        face = Money.of_decimal(found[1], found[2])
    except Refusal:
        return None
    return face if face.minor > 0 else None


@dataclass(frozen=True, slots=True)
class Loading:
    """Into which pool codes are loaded."""

    database: Database
    vault: Vault
    network_id: int
    supplier_id: UUID
    sku: str
    face: Money


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of a file of codes: a code, or why it is none."""

    number: int
    code: Code | None
    reason: str = ""


async def load_file(loading: Loading, path: Path, *, now: Callable[[], datetime]) -> int:
    """Load a file of codes in bounded transactions and print what became of each line.

    A line that was loaded needs no word; the same command again goes on where it was cut off. No
    code is ever printed. Gives the exit code: 1 when a line was refused or the file is not there.
    """
    if not 0 < len(loading.sku) <= 100:
        print("A sku has 1 to 100 signs.", file=sys.stderr)
        return 2
    counts: Counter[str] = Counter()
    batch_id = new_id(now())
    try:
        with (
            path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file,
            Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress,
        ):
            task = progress.add_task(path.name, total=None)
            lines = read_code_lines(file)
            while some := list(islice(lines, CODES_AT_ONCE)):
                told = await _load_lines(loading, some, batch_id, now)
                counts.update(outcome for _, outcome in told)
                _print_lines(told, counts)
                progress.advance(task, len(some))
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
        return 1
    refused = sum(counts.values()) - sum(counts[one.value] for one in LoadOutcome)
    print(
        f"loaded {counts['loaded']}, known {counts['known']}, repeated {counts['repeated']},"
        f" refused {refused}"
    )
    return 1 if refused else 0


async def _load_lines(
    loading: Loading, lines: Sequence[CodeLine], batch_id: UUID, now: Callable[[], datetime]
) -> list[tuple[int, str]]:
    codes = [line.code for line in lines if line.code is not None]
    outcomes: list[LoadOutcome] = []
    if codes:
        async with loading.database.writing(loading.network_id) as db:
            outcomes = await load_codes(
                db,
                vault=loading.vault,
                network_id=loading.network_id,
                supplier_id=loading.supplier_id,
                supplier_sku=loading.sku,
                face=loading.face,
                codes=codes,
                batch_id=batch_id,
                actor=ACTOR,
                now=now(),
            )
    following = iter(outcomes)
    return [
        (line.number, line.reason if line.code is None else next(following).value) for line in lines
    ]


def _print_lines(told: Sequence[tuple[int, str]], counts: Counter[str]) -> None:
    """Print the lines that were not loaded, up to a bound."""
    for number, outcome in told:
        if outcome != LoadOutcome.LOADED and sum(counts.values()) - counts["loaded"] <= SHOWN_MAX:
            print(f"  line {number}: {outcome}")


def read_code_lines(file: Iterator[str]) -> Iterator[CodeLine]:
    """Read codes from CSV; a first line that names its columns, and empty lines, are passed over."""
    rows = csv.reader(file, strict=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:  # its words could show a code
            yield CodeLine(rows.line_num, None, "is not CSV")
            continue
        cells = [cell.strip() for cell in row]
        is_heading = rows.line_num == 1 and cells[:1] == ["number"]
        if any(cells) and not is_heading:
            yield _line(rows.line_num, cells)


def _line(number: int, cells: list[str]) -> CodeLine:
    if len(cells) > 2:
        return CodeLine(number, None, "has more than a number and a PIN")
    if not cells[0]:
        return CodeLine(number, None, "has no number")
    if any(len(cell) > CODE_LENGTH_MAX for cell in cells):
        return CodeLine(number, None, "is too long")
    if not all(cell.isprintable() for cell in cells):
        return CodeLine(number, None, "has signs that cannot be printed")
    pin = Secret(cells[1]) if len(cells) > 1 and cells[1] else None
    return CodeLine(number, Code(Secret(cells[0]), pin))
