"""Certifying a statement."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.fx import get_fx_rates
from payouts.ledger import Movement
from payouts.seals import (
    LastTree,
    Party,
    lay_out_proof,
    list_blocks,
    read_proof,
    show_block,
)
from payouts.settlement.conversion import show_conversion
from payouts.settlement.errors import CertificateNotReady, NoCertificate, StatementAltered
from payouts.settlement.hashes import show_cut
from payouts.settlement.list_statement_lines import list_statement_lines
from payouts.settlement.model import Sides, Statement
from payouts.settlement.queries import get_statement

FORMAT = "mizan-certificate"
LINES_MAX = 10_000
_AT_ONCE = 500


async def certify_statement(
    db: AsyncConnection,
    *,
    network_id: int,
    statement_id: UUID,
    keys: Sequence[Mapping[str, str]],
    partner_id: UUID | None = None,
) -> str:
    """Write a statement with the proof of every line of it, for whoever checks it without us.

    Changes nothing. `keys` are the published ones, as JSON Web Keys. Of each journal only the
    partner's own lines are shown. Raises StatementNotFound, NoCertificate above 10,000 lines or for
    one of earlier releases, CertificateNotReady while a line stands in no signed block yet, and
    StatementAltered when the rate of its conversion is gone.
    """
    one = await get_statement(
        db, network_id=network_id, statement_id=statement_id, partner_id=partner_id
    )
    if one.lines_count > LINES_MAX or one.stretch.cut.at is None:
        raise NoCertificate(most=LINES_MAX)
    party = Party("partner", str(one.partner_id))
    journals: dict[UUID, dict[str, Any]] = {}
    blocks: dict[str, dict[str, str]] = {}
    tree = LastTree()
    async for line in _lines(db, network_id, one):
        if line.journal_id in journals:
            continue
        proof = await read_proof(
            db, network_id=network_id, journal_id=line.journal_id, party=party, tree=tree
        )
        if proof is None:
            raise CertificateNotReady
        document = lay_out_proof(proof)
        blocks[str(proof.block.block)] = document.pop("block")
        journals[line.journal_id] = document | {"block": str(proof.block.block)}
    if one.block is not None:
        [head] = await list_blocks(db, network_id=network_id, after=one.block - 1, limit=1)
        blocks.setdefault(str(one.block), show_block(head))
    certificate = {
        "format": FORMAT,
        "version": 1,
        "keys": list(keys),
        "statement": _statement(network_id, one) | await _conversion(db, network_id, one),
        "blocks": blocks,
        "journals": list(journals.values()),
    }
    return json.dumps(certificate, indent=1, ensure_ascii=False)


async def _lines(db: AsyncConnection, network_id: int, one: Statement) -> AsyncIterator[Movement]:
    after: tuple[int, int] | None = None
    while lines := await list_statement_lines(
        db, network_id=network_id, of=one, limit=_AT_ONCE, after=after
    ):
        for line in lines:
            yield line
        after = (lines[-1].seq, lines[-1].line)


async def _conversion(db: AsyncConnection, network_id: int, one: Statement) -> dict[str, Any]:
    if one.conversion is None:
        return {}
    key = one.conversion.fx_rate_id
    rates = await get_fx_rates(db, network_id=network_id, fx_rate_ids=[key])
    if key not in rates:
        raise StatementAltered
    return {"conversion": show_conversion(one.conversion, rates[key])}


def _statement(network_id: int, one: Statement) -> dict[str, Any]:
    position, stretch = one.position, one.stretch
    before = stretch.before
    return {
        "book": str(network_id),
        "number": one.number,
        "version": one.version,
        "partner": str(one.partner_id),
        "currency": one.currency,
        "cut": [show_cut(stretch.cut), stretch.cut.seq],
        "before": [show_cut(before), before.seq] if before else None,
        "opening": _sides(position.opening),
        "settled": _sides(position.settled),
        "moved": _sides(position.moved),
        "lines": one.lines_count,
        "net": one.net.minor,
        "block": None if one.block is None else str(one.block),
        "content_hash": one.content_hash,
    }


def _sides(sides: Sides) -> list[int]:
    return [sides.receivable.minor, sides.payable.minor]
