"""A statement as CSV (RFC 4180, UTF-8): a row for each fact, line and total, told apart by `record`.

Column names are the same in every language, for programs; only `text` is in the reader's.
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Mapping, Sequence

from api.documents.heading import (
    Heading,
    Row,
    facts_of,
    is_late,
    kind_rows,
    lines_row,
    opening_rows,
    total_rows,
    write_instant,
)
from api.documents.wording import say_kind
from api.graphql.nodes import id_of
from payouts.ledger import Movement
from payouts.money import Money
from payouts.settlement import AdjustmentLine, sides_of

COLUMNS = (
    "record", "kind", "text", "seq", "line", "effective_at", "effective_local", "recorded_at",
    "is_late", "cause_kind", "cause_id", "journal_id", "count", "receivable", "payable", "net", "currency",
    "statement_number", "reference",
)  # fmt: skip
ADJUSTMENT_COLUMNS = (*COLUMNS, "reason", "corrects_journal_id", "settled_in")
CHUNK_CHARACTERS = 32_768
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


async def write_csv(heading: Heading, lines: AsyncIterator[Movement]) -> AsyncIterator[bytes]:
    """Write the document, line by line as they come."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_columns(heading))
    for name, value in facts_of(heading):
        writer.writerow(_cells({"record": "header", "kind": name, "text": value}, heading))
    writer.writerows(_row(row, heading) for row in opening_rows(heading))
    async for line in lines:
        writer.writerow(_line(line, heading))
        if text.tell() >= CHUNK_CHARACTERS:
            yield _taken(text)
    for row in (lines_row(heading), *kind_rows(heading), *total_rows(heading)):
        writer.writerow(_row(row, heading))
    yield _taken(text)


def escape_cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula; a plain number stays what it is."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _line(line: Movement, heading: Heading) -> Sequence[str]:
    receivable, payable = sides_of(line)
    cells = {
        "record": "line",
        "kind": line.kind,
        "text": say_kind(line.kind, heading.locale),
        "seq": str(line.seq),
        "line": str(line.line),
        "effective_at": write_instant(line.effective_at),
        "effective_local": heading.local(line.effective_at).isoformat(),
        "recorded_at": write_instant(line.recorded_at),
        "is_late": "true" if is_late(heading, line) else "false",
        "cause_kind": line.cause.kind,
        "cause_id": line.cause.id,
        "journal_id": id_of("Journal", heading.described.network_id, line.journal_id),
        "count": "1",
    }
    if isinstance(line, AdjustmentLine):
        cells |= _correction(line, heading)
    return _cells(cells | _amounts(receivable, payable, receivable - payable), heading)


def _row(row: Row, heading: Heading) -> Sequence[str]:
    cells = {
        "record": row.record,
        "kind": row.kind,
        "text": row.text,
        "count": "" if row.count is None else str(row.count),
    }
    return _cells(cells | _amounts(row.receivable, row.payable, row.net), heading)


def _amounts(receivable: Money | None, payable: Money | None, net: Money) -> dict[str, str]:
    return {
        "receivable": "" if receivable is None else receivable.decimal,
        "payable": "" if payable is None else payable.decimal,
        "net": net.decimal,
    }


def _cells(cells: Mapping[str, str], heading: Heading) -> Sequence[str]:
    whole = {
        "currency": heading.statement.currency,
        "statement_number": str(heading.statement.number),
        "reference": heading.described.reference,
        **cells,
    }
    return [escape_cell(whole.get(column, "")) for column in _columns(heading)]


def _columns(heading: Heading) -> Sequence[str]:
    return ADJUSTMENT_COLUMNS if heading.is_adjustment else COLUMNS


def _correction(line: AdjustmentLine, heading: Heading) -> Mapping[str, str]:
    network_id = heading.described.network_id
    return {
        "reason": line.reason.value,
        "corrects_journal_id": id_of("Journal", network_id, line.corrects) if line.corrects else "",
        # Empty: the next one. In every language alike, as the other columns.
        "settled_in": "" if line.settled_in is None else str(line.settled_in.number),
    }


def _taken(text: io.StringIO) -> bytes:
    taken = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return taken
