"""Verifying the blocks of one book."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.canonical import HASH_BYTES
from payouts.seals.findings import Findings
from payouts.seals.judging import (
    GRACE,
    Before,
    Place,
    is_genuine,
    judge_anchor,
    judge_chain,
    judge_places,
)
from payouts.seals.leaves import AUDITOR_LEAVES, AUDITOR_SUM
from payouts.seals.merkle import split_hashes
from payouts.seals.model import BLOCK_JOURNALS_MAX, Block, Fault, FaultKind
from payouts.seals.port import Anchors, TrustedKeys
from payouts.seals.queries import to_block

BLOCKS_MAX = 200

_BLOCKS = text(
    f"""
    SELECT b.book_id, b.block, b.version, b.from_seq, b.to_seq, b.root, b.previous, b.sealed_at,
      b.digest, b.key_id, b.signature,
      CASE WHEN length(b.leaves) <= {BLOCK_JOURNALS_MAX * HASH_BYTES} THEN b.leaves END AS leaves
    FROM audit.block b
    WHERE b.book_id = :book AND b.block > :after
    ORDER BY b.block LIMIT {BLOCKS_MAX}
    """  # noqa: S608 two numbers
).bindparams(bindparam("book", type_=BigInteger), bindparam("after", type_=BigInteger))
_LAST_PLACE = text("SELECT max(k.seq) FROM audit.seal k WHERE k.book_id = :book").bindparams(
    bindparam("book", type_=BigInteger)
)
_BLOCK_OF_LEAF = text(
    "SELECT min(b.block) FROM audit.block b"
    " WHERE b.book_id = :book AND position(:leaf IN b.leaves) > 0"
).bindparams(bindparam("book", type_=BigInteger), bindparam("leaf", type_=LargeBinary))


@dataclass(frozen=True, slots=True)
class Trust:
    """What a book is held against. An earlier copy of the anchors knows nothing of later blocks."""

    keys: TrustedKeys
    anchors: Anchors
    is_earlier_copy: bool = False


@dataclass(frozen=True, slots=True)
class _Given:
    block: Block
    leaves: bytes

    @property
    def can_be_read(self) -> bool:
        """Whether it is of a size that a block may have."""
        return len(self.leaves) == self.block.size * HASH_BYTES


@dataclass(frozen=True, slots=True)
class _Course:
    """One book's verification under way."""

    db: AsyncConnection
    book_id: int
    trust: Trust
    findings: Findings
    last_place: int
    now: datetime


async def verify_book(
    db: AsyncConnection,
    *,
    book_id: int,
    trust: Trust,
    findings: Findings,
    told: Callable[[int], None],
    now: datetime,
) -> Before:
    """Compute every leaf, root, link and signature of a book again and hold it against its anchors.

    Changes nothing but the findings; gives what stands before the next block. At no time are more
    journals in memory than a block may hold.
    """
    last_place = (await db.execute(_LAST_PLACE, {"book": book_id})).scalar_one() or 0
    course, before = _Course(db, book_id, trust, findings, last_place, now), Before()
    while not findings.is_full:
        after = 0 if before.last is None else before.last.block
        rows = (await db.execute(_BLOCKS, {"book": book_id, "after": after})).all()
        if not rows:
            break
        given = [_Given(to_block(row), bytes(row.leaves or b"")) for row in rows]
        for stretch in _stretches(given):
            before = await _verify_stretch(course, stretch, before)
            told(sum(one.block.size for one in stretch))
    _judge_end(course, before)
    return before


def _stretches(given: list[_Given]) -> Iterator[list[_Given]]:
    """Put blocks together that one query can read: many small ones, or one that is full."""
    stretch: list[_Given] = []
    for one in given:
        size = sum(other.block.size for other in stretch) + one.block.size
        follows = not stretch or one.block.from_seq == stretch[-1].block.to_seq + 1
        if stretch and (size > BLOCK_JOURNALS_MAX or not follows):
            yield stretch
            stretch = []
        stretch.append(one)
    if stretch:
        yield stretch


async def _verify_stretch(course: _Course, stretch: list[_Given], before: Before) -> Before:
    first, last = stretch[0].block, stretch[-1].block
    values = {"book": course.book_id, "from_seq": first.from_seq, "to_seq": last.to_seq}
    is_sound = False
    if all(one.can_be_read for one in stretch):
        sums = (await course.db.execute(AUDITOR_SUM, values)).one()
        leaves = b"".join(one.leaves for one in stretch)
        ends = [one.block.sealed_at for one in stretch]
        is_sound = bytes(sums.leaves or b"") == leaves and not replace(
            before, complete_at=max(_known(before.complete_at, *ends))
        ).is_backdated(sums.since)
    for one in stretch:
        stored = split_hashes(one.leaves)
        course.findings.note(judge_chain(one.block, stored, before=before, keys=course.trust.keys))
        course.findings.note(_judge_anchor(course, one.block))
        if not is_sound and one.can_be_read:
            await _judge_places(course, one.block, stored, before)
        course.findings.blocks += 1
        course.findings.journals += one.block.size if one.can_be_read else 0
        before = before.then(one.block)
    return before


def _known(*instants: datetime | None) -> list[datetime]:
    return [one for one in instants if one is not None]


def _judge_anchor(course: _Course, block: Block) -> Fault | None:
    anchors = course.trust.anchors
    is_later = course.trust.is_earlier_copy and block.block > anchors.last_block(block.book_id)
    is_due = block.sealed_at < course.now - GRACE and not is_later
    return judge_anchor(block, anchors, keys=course.trust.keys, is_due=is_due)


async def _judge_places(course: _Course, block: Block, stored: list[bytes], before: Before) -> None:
    values = {"book": course.book_id, "from_seq": block.from_seq, "to_seq": block.to_seq}
    places = {
        row.seq: Place(
            row.seq, row.journal_id, row.recorded_at, None if row.leaf is None else bytes(row.leaf)
        )
        for row in await course.db.execute(AUDITOR_LEAVES, values)
    }
    there = stored[: max(course.last_place - block.from_seq + 1, 0)]
    for fault in judge_places(block, there, places, before=before):
        if course.findings.is_full:
            return
        course.findings.note(await _look_elsewhere(course, fault, places))


async def _look_elsewhere(course: _Course, fault: Fault, places: Mapping[int, Place]) -> Fault:
    """A journal that is sealed in another block was moved, not altered."""
    place = None if fault.seq is None else places.get(fault.seq)
    if fault.kind is not FaultKind.ALTERED or place is None:
        return fault
    values = {"book": course.book_id, "leaf": place.leaf}
    other = (await course.db.execute(_BLOCK_OF_LEAF, values)).scalar_one()
    if other is None:
        return fault
    return replace(fault, kind=FaultKind.REORDERED, says=f"the journal stood in block {other}")


def _judge_end(course: _Course, before: Before) -> None:
    last, book_id = before.last, course.book_id
    if last is not None and last.to_seq > course.last_place:
        says = f"the order ends at place {course.last_place}, but was sealed to {last.to_seq}"
        place = course.last_place + 1
        course.findings.note(Fault(FaultKind.CUT_TAIL, says, book_id, last.block, place))
    beyond = 1 if last is None else last.block + 1
    for number in range(beyond, course.trust.anchors.last_block(book_id) + 1):
        claimed = course.trust.anchors.read(book_id, number)
        if claimed is not None and is_genuine(claimed, course.trust.keys):
            says = f"block {number} was anchored and is gone"
            fault = Fault(FaultKind.CUT_TAIL, says, book_id, number, claimed.from_seq)
            course.findings.note(fault)
            return
        if claimed is not None or course.findings.is_full:
            says = "an anchor of a block that never was"
            course.findings.note(Fault(FaultKind.ANCHOR_ALTERED, says, book_id, number))
            return
