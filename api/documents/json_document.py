"""A statement as JSON: one object whose keys are in order, so that equal statements are equal bytes.

It is in no language: names are given in all that there are.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from api.documents.heading import Heading, write_instant
from api.graphql.nodes import id_of
from payouts.ledger import Movement
from payouts.money import Money
from payouts.settlement import SCOPE, Moved, sides_of

FORMAT = "mizan-statement"
VERSION = 1
CHUNK_BYTES = 32_768
_LINES = "lines"


async def write_json(heading: Heading, lines: AsyncIterator[Movement]) -> AsyncIterator[bytes]:
    """Write the document, line by line as they come."""
    head = _head(heading)
    before = {key: value for key, value in head.items() if key < _LINES}
    after = {key: value for key, value in head.items() if key > _LINES}
    written = bytearray(_dump(before)[:-1] + b',"lines":[')
    is_first = True
    async for line in lines:
        if not is_first:
            written += b","
        is_first = False
        written += _dump(_line(heading.described.network_id, line))
        if len(written) >= CHUNK_BYTES:
            yield bytes(written)
            written.clear()
    written += b"]," + _dump(after)[1:] + b"\n"
    yield bytes(written)


def _head(heading: Heading) -> dict[str, Any]:
    described, one = heading.described, heading.statement
    network_id, block = described.network_id, described.block
    return {
        "block": None if block is None else {"number": str(block.block), "root": block.root.hex()},
        "carriedForward": _money(one.carried),
        "closing": {
            "net": _money(one.net),
            "payable": _money(one.opening_payable + described.moved.payable),
            "receivable": _money(one.opening_receivable + described.moved.receivable),
        },
        "contentHash": one.content_hash,
        "currency": one.currency,
        "cut": {"afterSeq": str(one.from_seq), "toSeq": str(one.to_seq)},
        "cycle": described.cycle_number,
        "format": FORMAT,
        "id": id_of("Statement", network_id, one.statement_id),
        "issuedAt": write_instant(one.issued_at),
        "linesCount": one.lines_count,
        "movements": _moved(described.moved),
        "movementsByKind": [
            {"kind": kind, **_moved(moved)} for kind, moved in described.kinds.items()
        ],
        "network": {"name": dict(heading.network)},
        "number": one.number,
        "opening": {
            "net": _money(one.opening),
            "payable": _money(one.opening_payable),
            "receivable": _money(one.opening_receivable),
        },
        "outcome": one.outcome.name,
        "partner": {
            "id": id_of("Partner", network_id, one.partner_id),
            "name": dict(heading.partner),
        },
        "reference": described.reference,
        "settled": _money(one.net - one.carried),
        "state": one.state.name,
        "version": VERSION,
        "zone": described.zone,
    }


def _line(network_id: int, line: Movement) -> dict[str, Any]:
    receivable, payable = sides_of(line)
    is_receivable = line.type == SCOPE[0]
    return {
        "amount": _money(receivable if is_receivable else payable),
        "causeId": line.cause.id,
        "causeKind": line.cause.kind,
        "effectiveAt": write_instant(line.effective_at),
        "journalId": id_of("Journal", network_id, line.journal_id),
        "kind": line.kind,
        "line": line.line,
        "recordedAt": write_instant(line.recorded_at),
        "seq": str(line.seq),
        "side": "RECEIVABLE" if is_receivable else "PAYABLE",
    }


def _moved(moved: Moved) -> dict[str, Any]:
    return {
        "count": moved.count,
        "net": _money(moved.net),
        "payable": _money(moved.payable),
        "receivable": _money(moved.receivable),
    }


def _money(amount: Money) -> dict[str, str]:
    return {"currency": amount.currency, "decimal": amount.decimal, "minor": str(amount.minor)}


def _dump(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
