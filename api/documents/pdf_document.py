"""A statement as PDF, for people: a page or more in English, or in Arabic from right to left."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from api.documents.heading import (
    Heading,
    Row,
    conversion_facts,
    is_late,
    kind_rows,
    opening_rows,
    settled_in,
    total_rows,
)
from api.documents.wording import say_kind
from api.graphql.languages import direction_of
from api.graphql.nodes import id_of
from api.graphql.scalars import place_of, write_amount
from payouts.ledger import Cut, Movement
from payouts.money import Money, exponent_of
from payouts.settlement import (
    AdjustmentDescription,
    AdjustmentLine,
    AdjustmentReason,
    StatementDescription,
    sides_of,
)

LINES_MAX = 1_000
"""Of a longer statement the PDF has the summary and says where the lines are."""
LAYOUTS_AT_ONCE = 1
LAYOUT_SECONDS_MAX = 30.0
WAIT_SECONDS_MAX = 20.0
_PROGRAM = Path(__file__).parent / "lay_out_pages.py"
_UNBROKEN_MAX = 60
LEFT_TO_RIGHT_MARK = "\u200e"
ZERO_WIDTH_SPACE = "\u200b"
# Several long layouts at once would take the processors that other requests need.
TURNS = asyncio.Semaphore(LAYOUTS_AT_ONCE)


class LayoutFailed(Exception):
    """The pages could not be laid out."""


class LayoutBusy(Exception):
    """Others are being laid out, and it did not come to this one in time."""


async def write_pdf(heading: Heading, lines: AsyncIterator[Movement]) -> AsyncIterator[bytes]:
    """Lay out the pages and give them away; the lines of one statement are in memory.

    Raises LayoutBusy, LayoutFailed.
    """
    try:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            await TURNS.acquire()
    except TimeoutError:
        raise LayoutBusy from None
    try:
        shown = []
        if heading.statement.lines_count <= LINES_MAX:
            shown = [line async for line in lines]
        content = json.dumps(content_of(heading, shown), ensure_ascii=False)
        pages = await lay_out(heading.statement.issued_at, content)
    finally:
        TURNS.release()
    yield pages


async def lay_out(issued_at: datetime, content: str, page: int | None = None) -> bytes:
    """Lay out the pages as PDF, or one of them as PNG, in a process of its own.

    The layout keeps for ever most of the memory it took, a hundred kB a line, so that a server
    would grow with each document; a process gives everything back, and can be ended.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_PROGRAM),
        str(int(issued_at.timestamp())),
        str(page or 0),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(LAYOUT_SECONDS_MAX):
            made, said = await process.communicate(content.encode())
    except TimeoutError:
        raise LayoutFailed(f"no pages after {LAYOUT_SECONDS_MAX:.0f} seconds") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise LayoutFailed(said.decode(errors="replace")[-2_000:])
    return made


def content_of(heading: Heading, lines: Sequence[Movement]) -> dict[str, Any]:
    """Say all that stands on the pages, each text as it is shown."""
    described, one = heading.described, heading.statement
    words = (
        "lines", "network", "partner", "description", "count", "receivable", "payable",
        "net", "seq", "net_sign", "content_hash", "root", "reference",
    )  # fmt: skip
    block = described.block
    lines_elsewhere = heading.say("lines_elsewhere", count=one.lines_count)
    return {
        "language": heading.locale.value,
        "direction": direction_of(heading.locale.value).value,
        "title": heading.title,
        "network": heading.network_name,
        "partner": heading.partner_name,
        "words": {name: heading.say(name) for name in words},
        "time": heading.say("effective_local", zone=described.zone),
        "page": heading.say("page", page="{page}", pages="{pages}"),
        "facts": _facts(heading),
        "summary": [
            _summed(heading, row)
            for row in (*opening_rows(heading), *kind_rows(heading), *_totals(heading))
        ],
        "reference": described.reference,
        "content_hash": one.content_hash,
        "root": "" if block is None else block.root.hex(),
        "remark": heading.say("settles_nothing") if heading.is_adjustment else "",
        "lines": [_line(heading, line) for line in lines],
        "no_lines": "" if one.lines_count <= LINES_MAX else lines_elsewhere,
    }


def _totals(heading: Heading) -> list[Row]:
    """Leave out what a page need not say of a statement without reserves."""
    reserves, hidden = heading.reserves, set[str]()
    if reserves is None or not reserves.released.count:
        hidden.add("reserve_released")
    if reserves is None or not reserves.withheld:
        hidden |= {"reserve_withheld", "payment"}
    return [row for row in total_rows(heading) if row.record not in hidden]


def _facts(heading: Heading) -> list[tuple[str, str]]:
    described, one = heading.described, heading.statement
    block = described.block
    issued_at = f"{_write_time(heading, one.issued_at)} ({described.zone})"
    if isinstance(described, AdjustmentDescription):
        adjustment = described.statement
        named = [
            ("adjusts", str(adjustment.adjusts.number)),
            ("currency", one.currency),
            ("issued_at", issued_at),
            ("after_seq", str(adjustment.from_seq)),
            ("to_seq", str(adjustment.to_seq)),
        ]
    else:
        statement, before = described.statement, described.statement.stretch.before
        named = [
            ("cycle", str(described.cycle_number)),
            ("version", str(statement.version)),
            ("currency", one.currency),
            ("issued_at", issued_at),
            ("cut", _write_cut(heading, statement.stretch.cut)),
            ("before_at", "" if before is None else _write_cut(heading, before)),
            ("state", heading.say(f"state.{statement.state.value}")),
            ("outcome", heading.say(f"outcome.{statement.outcome.value}")),
            *_conversion(heading, described),
            ("reserve_release_at", _write_release(heading)),
            ("value_on", _write_day(heading, described.value_on)),
        ]
    named.append(("block", heading.say("unsealed") if block is None else str(block.block)))
    return [(heading.say(name), value) for name, value in named if value]


def _conversion(heading: Heading, described: StatementDescription) -> list[tuple[str, str]]:
    one, rate = described.statement, described.rate
    shown = dict(conversion_facts(heading, described))
    if one.conversion is not None and rate is not None:
        shown["converted_into"] = _write_money(heading, one.conversion.amount)
        observed = _write_time(heading, rate.observed_at)
        shown["fx_observed_at"] = f"{observed} ({described.zone})"
    return list(shown.items())


def _summed(heading: Heading, row: Row) -> dict[str, str]:
    amounts = {"receivable": row.receivable, "payable": row.payable, "net": row.net}
    return {
        "record": row.record,
        "text": row.text,
        "count": "" if row.count is None else str(row.count),
        **{
            name: "" if amount is None else _write_money(heading, amount)
            for name, amount in amounts.items()
        },
    }


def _line(heading: Heading, line: Movement) -> dict[str, str]:
    receivable, payable = sides_of(line)
    network_id = heading.described.network_id
    return {
        "place": f"{line.seq}.{line.line}",
        "time": _write_time(heading, line.effective_at),
        "text": _describe_line(heading, line),
        "cause": _breakable(f"{line.cause.kind} {line.cause.id}"),
        "journal": _breakable(id_of("Journal", network_id, line.journal_id)),
        "receivable": _write_number(heading, receivable) if receivable else "",
        "payable": _write_number(heading, payable) if payable else "",
    }


def _describe_line(heading: Heading, line: Movement) -> str:
    parts = [say_kind(line.kind, heading.locale)]
    is_told = isinstance(line, AdjustmentLine) and line.reason is AdjustmentReason.LATE
    if is_late(heading, line) and not is_told:
        parts = [f"{parts[0]} ({heading.say('late')})"]
    if isinstance(line, AdjustmentLine):
        parts.append(heading.say(f"reason.{line.reason.value}"))
        parts.append(f"{heading.say('settled_in')} {settled_in(heading, line)}")
    return " · ".join(parts)


def _write_money(heading: Heading, amount: Money) -> str:
    return _minus_first(write_amount(amount.decimal, amount.currency, heading.locale.value))


def _write_number(heading: Heading, amount: Money) -> str:
    from babel.numbers import format_decimal

    digits = exponent_of(amount.currency)
    shape = "#,##0" + ("." + "0" * digits if digits else "")
    return _minus_first(
        format_decimal(Decimal(amount.decimal), format=shape, locale=_place(heading))
    )


def _write_time(heading: Heading, at: datetime) -> str:
    from babel.dates import format_datetime

    return format_datetime(heading.local(at), "medium", locale=_place(heading))


def _write_cut(heading: Heading, cut: Cut) -> str:
    place = heading.say("place", seq=cut.seq)
    return place if cut.at is None else f"{_write_time(heading, cut.at)} · {place}"


def _write_day(heading: Heading, on: date | None) -> str:
    from babel.dates import format_date

    return "" if on is None else format_date(on, "medium", locale=_place(heading))


def _write_release(heading: Heading) -> str:
    at = heading.reserves.release_at if heading.reserves else None
    return "" if at is None else f"{_write_time(heading, at)} ({heading.described.zone})"


def _place(heading: Heading) -> str:
    return place_of(heading.locale.value)


def _minus_first(number: str) -> str:
    # Among Arabic words a minus would move behind its number; in front of it stands what keeps it.
    return number.replace("-", f"{LEFT_TO_RIGHT_MARK}-")


def _breakable(text: str) -> str:
    # A word that is longer than its column would run over the next; this lets it break.
    return ZERO_WIDTH_SPACE.join(
        text[at : at + _UNBROKEN_MAX] for at in range(0, len(text), _UNBROKEN_MAX)
    )
