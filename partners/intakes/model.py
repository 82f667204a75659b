"""Files of purchases, and what became of them."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TextIO
from uuid import UUID

from partners.intakes.errors import (
    FileUnreadable,
    InstantUnreadable,
    LineIncomplete,
    TextUnreadable,
)
from partners.purchases import Report, check_report
from payouts.money import Money, new_id
from payouts.refusal import Refusal

CHUNK_LINES = 2_000
"""How many lines one transaction takes in: few enough that nobody waits long for its locks."""
CHUNK_LINES_MAX = 10_000
LINE_LENGTH_MAX = 65_536
FILE_NAME_LENGTH_MAX = 255
QUIET_MAX = timedelta(minutes=1)
"""An intake of which nothing was taken in for longer was left; whoever books it may go on."""

REQUIRED = ("external_id", "member_external_id", "amount", "currency", "purchased_at")
OPTIONAL = ("category",)


class IntakeState(StrEnum):
    """Where a file stands: on its way in, left before its end, or taken in to its end."""

    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Intake:
    """A partner's file on its way in. `lines` is known, and `closed_at` set, once all is taken.

    What was counted so far: `recorded` for the first time, `replayed` because they stood there
    already, `refused` with a reason each. `taken_at` is when the last chunk was; `file_name` is
    how the file was called when it was first let in, if it is known.
    """

    intake_id: UUID
    partner_id: UUID
    file_sha256: str
    chunk_lines: int
    lines: int | None
    opened_at: datetime
    closed_at: datetime | None
    recorded: int
    replayed: int
    refused: int
    file_name: str | None
    taken_at: datetime | None

    @property
    def taken(self) -> int:
        """How many lines were taken in so far."""
        return self.recorded + self.replayed + self.refused

    def state_at(self, now: datetime) -> IntakeState:
        """Tell where the file stands; nobody says that they died, so silence is taken for it."""
        if self.closed_at is not None:
            return IntakeState.FINISHED
        is_quiet = now - (self.taken_at or self.opened_at) > QUIET_MAX
        return IntakeState.STOPPED if is_quiet else IntakeState.RUNNING


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not booked, and the name of the refusal."""

    line: int
    external_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that are taken in by one transaction; the header is line 1."""

    first_line: int
    lines: list[tuple[int, list[str]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Format:
    """Where in a line each column stands, as the header says."""

    width: int
    places: dict[str, int]

    def text(self, fields: Sequence[str], name: str) -> str:
        """Give one column's text; a column that the file does not have is empty."""
        place = self.places.get(name)
        return "" if place is None else fields[place]


def shown_name(file_name: str) -> str | None:
    """Keep of a file's name what can be shown: its last part, without signs that do not print."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    printed = "".join(sign for sign in last if sign.isprintable())
    return printed[:FILE_NAME_LENGTH_MAX] or None


def read_format(header: Sequence[str]) -> Format:
    """Read the header; raises FileUnreadable for a column that is missing, unknown or twice there."""
    names = [name.strip() for name in header]
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name[:40] for name in names if name not in REQUIRED + OPTIONAL]
    if missing or unknown or len(set(names)) != len(names):
        raise FileUnreadable(
            f"The header names {', '.join(REQUIRED)} and, if given, {', '.join(OPTIONAL)}, once each."
        )
    return Format(len(names), {name: place for place, name in enumerate(names)})


def read_lines(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Read a file as lines of fields, each with its number, holding no more than one line.

    Raises FileUnreadable for a line that never ends.
    """
    reader = csv.reader(_bounded(file), strict=True)
    number = 1
    try:
        for fields in reader:
            if fields:
                yield number, fields
            number = reader.line_num + 1
    except csv.Error as error:
        raise FileUnreadable(f"Line {reader.line_num}: {error}.") from None


def _bounded(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(LINE_LENGTH_MAX):
        number += 1
        if len(line) == LINE_LENGTH_MAX and not line.endswith("\n"):
            raise FileUnreadable(f"Line {number} is longer than {LINE_LENGTH_MAX} characters.")
        yield line


def chunks_of(lines: Iterable[tuple[int, list[str]]], size: int) -> Iterator[Chunk]:
    """Divide lines into chunks; the same file is always divided in the same way."""
    chunk: Chunk | None = None
    for number, fields in lines:
        if chunk is None:
            chunk = Chunk(number)
        chunk.lines.append((number, fields))
        if len(chunk.lines) == size:
            yield chunk
            chunk = None
    if chunk is not None:
        yield chunk


def report_of(
    fields: Sequence[str], layout: Format, *, partner_id: UUID, actor: str, now: datetime
) -> Report | Refusal:
    """Read a line as a report of a purchase, or tell what is wrong with it."""
    try:
        if len(fields) != layout.width:
            raise LineIncomplete
        if not all(_is_text(one) for one in fields):
            raise TextUnreadable
        report = Report(
            purchase_id=new_id(now),
            partner_id=partner_id,
            member_id=None,
            member_external_id=layout.text(fields, "member_external_id"),
            external_id=layout.text(fields, "external_id"),
            amount=Money.of_decimal(layout.text(fields, "amount"), layout.text(fields, "currency")),
            category=layout.text(fields, "category") or None,
            purchased_at=_instant(layout.text(fields, "purchased_at")),
            actor=actor,
        )
        check_report(report.external_id, report.amount, report.category)
    except Refusal as refusal:
        return refusal
    return report


def _is_text(field_: str) -> bool:
    return field_.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in field_)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise InstantUnreadable(path=("purchased_at",))
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InstantUnreadable(path=("purchased_at",)) from None
