"""`mizan settle watch`: how far a settlement cycle has come, until it is settled."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from api.cli.networks import choose_network
from api.cli.running import run_until_told
from api.cli.runtime import open_runtime, read_settings
from api.database.transaction import Database
from api.graphql.nodes import GlobalId
from api.progress_desk import ProgressDesk
from payouts.disbursement import CycleProgress, OrderKind
from payouts.money import Money
from payouts.settlement import CycleState, Outcome, find_settlement_cycle

_ENDED = {CycleState.SETTLED: 0, CycleState.PARTIALLY_SETTLED: 1, CycleState.ABANDONED: 1}
_LOOKER = "staff:command-line"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan settle watch`."""
    settle = commands.add_parser("settle", help="who owes whom, and what was paid of it")
    what = settle.add_subparsers(required=True, metavar="ACTION")
    watch = what.add_parser("watch", help="follow a settlement cycle until it is settled")
    watch.add_argument("cycle", help="its number or its id")
    watch.add_argument("--network", help="id or slug; not needed when there is only one")
    watch.set_defaults(run=lambda arguments: run_until_told(lambda stop: _watch(arguments, stop)))


async def _watch(arguments: argparse.Namespace, stop: asyncio.Event) -> int:
    async with open_runtime(read_settings()) as runtime:
        network = await choose_network(runtime.database, arguments.network)
        cycle_id = await cycle_named(runtime.database, network.network_id, arguments.cycle)
        if cycle_id is None:
            print(f"{arguments.cycle!a} is no settlement cycle of {network.slug}.", file=sys.stderr)
            return 2
        return await watch_cycle(runtime.database, network.network_id, cycle_id, stop=stop)


async def cycle_named(database: Database, network_id: int, text: str) -> UUID | None:
    """Find a cycle by its number, or read its id as the API shows it or the database keeps it."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        async with database.reading(network_id) as db:
            cycle = await find_settlement_cycle(db, network_id=network_id, number=int(text))
        return cycle.cycle_id if cycle else None
    found = GlobalId.parse(text)
    if found is not None:
        is_own = (found.type, found.network_id) == ("SettlementCycle", network_id)
        return found.id if is_own else None
    try:
        return UUID(text)
    except ValueError:
        return None


async def watch_cycle(
    database: Database,
    network_id: int,
    cycle_id: UUID,
    *,
    stop: asyncio.Event,
    console: Console | None = None,
) -> int:
    """Show how a cycle comes on, as bars on a terminal and else as lines; gives the exit code.

    0 when it is settled; 1 when nothing of it moves any more and not all arrived, or when it was
    abandoned; 2 when there is none; 130 when told to `stop`.
    """
    desk = ProgressDesk(database)
    with _shown(console or Console()) as shown:
        told = asyncio.ensure_future(stop.wait())
        work = asyncio.ensure_future(_follow(desk, network_id, cycle_id, shown))
        try:
            await asyncio.wait({told, work}, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else 130
        finally:
            told.cancel()
            work.cancel()
            await asyncio.wait({told, work})
            await desk.close()


async def _follow(desk: ProgressDesk, network_id: int, cycle_id: UUID, shown: "_Showing") -> int:
    async with aclosing(desk.watch(network_id, cycle_id, looker=_LOOKER)) as changes:
        async for one in changes:
            shown.show(one)
            if one.state in _ENDED:
                return _ENDED[one.state]
    print("There is no such settlement cycle.", file=sys.stderr)
    return 2


class _Showing(Protocol):
    def show(self, one: CycleProgress) -> None:
        """Show how far the cycle has come."""


@contextmanager
def _shown(console: Console) -> Iterator[_Showing]:
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        yield _Bars(bars)


class _Lines:
    """One line for each change."""

    def show(self, one: CycleProgress) -> None:
        parts = [f"{row.name} {row.told}" for row in rows_of(one)]
        print("; ".join([one.state.value, *parts, *waits_of(one)]), flush=True)


@dataclass
class _Bars:
    """A bar for each row, and under them what waits."""

    bars: Progress
    tasks: dict[str, TaskID] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def show(self, one: CycleProgress) -> None:
        for row in rows_of(one):
            if row.name not in self.tasks:
                self.tasks[row.name] = self.bars.add_task(row.name, told="")
            # A bar of nothing to do is full.
            total, done = (row.total, row.done) if row.total else (1, 1)
            self.bars.update(self.tasks[row.name], total=total, completed=done, told=row.told)
        waits = [one.state.value, *waits_of(one)]
        if waits != self.told:
            self.told = waits
            self.bars.console.print("; ".join(waits), markup=False, highlight=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a cycle gets done, and how much of it is."""

    name: str
    done: int
    total: int
    told: str


def rows_of(one: CycleProgress) -> list[Row]:
    """Put the progress of a cycle in rows: statements, payouts, collections, and their money."""
    counts = one.issued.counts
    pays = sum(it.count for it in counts if it.outcome is Outcome.PAY)
    collects = sum(it.count for it in counts if it.outcome is Outcome.COLLECT)
    paid, collected = (_arrived(one, kind) for kind in (OrderKind.PAYOUT, OrderKind.COLLECTION))
    is_approved = one.state not in (CycleState.IN_REVIEW, CycleState.ABANDONED)
    done = one.issued.count - pays - collects + paid + collected if is_approved else 0
    rows = [
        _counted("statements", done, one.issued.count),
        _counted("payouts", paid, pays),
        _counted("collections", collected, collects),
    ]
    for it in one.money:
        unit = "" if len(one.money) == 1 else f" {it.to_pay.currency}"
        rows.append(_money(f"paid{unit}", it.paid, it.to_pay))
        rows.append(_money(f"collected{unit}", it.collected, it.to_collect))
    return rows


def _arrived(one: CycleProgress, kind: OrderKind) -> int:
    return sum(it.count for it in one.of(kind) if it.has_arrived)


def _counted(name: str, done: int, total: int) -> Row:
    return Row(name, done, total, f"{done} of {total}")


def _money(name: str, part: Money, whole: Money) -> Row:
    told = f"{part.decimal} of {whole.decimal} {whole.currency}"
    return Row(name, part.minor, whole.minor, told)


def waits_of(one: CycleProgress) -> list[str]:
    """Say what waits and why."""
    return [
        f"{it.count} {it.kind.value}{'s' if it.count > 1 else ''} of {it.amount.decimal}"
        f" {it.amount.currency}: {it.reason}, since {it.since:%Y-%m-%d %H:%M} UTC"
        for it in one.waiting
    ]
