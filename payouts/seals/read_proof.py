"""Proving that a journal stands at its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.leaves import SERVICE_LINES
from payouts.seals.merkle import levels_of, path_of, split_hashes
from payouts.seals.model import Block, Particulars, Party, Proof, SealedJournal, SealedLine
from payouts.seals.queries import to_block
from payouts.seals.tables import block

_JOURNAL = text(
    """
    SELECT j.book_id, j.network_id, j.journal_id, j.kind, j.effective_at, j.recorded_at, j.period,
      j.origin_period, j.cause_kind, j.cause_id, j.reverses, j.lines, j.ledger_key,
      j.request_hash, j.actor, j.note::text AS note, k.seq
    FROM payouts.journal j JOIN payouts.seal k
      ON k.book_id = :book AND k.book_id = j.book_id AND k.journal_id = j.journal_id
    WHERE j.book_id = :book AND j.journal_id = :journal
    """
).bindparams(bindparam("book", type_=BigInteger), bindparam("journal", type_=Uuid))
_LINES = text(
    f"""
    SELECT p.line, p.account_id, p.account_type, p.owner_kind, p.owner_id, p.sub, p.unit,
      p.amount, p.effective_at
    FROM ({SERVICE_LINES}) p WHERE p.journal_id = :journal ORDER BY p.line
    """  # noqa: S608 made of words of this room
).bindparams(bindparam("book", type_=BigInteger), bindparam("journal", type_=Uuid))


@dataclass(slots=True)
class LastTree:
    """The block of the last proof and its tree: journals that are proved in their order share it."""

    block: Block | None = None
    levels: list[list[bytes]] = field(default_factory=list)

    def holds(self, seq: int) -> bool:
        """Tell whether a place is in the block."""
        return self.block is not None and self.block.from_seq <= seq <= self.block.to_seq


async def read_proof(
    db: AsyncConnection,
    *,
    network_id: int,
    journal_id: UUID,
    party: Party | None,
    tree: LastTree | None = None,
) -> Proof | None:
    """Prove that a journal stands at its place; changes nothing.

    A party is shown its own lines, and of the others their digests. None while the journal is in
    no block, when there is no such journal, and when the party has no part in it.
    """
    own = {"book": network_id, "journal": journal_id}
    found = (await db.execute(_JOURNAL, own)).one_or_none()
    if found is None:
        return None
    lines = tuple(SealedLine(*row) for row in await db.execute(_LINES, own))
    shown = None if party is None else _lines_of(party, lines)
    if shown is not None and not shown:
        return None
    tree = tree or LastTree()
    if not tree.holds(found.seq):
        await _grow(db, network_id, found.seq, tree)
    if tree.block is None or not tree.holds(found.seq):
        return None
    return Proof(
        seq=found.seq,
        journal=_journal(found, lines),
        path=tuple(path_of(tree.levels, found.seq - tree.block.from_seq)),
        block=tree.block,
        shown=shown,
    )


async def _grow(db: AsyncConnection, network_id: int, seq: int, tree: LastTree) -> None:
    query = (
        select(block)
        .where(block.c.book_id == network_id, block.c.to_seq >= seq)
        .order_by(block.c.to_seq)
        .limit(1)
    )
    holding = (await db.execute(query)).one_or_none()
    if holding is not None:
        tree.block = to_block(holding)
        tree.levels = levels_of(split_hashes(bytes(holding.leaves)))


def _lines_of(party: Party, lines: Sequence[SealedLine]) -> frozenset[int]:
    return frozenset(
        line.line
        for line in lines
        if (line.owner_kind, line.owner_id) == (party.owner_kind, party.owner_id)
    )


def _journal(row: Any, lines: tuple[SealedLine, ...]) -> SealedJournal:
    return SealedJournal(
        book_id=row.book_id,
        network_id=row.network_id,
        journal_id=row.journal_id,
        kind=row.kind,
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        period=row.period,
        origin_period=row.origin_period,
        cause_kind=row.cause_kind,
        cause_id=row.cause_id,
        reverses=row.reverses,
        lines_count=row.lines,
        particulars=Particulars(row.ledger_key, bytes(row.request_hash), row.actor, row.note),
        lines=lines,
    )
