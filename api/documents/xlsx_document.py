"""A statement as an Excel workbook: its summary on one sheet, its lines on the next.

Excel keeps fifteen digits of a number. An amount of no more is a number cell, whose text in the
file is the exact decimal, so that a spreadsheet can add it up; a longer one is a text, which
nobody rounds. Times are texts too: Excel's own have no zone. Nothing is ever a formula.
"""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.documents.heading import (
    Heading,
    Row,
    facts_of,
    is_late,
    kind_rows,
    lines_row,
    opening_rows,
    settled_in,
    total_rows,
    write_instant,
)
from api.documents.wording import say_kind
from api.graphql.nodes import id_of
from partners.networks import is_right_to_left
from payouts.ledger import Movement
from payouts.money import Money, exponent_of
from payouts.settlement import AdjustmentLine, sides_of

EXACT_DIGITS = 15
LINES_PER_SHEET = 1_000_000
CHUNK_BYTES = 65_536
_SUMMARY = ("description", "count", "receivable", "payable", "net")
_LINES = (
    "seq", "line", "effective_local", "effective_at", "recorded_at", "is_late", "description",
    "kind", "cause_kind", "cause_id", "journal_id", "receivable", "payable", "net", "currency", "minor",
)  # fmt: skip
_WIDTHS = (10, 6, 26, 26, 26, 8, 26, 22, 16, 38, 58, 16, 16, 16, 9, 18)
_CORRECTIONS = ("reason", "corrects_journal_id", "settled_in")
_CORRECTION_WIDTHS = (22, 58, 22)
_AMOUNTS_AT = 11


async def write_xlsx(heading: Heading, lines: AsyncIterator[Movement]) -> AsyncIterator[bytes]:
    """Write the workbook to a file row by row, then give it away in chunks."""
    with TemporaryDirectory(prefix="mizan-statement-") as folder:
        path = Path(folder) / "statement.xlsx"
        book = _Book(heading, path)
        try:
            book.write_summary()
            async for line in lines:
                book.write_line(line)
            book.write_total()
        except BaseException:
            book.close()  # lets go of its files, which then go with the folder
            raise
        await asyncio.to_thread(book.close)
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


class _Book:
    """A workbook whose rows go to the disk as soon as the next begins."""

    def __init__(self, heading: Heading, path: Path) -> None:
        from xlsxwriter import Workbook

        self._heading = heading
        # Formulas and links are what is written as such, never a text that looks like one.
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        issued_at = heading.statement.issued_at
        self._book.set_properties(
            {
                "title": heading.title,
                "author": heading.network_name,
                # The statement's own instant: the same statement is the same file for ever.
                "created": issued_at,
            }
        )
        digits = exponent_of(heading.statement.currency)
        shape = "#,##0" + ("." + "0" * digits if digits else "")
        self._amount = self._book.add_format({"num_format": shape})
        self._strong = self._book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        self._total = self._book.add_format({"bold": True, "num_format": shape, "top": 1})
        self._sheets = 0
        self._summary = self._add_sheet(heading.say("summary"))
        self._lines: Any = None
        self._row = 0

    def close(self) -> None:
        """Put the workbook together."""
        self._book.close()

    def write_summary(self) -> None:
        """Write the facts, and the table from what was carried in to what is carried forward."""
        sheet, heading = self._summary, self._heading
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 4, 22)
        row = 0
        for name, value in facts_of(heading):
            sheet.write_string(row, 0, heading.say(name))
            sheet.write_string(row, 1, value)
            row += 1
        row += 1
        for column, name in enumerate(_SUMMARY):
            sheet.write_string(row, column, heading.say(name), self._strong)
        for one in (*opening_rows(heading), *kind_rows(heading), *total_rows(heading)):
            row += 1
            self._write_row(row, one)
        sheet.write_string(row + 2, 0, heading.say("net_sign"))
        if heading.is_adjustment:
            sheet.write_string(row + 3, 0, heading.say("settles_nothing"))
        self._begin_lines()

    def write_line(self, line: Movement) -> None:
        """Write one line."""
        if self._row > LINES_PER_SHEET:
            self._begin_lines()
        heading = self._heading
        receivable, payable = sides_of(line)
        net = receivable - payable
        texts = (
            str(line.seq),
            str(line.line),
            heading.local(line.effective_at).isoformat(),
            write_instant(line.effective_at),
            write_instant(line.recorded_at),
            heading.say("late") if is_late(heading, line) else "",
            say_kind(line.kind, heading.locale),
            line.kind,
            line.cause.kind,
            line.cause.id,
            id_of("Journal", heading.described.network_id, line.journal_id),
        )
        for column, value in enumerate(texts):
            self._lines.write_string(self._row, column, value)
        for column, amount in enumerate((receivable, payable, net), start=_AMOUNTS_AT):
            _write_amount(self._lines, self._row, column, amount, self._amount)
        self._lines.write_string(self._row, _AMOUNTS_AT + 3, net.currency)
        self._lines.write_string(self._row, _AMOUNTS_AT + 4, str(net.minor))
        if isinstance(line, AdjustmentLine):
            self._write_correction(line)
        self._row += 1

    def write_total(self) -> None:
        """Write what all lines come to below the last of them."""
        total, moved = lines_row(self._heading), self._heading.described.lines
        self._lines.write_string(self._row, 0, total.text, self._strong)
        amounts = (moved.receivable, moved.payable, moved.net)
        for column, amount in enumerate(amounts, start=_AMOUNTS_AT):
            _write_amount(self._lines, self._row, column, amount, self._total)
        self._lines.write_string(self._row, _AMOUNTS_AT + 3, moved.net.currency)
        self._lines.write_string(self._row, _AMOUNTS_AT + 4, str(moved.net.minor))

    def _begin_lines(self) -> None:
        heading = self._heading
        name = heading.say("lines")
        self._lines = self._add_sheet(name if self._sheets == 1 else f"{name} {self._sheets}")
        is_adjustment = heading.is_adjustment
        widths = (*_WIDTHS, *_CORRECTION_WIDTHS) if is_adjustment else _WIDTHS
        for column, width in enumerate(widths):
            self._lines.set_column(column, column, width)
        self._lines.freeze_panes(1, 0)
        for column, word in enumerate((*_LINES, *_CORRECTIONS) if is_adjustment else _LINES):
            label = heading.say(word, zone=heading.described.zone)
            self._lines.write_string(0, column, label, self._strong)
        self._row = 1

    def _write_correction(self, line: AdjustmentLine) -> None:
        heading = self._heading
        network_id = heading.described.network_id
        texts = (
            heading.say(f"reason.{line.reason.value}"),
            id_of("Journal", network_id, line.corrects) if line.corrects else "",
            settled_in(heading, line),
        )
        for column, value in enumerate(texts, start=len(_LINES)):
            self._lines.write_string(self._row, column, value)

    def _add_sheet(self, name: str) -> Any:
        sheet = self._book.add_worksheet(name)
        self._sheets += 1
        if is_right_to_left(self._heading.locale.value):
            sheet.right_to_left()
        return sheet

    def _write_row(self, row: int, one: Row) -> None:
        self._summary.write_string(row, 0, one.text)
        if one.count is not None:
            self._summary.write_number(row, 1, one.count)
        for column, amount in enumerate((one.receivable, one.payable, one.net), start=2):
            if amount is not None:
                _write_amount(self._summary, row, column, amount, self._amount)


def _write_amount(sheet: Any, row: int, column: int, amount: Money, shape: Any) -> None:
    if len(str(abs(amount.minor))) > EXACT_DIGITS:
        sheet.write_string(row, column, amount.decimal, shape)
    else:
        sheet.write_number(row, column, Decimal(amount.decimal), shape)
