"""A statement as JSON: one object whose keys are in order, so that equal statements are equal bytes.

It is in no language: names are given in all that there are.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from api.documents.heading import Heading, is_late, write_instant
from api.graphql.nodes import id_of
from payouts.ledger import Cut, Movement
from payouts.money import Money
from payouts.reserves import ReserveDescription
from payouts.settlement import (
    SCOPE,
    AdjustmentDescription,
    AdjustmentLine,
    Moved,
    Sides,
    StatementDescription,
    sides_of,
)

FORMAT = "mizan-statement"
ADJUSTMENT_FORMAT = "mizan-adjustment-statement"
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
        written += _dump(_line(heading, line))
        if len(written) >= CHUNK_BYTES:
            yield bytes(written)
            written.clear()
    written += b"]," + _dump(after)[1:] + b"\n"
    yield bytes(written)


def _head(heading: Heading) -> dict[str, Any]:
    described, one = heading.described, heading.statement
    network_id, block = described.network_id, described.block
    if isinstance(described, AdjustmentDescription):
        own = _adjustment(described)
    else:
        own = _statement(described, heading.reserves)
    return own | {
        "block": None if block is None else {"number": str(block.block), "root": block.root.hex()},
        "contentHash": one.content_hash,
        "currency": one.currency,
        "formatVersion": VERSION,
        "fromSeq": str(one.from_seq),
        "hashedBlock": None if one.block is None else str(one.block),
        "issuedAt": write_instant(one.issued_at),
        "linesCount": one.lines_count,
        "linesTotal": _moved(described.lines),
        "network": {"name": dict(heading.network)},
        "number": one.number,
        "partner": {
            "id": id_of("Partner", network_id, one.partner_id),
            "name": dict(heading.partner),
        },
        "zone": described.zone,
    }


def _statement(
    described: StatementDescription, reserves: ReserveDescription | None
) -> dict[str, Any]:
    assert reserves is not None, "a statement is described with its reserves"
    one = described.statement
    return {
        "carriedBecause": None if one.carried_because is None else one.carried_because.name,
        "carriedForward": _money(one.carried),
        "closing": _sides(one.position.closing),
        "conversion": _conversion(described),
        "cut": _cut(one.stretch.cut),
        "cutBefore": None if one.stretch.before is None else _cut(one.stretch.before),
        "cycle": described.cycle_number,
        "format": FORMAT,
        "id": id_of("Statement", described.network_id, one.statement_id),
        "movements": _moved(described.moved),
        "movementsByKind": [
            {"kind": kind, **_moved(moved)} for kind, moved in described.moved_kinds.items()
        ],
        "opening": _sides(one.position.opening),
        "outcome": one.outcome.name,
        "payment": None if reserves.payment is None else _money(reserves.payment),
        "reference": described.reference,
        "reserveReleaseAt": (
            None if reserves.release_at is None else write_instant(reserves.release_at)
        ),
        "reserveReleased": _moved(reserves.released),
        "reserveWithheld": None if reserves.withheld is None else _money(reserves.withheld),
        "settled": _moved(described.settled),
        "state": one.state.name,
        "toSettle": _money(described.to_settle),
        "valueOn": None if described.value_on is None else described.value_on.isoformat(),
        "version": one.version,
    }


def _adjustment(described: AdjustmentDescription) -> dict[str, Any]:
    one, network_id = described.statement, described.network_id
    return {
        "adjusts": {
            "contentHash": one.adjusts.content_hash,
            "id": id_of("Statement", network_id, one.adjusts.statement_id),
            "number": one.adjusts.number,
            "version": one.adjusts.version,
        },
        "correctionsByReason": [
            {"reason": reason.name, **_moved(moved)} for reason, moved in described.reasons.items()
        ],
        "format": ADJUSTMENT_FORMAT,
        "id": id_of("AdjustmentStatement", network_id, one.adjustment_id),
        "toSeq": str(one.to_seq),
    }


def _conversion(described: StatementDescription) -> dict[str, Any] | None:
    one, rate = described.statement, described.rate
    if one.conversion is None or rate is None:
        return None
    return {
        "amount": _money(one.conversion.amount),
        "net": _money(one.exchanged),
        "observedAt": write_instant(rate.observed_at),
        "rate": rate.text,
        "source": rate.source,
    }


def _line(heading: Heading, line: Movement) -> dict[str, Any]:
    receivable, payable = sides_of(line)
    is_receivable = line.type == SCOPE[0]
    own = _correction(heading, line) if isinstance(line, AdjustmentLine) else {}
    return own | {
        "amount": _money(receivable if is_receivable else payable),
        "causeId": line.cause.id,
        "causeKind": line.cause.kind,
        "effectiveAt": write_instant(line.effective_at),
        "isLate": is_late(heading, line),
        "journalId": id_of("Journal", heading.described.network_id, line.journal_id),
        "kind": line.kind,
        "line": line.line,
        "recordedAt": write_instant(line.recorded_at),
        "seq": str(line.seq),
        "side": "RECEIVABLE" if is_receivable else "PAYABLE",
    }


def _correction(heading: Heading, line: AdjustmentLine) -> dict[str, Any]:
    network_id, settled_in = heading.described.network_id, line.settled_in
    return {
        "correctsJournalId": id_of("Journal", network_id, line.corrects) if line.corrects else None,
        "reason": line.reason.name,
        "settledIn": None if settled_in is None else settled_in.number,
    }


def _cut(cut: Cut) -> dict[str, Any]:
    return {"at": None if cut.at is None else write_instant(cut.at), "seq": str(cut.seq)}


def _sides(sides: Sides) -> dict[str, Any]:
    return {
        "net": _money(sides.net),
        "payable": _money(sides.payable),
        "receivable": _money(sides.receivable),
    }


def _moved(moved: Moved) -> dict[str, Any]:
    return {"count": moved.count, **_sides(moved.sides)}


def _money(amount: Money) -> dict[str, str]:
    return {"currency": amount.currency, "decimal": amount.decimal, "minor": str(amount.minor)}


def _dump(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
