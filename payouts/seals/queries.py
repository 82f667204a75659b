"""Reads of the sealed order and its blocks."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.model import Block
from payouts.seals.tables import block as block_table

_POSITION = text("SELECT s.seq FROM payouts.sealer s WHERE s.book_id = :book").bindparams(
    bindparam("book", type_=BigInteger)
)
# A journal below the sealer's hint is sealed already; the hint saves reading the whole book. In
# another cluster than that it was taken in, it means nothing. LATERAL with OFFSET 0 makes it a
# bound of the index, whatever the planner believes.
_OLDEST = text(
    """
    SELECT min(fresh.recorded_at) FROM (
      SELECT CASE WHEN s.cluster = c.system_identifier THEN s.hint ELSE '0'::xid8 END AS hint
      FROM pg_control_system() c LEFT JOIN payouts.sealer s ON s.book_id = :book OFFSET 0
    ) stand
    CROSS JOIN LATERAL (SELECT j.recorded_at FROM payouts.journal j
      WHERE j.book_id = :book AND j.xid >= stand.hint AND NOT EXISTS (SELECT 1 FROM payouts.seal k
        WHERE k.book_id = :book AND k.book_id = j.book_id AND k.journal_id = j.journal_id OFFSET 0)
      OFFSET 0) fresh
    """
).bindparams(bindparam("book", type_=BigInteger))

_HEAD = (
    block_table.c.book_id,
    block_table.c.block,
    block_table.c.version,
    block_table.c.from_seq,
    block_table.c.to_seq,
    block_table.c.root,
    block_table.c.previous,
    block_table.c.sealed_at,
    block_table.c.digest,
    block_table.c.key_id,
    block_table.c.signature,
)


async def read_seal_position(db: AsyncConnection, *, network_id: int) -> int:
    """Tell the last place of the book's order; 0 when nothing was sealed."""
    return (await db.execute(_POSITION, {"book": network_id})).scalar_one_or_none() or 0


async def read_unsealed_age(
    db: AsyncConnection, *, network_id: int, now: datetime
) -> timedelta | None:
    """Tell how long the oldest journal without a place has been waiting for it."""
    oldest = (await db.execute(_OLDEST, {"book": network_id})).scalar_one_or_none()
    return None if oldest is None else max(now - oldest, timedelta())


async def read_last_block(db: AsyncConnection, *, network_id: int) -> Block | None:
    """Read the head of the book's last block."""
    query = (
        select(*_HEAD)
        .where(block_table.c.book_id == network_id)
        .order_by(block_table.c.block.desc())
        .limit(1)
    )
    row = (await db.execute(query)).one_or_none()
    return None if row is None else to_block(row)


async def list_blocks(
    db: AsyncConnection, *, network_id: int, after: int, limit: int
) -> list[Block]:
    """List the heads of the book's blocks behind one of them, in their order."""
    query = (
        select(*_HEAD)
        .where(block_table.c.book_id == network_id, block_table.c.block > after)
        .order_by(block_table.c.block)
        .limit(limit)
    )
    return [to_block(row) for row in await db.execute(query)]


async def find_block_holding(db: AsyncConnection, *, network_id: int, seq: int) -> Block | None:
    """Read the head of the block that a place of the book's order lies in; None until it exists."""
    query = (
        select(*_HEAD)
        .where(block_table.c.book_id == network_id, block_table.c.to_seq >= seq)
        .order_by(block_table.c.to_seq)
        .limit(1)
    )
    row = (await db.execute(query)).one_or_none()
    return None if row is None or row.from_seq > seq else to_block(row)


async def count_sealed(db: AsyncConnection) -> int:
    """Tell an auditor how many journals have a place, in all books together."""
    query = text("SELECT coalesce(sum(s.seq), 0) FROM audit.sealer s")
    return int((await db.execute(query)).scalar_one())


def to_block(row: Any) -> Block:
    """Make the head of a block out of its row."""
    return Block(
        book_id=row.book_id,
        block=row.block,
        version=row.version,
        from_seq=row.from_seq,
        to_seq=row.to_seq,
        root=bytes(row.root),
        previous=bytes(row.previous),
        sealed_at=row.sealed_at,
        digest=bytes(row.digest),
        key_id=row.key_id,
        signature=bytes(row.signature),
    )
