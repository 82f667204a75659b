"""Blocks and what their journals hash to now, read in stretches while earlier ones are judged."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.canonical import HASH_BYTES, INSTANT_BYTES, earliest_of
from payouts.seals.leaves import AUDITOR_RANGE_SUM, AUDITOR_SPAN, AUDITOR_SUM
from payouts.seals.model import BLOCK_JOURNALS_MAX, Block
from payouts.seals.queries import to_block

STRETCH_JOURNALS_MAX = 15_000
HEADS_MAX = 1_000
# Looking a journal up costs about as much as passing over this many that are not sought.
PASSED_OVER_MAX = 4

_BOOK = bindparam("book", type_=BigInteger)
_HEADS = text(
    f"""
    SELECT b.book_id, b.block, b.version, b.from_seq, b.to_seq, b.root, b.previous, b.sealed_at,
      b.digest, b.key_id, b.signature
    FROM audit.block b
    WHERE b.book_id = :book AND b.block > :after
    ORDER BY b.block LIMIT {HEADS_MAX}
    """  # noqa: S608 a number
).bindparams(_BOOK, bindparam("after", type_=BigInteger))
_LEAVES = text(
    f"""
    SELECT b.block, b.leaves FROM audit.block b
    WHERE b.book_id = :book AND b.block BETWEEN :first AND :last
      AND length(b.leaves) <= {BLOCK_JOURNALS_MAX * HASH_BYTES}
    """  # noqa: S608 a number
).bindparams(_BOOK, bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger))


@dataclass(frozen=True, slots=True)
class Given:
    """A block with the leaves it keeps, and those that its places have now, if all have one."""

    block: Block
    leaves: bytes
    now_there: bytes | None = None
    since: datetime | None = None
    """When the earliest of its journals was recorded."""

    @property
    def can_be_read(self) -> bool:
        """Whether it is of a size that a block may have."""
        return len(self.leaves) == self.block.size * HASH_BYTES


class Readers:
    """Connections on one snapshot, each of which does one thing at a time."""

    def __init__(self, *connections: AsyncConnection) -> None:
        self.count = len(connections)
        self._free: asyncio.Queue[AsyncConnection] = asyncio.Queue()
        for one in connections:
            self._free.put_nowait(one)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[AsyncConnection]:
        """Have the next that is free."""
        db = await self._free.get()
        try:
            yield db
        finally:
            self._free.put_nowait(db)


async def read_stretches(readers: Readers, book_id: int) -> AsyncGenerator[list[Given], None]:
    """Read the blocks of a book in their order, some stretches ahead of whoever judges them."""
    ahead: deque[asyncio.Task[list[Given]]] = deque()
    try:
        async for blocks in _plan_stretches(readers, book_id):
            ahead.append(asyncio.create_task(_read_stretch(readers, book_id, blocks)))
            if len(ahead) > readers.count:
                yield await ahead.popleft()
        while ahead:
            yield await ahead.popleft()
    finally:
        # A statement that is given up takes its connection with it, and the snapshot too.
        await asyncio.gather(*ahead, return_exceptions=True)


async def _plan_stretches(readers: Readers, book_id: int) -> AsyncIterator[list[Block]]:
    after = 0
    while True:
        async with readers.one() as db:
            rows = (await db.execute(_HEADS, {"book": book_id, "after": after})).all()
        for stretch in _put_together([to_block(row) for row in rows]):
            yield stretch
        if len(rows) < HEADS_MAX:
            return
        after = rows[-1].block


def _put_together(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Put blocks together that one query can read; what does not follow begins another."""
    stretch: list[Block] = []
    journals = 0
    for one in blocks:
        follows = not stretch or one.from_seq == stretch[-1].to_seq + 1
        if stretch and (journals + one.size > STRETCH_JOURNALS_MAX or not follows):
            yield stretch
            stretch, journals = [], 0
        stretch.append(one)
        journals += one.size
    if stretch:
        yield stretch


async def _read_stretch(readers: Readers, book_id: int, blocks: list[Block]) -> list[Given]:
    bounds = {"book": book_id, "first": blocks[0].block, "last": blocks[-1].block}
    async with readers.one() as db:
        kept = {row.block: bytes(row.leaves) for row in await db.execute(_LEAVES, bounds)}
        given = [Given(one, kept.get(one.block, b"")) for one in blocks]
        if not all(one.can_be_read for one in given):
            return given
        return await _compute(db, book_id, given)


async def _compute(db: AsyncConnection, book_id: int, given: list[Given]) -> list[Given]:
    """Hash the stretch's journals; nothing is said about any when one of them is not there."""
    first, last = given[0].block, given[-1].block
    size = last.to_seq - first.from_seq + 1
    values = {"book": book_id, "from_seq": first.from_seq, "to_seq": last.to_seq}
    span = (await db.execute(AUDITOR_SPAN, {**values, "limit": size * PASSED_OVER_MAX})).one()
    if span.first is None or span.within >= size * PASSED_OVER_MAX:
        sums = (await db.execute(AUDITOR_SUM, values)).one()
    else:
        ids = {"first": span.first, "last": span.last}
        sums = (await db.execute(AUDITOR_RANGE_SUM, {**values, **ids})).one()
    if sums.journals != size:
        return given
    return list(_cut(given, bytes(sums.leaves), bytes(sums.instants)))


def _cut(given: list[Given], leaves: bytes, instants: bytes) -> Iterator[Given]:
    begins_at = given[0].block.from_seq
    for one in given:
        start, end = one.block.from_seq - begins_at, one.block.to_seq - begins_at + 1
        yield Given(
            one.block,
            one.leaves,
            leaves[start * HASH_BYTES : end * HASH_BYTES],
            earliest_of(instants[start * INSTANT_BYTES : end * INSTANT_BYTES]),
        )
