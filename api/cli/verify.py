"""`mizan verify`: the whole sealed order computed again, as its auditor."""

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.anchors import FILE, read_anchors
from api.cli.running import run_until_told
from api.cli.runtime import open_runtime, read_settings, require_database
from api.database.engine import Addresses, open_auditor
from api.database.transaction import PLATFORM_NETWORK_ID
from api.seal_keys import PublicSealKeys, read_public_keys
from payouts.seals import Fault, Trust, Verdict, count_sealed, verify_books


@dataclass(frozen=True, slots=True)
class Against:
    """What the books are held against: the keys we trust, and a file of anchors."""

    keys: PublicSealKeys
    anchors: Path
    is_earlier_copy: bool = False


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan verify`."""
    parser = commands.add_parser("verify", help="seals, proofs and anchors, computed again")
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--anchors", type=_file, metavar="FILE", help="anchors kept elsewhere")
    parser.add_argument(
        "--earlier-copy",
        action="store_true",
        help="the anchors are a copy of some time ago: later blocks need not be in it",
    )
    parser.add_argument("--key", type=_file, metavar="FILE", help="public keys kept elsewhere")
    parser.set_defaults(run=lambda arguments: run_until_told(lambda _: _verify(arguments)))


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


async def _verify(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    require_database(settings)
    async with open_runtime(settings) as runtime:
        against = Against(
            keys=read_public_keys(arguments.key) if arguments.key else runtime.seal_keys.public(),
            anchors=arguments.anchors or settings.data_dir / FILE,
            is_earlier_copy=arguments.earlier_copy,
        )
        return await verify(
            runtime.addresses, against, as_json=arguments.json, now=runtime.clock.now()
        )


async def verify(found: Addresses, against: Against, *, as_json: bool, now: datetime) -> int:
    """Verify all books on one snapshot and print the outcome; 1 when anything is wrong.

    It reads as the auditor, who sees the audit views and nothing else, whatever address is used.
    """
    verdict = await hold_books(found, against, now=now)
    print(_as_json(verdict) if as_json else _as_text(verdict))
    return 0 if verdict.ok else 1


async def hold_books(found: Addresses, against: Against, *, now: datetime) -> Verdict:
    """Hold the books against keys and anchors, and say what is wrong."""
    # Read first: what was anchored by then was committed before, so the snapshot sees it.
    anchors = read_anchors(against.anchors, against.keys)
    trust = Trust(against.keys, anchors, is_earlier_copy=against.is_earlier_copy)
    auditor = open_auditor(found, connections=2)
    try:
        async with (
            auditor.reading(PLATFORM_NETWORK_ID) as db,
            auditor.reading_beside(db, PLATFORM_NETWORK_ID) as beside,
        ):
            with _progress(await count_sealed(db)) as told:
                return await verify_books(db, beside=(beside,), trust=trust, told=told, now=now)
    finally:
        await auditor.engine.dispose()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far it is; elsewhere nothing."""
    console = Console(stderr=True)
    columns = (
        TextColumn("journals"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("journals", total=total)
        yield lambda journals: bar.advance(task, journals)


def _as_json(verdict: Verdict) -> str:
    shown = {
        "ok": verdict.ok,
        "journals": verdict.journals,
        "blocks": verdict.blocks,
        "anchors": verdict.anchors,
        "faults": [
            {
                "kind": one.kind.value,
                "book": str(one.book_id),
                "block": one.block,
                "seq": one.seq,
                "journal_id": None if one.journal_id is None else str(one.journal_id),
                "says": one.says,
            }
            for one in verdict.faults
        ],
    }
    return json.dumps(shown, indent=2)


def _as_text(verdict: Verdict) -> str:
    lines = [f"{number}. {_told(one)}" for number, one in enumerate(verdict.faults, 1)]
    seen = f"{verdict.journals} journals in {verdict.blocks} blocks, {verdict.anchors} anchors"
    return "\n".join([*lines, f"{seen}: {'sound' if verdict.ok else 'NOT SOUND'}"])


def _told(one: Fault) -> str:
    places = (("block", one.block), ("place", one.seq), ("journal", one.journal_id))
    where = "".join(f", {name} {value}" for name, value in places if value is not None)
    return f"{one.kind.value.upper()}: {one.says} (book {one.book_id}{where})"
