"""`mizan purchases import`: booking a partner's file of purchases."""

import argparse
import asyncio
import hashlib
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import Progress, TaskID

from api.cli.networks import choose_network
from api.cli.running import run_until_told
from api.cli.runtime import open_runtime, read_settings
from api.clock import Clock
from api.crash import crash_here
from api.database.transaction import Database
from api.graphql.nodes import GlobalId
from api.group_commit import is_passing
from partners.intakes import (
    CHUNK_LINES,
    Chunk,
    FileUnreadable,
    Format,
    Intake,
    chunks_of,
    close_intake,
    get_intake,
    list_refused_lines,
    list_taken_chunks,
    open_intake,
    read_format,
    read_lines,
    take_chunk,
)
from partners.purchases import SomeNotPosted
from payouts.refusal import Refusal

IN_FLIGHT_MAX = 2
ATTEMPTS_MAX = 5
PAUSE_SECONDS = 0.5
SHOWN_MAX = 20
REPORT_PAGE = 10_000
ACTOR = "staff:command-line"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan purchases import`."""
    purchases = commands.add_parser("purchases", help="what members bought")
    what = purchases.add_subparsers(required=True, metavar="ACTION")
    load = what.add_parser("import", help="book a partner's file of purchases")
    load.add_argument("file", type=Path)
    load.add_argument("--partner", required=True, help="the partner's id")
    load.add_argument("--network", help="id or slug; not needed when there is only one")
    load.add_argument("--report", type=Path, help="where to write the lines that were refused")
    load.set_defaults(run=lambda arguments: run_until_told(lambda stop: _import(arguments, stop)))


async def _import(arguments: argparse.Namespace, stop: asyncio.Event) -> int:
    async with open_runtime(read_settings()) as runtime:
        network = await choose_network(runtime.database, arguments.network)
        partner_id = partner_named(arguments.partner, network.network_id)
        if partner_id is None:
            print(f"{arguments.partner!a} is not a partner's id.", file=sys.stderr)
            return 2
        return await import_purchases(
            Import(runtime.database, runtime.clock, network.network_id, partner_id, arguments.file),
            report=arguments.report,
            stop=stop,
        )


def partner_named(text: str, network_id: int) -> UUID | None:
    """Read a partner's id, as the API shows it or as the database keeps it."""
    found = GlobalId.parse(text)
    if found is not None:
        is_own = (found.type, found.network_id) == ("Partner", network_id)
        return found.id if is_own else None
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Import:
    """Which file is booked, for whom."""

    database: Database
    clock: Clock
    network_id: int
    partner_id: UUID
    path: Path
    chunk_lines: int = CHUNK_LINES


async def import_purchases(
    job: Import, *, report: Path | None = None, stop: asyncio.Event | None = None
) -> int:
    """Book a file's purchases and print what became of its lines; gives the exit code.

    1 when lines were refused, 2 when the file cannot be read to its end, 130 when it was told to
    `stop`. What was booked stays: the same command again goes on where the file was left, and
    books nothing twice.
    """
    try:
        # Opened once: another file that is put in its place meanwhile is another intake.
        with job.path.open("rb") as file:
            intake = await _open(job, await asyncio.to_thread(_digest, file))
            if intake.closed_at is None:
                intake = await _take_in(job, intake, file, stop)
    except (OSError, Refusal) as error:
        message = error.message if isinstance(error, Refusal) else str(error)
        print(f"{job.path}: {message}", file=sys.stderr)
        return 2
    total = "so far" if intake.lines is None else intake.lines
    print(
        f"lines {total}, recorded {intake.recorded}, replayed {intake.replayed},"
        f" refused {intake.refused}"
    )
    if intake.refused:
        await _show_refused(job, intake, report)
    if intake.closed_at is None:
        return 130
    return 1 if intake.refused else 0


def _digest(file: BufferedReader) -> str:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


async def _open(job: Import, digest: str) -> Intake:
    async with job.database.writing(job.network_id) as db:
        return await open_intake(
            db,
            network_id=job.network_id,
            partner_id=job.partner_id,
            file_sha256=digest,
            actor=ACTOR,
            now=job.clock.now(),
            chunk_lines=job.chunk_lines,
            file_name=job.path.name,
        )


async def _take_in(
    job: Import, intake: Intake, file: BufferedReader, stop: asyncio.Event | None
) -> Intake:
    async with job.database.reading(job.network_id) as db:
        taken = await list_taken_chunks(db, network_id=job.network_id, intake_id=intake.intake_id)
    shown = TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task(job.path.name, total=job.path.stat().st_size)
        lines = read_lines(shown)
        header = next(lines, None)
        if header is None:
            raise FileUnreadable("The file is empty.")
        work = _Work(job, intake, read_format(header[1]), progress, bar)
        counted = 0
        try:
            for chunk in chunks_of(lines, intake.chunk_lines):
                counted += len(chunk.lines)
                if chunk.first_line in taken:
                    work.skip(chunk)
                elif stop is not None and stop.is_set():
                    break
                else:
                    await work.begin(chunk)
        finally:
            await work.finish()
            shown.detach()
    if await asyncio.to_thread(_digest, file) != intake.file_sha256:
        raise FileUnreadable("The file was changed while it was read; what was booked stays.")
    if stop is not None and stop.is_set():
        async with job.database.reading(job.network_id) as db:
            return await get_intake(db, network_id=job.network_id, intake_id=intake.intake_id)
    async with job.database.writing(job.network_id) as db:
        return await close_intake(
            db,
            network_id=job.network_id,
            intake_id=intake.intake_id,
            lines=counted,
            now=job.clock.now(),
        )


class _Work:
    """Takes chunks in, two at a time: one is computed while the other is written."""

    def __init__(
        self, job: Import, intake: Intake, layout: Format, progress: Progress, bar: TaskID
    ) -> None:
        self._job = job
        self._intake = intake
        self._layout = layout
        self._progress = progress
        self._bar = bar
        self._running = set[asyncio.Task[None]]()

    async def begin(self, chunk: Chunk) -> None:
        """Take a chunk in beside another one; raises what became of an earlier one."""
        while len(self._running) >= IN_FLIGHT_MAX:
            done, self._running = await asyncio.wait(
                self._running, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
        self._running.add(asyncio.create_task(self._take(chunk)))

    async def finish(self) -> None:
        """Wait for what was begun."""
        running, self._running = self._running, set()
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    def skip(self, chunk: Chunk) -> None:
        """Count a chunk that was taken in before."""
        size = sum(sum(map(len, fields)) + len(fields) for _, fields in chunk.lines)
        self._progress.advance(self._bar, size)

    async def _take(self, chunk: Chunk) -> None:
        refused: dict[int, Refusal] = {}
        attempt = 1
        while True:
            try:
                await self._once(chunk, refused)
                self.skip(chunk)
                crash_here("purchases.chunk_taken")
                return
            except SomeNotPosted as some:
                refused |= some.refusals
            except Exception as error:
                if attempt == ATTEMPTS_MAX or not _may_pass(error):
                    raise
                await asyncio.sleep(PAUSE_SECONDS * attempt)
                attempt += 1

    async def _once(self, chunk: Chunk, refused: Mapping[int, Refusal]) -> None:
        job = self._job
        async with job.database.loading(job.network_id) as db:
            await take_chunk(
                db,
                network_id=job.network_id,
                intake=self._intake,
                chunk=chunk,
                layout=self._layout,
                actor=ACTOR,
                now=job.clock.now(),
                refused=refused,
            )


def _may_pass(error: Exception) -> bool:
    # Whoever holds a balance that this chunk wants, holds it for one transaction.
    is_waiting = getattr(getattr(error, "orig", None), "sqlstate", None) == "55P03"
    return is_waiting or is_passing(error)


async def _show_refused(job: Import, intake: Intake, report: Path | None) -> None:
    with report.open("w", encoding="utf-8") if report else nullcontext() as file:
        after = shown = 0
        says = _messages(Refusal)
        while True:
            async with job.database.reading(job.network_id) as db:
                page = await list_refused_lines(
                    db,
                    network_id=job.network_id,
                    intake_id=intake.intake_id,
                    after=after,
                    limit=REPORT_PAGE if file else SHOWN_MAX,
                )
            for line in page[: max(SHOWN_MAX - shown, 0)]:
                shown_id = "no external id" if line.external_id is None else ascii(line.external_id)
                print(f"  refused line {line.line} ({shown_id}): {_sentence(says, line.reason)}")
            shown += len(page)
            if file is None or not page:
                break
            for one in page:
                told = says.get(one.reason, "")
                file.write(f"{one.line}\t{one.reason}\t{one.external_id or ''!a}\t{told}\n")
            after = page[-1].line
    if intake.refused > SHOWN_MAX:
        print(f"  and {intake.refused - SHOWN_MAX} more")


def _sentence(says: Mapping[str, str], reason: str) -> str:
    return f"{says[reason]} [{reason}]" if reason in says else reason


def _messages(refusal: type[Refusal]) -> dict[str, str]:
    """Give each refusal's message by the refusal's name, which is all that is kept of it."""
    found = {refusal.__name__: (refusal.__doc__ or refusal.__name__).strip().splitlines()[0]}
    for one in refusal.__subclasses__():
        found |= _messages(one)
    return found
