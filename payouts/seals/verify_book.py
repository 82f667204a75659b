"""Verifying the blocks of one book."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

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
from payouts.seals.leaves import AUDITOR_LEAVES
from payouts.seals.merkle import split_hashes
from payouts.seals.model import Block, Fault, FaultKind
from payouts.seals.port import Anchors, TrustedKeys
from payouts.seals.stretches import Given, Readers, read_stretches

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
class _Course:
    """One book's verification under way."""

    readers: Readers
    book_id: int
    trust: Trust
    findings: Findings
    last_place: int
    now: datetime


async def verify_book(
    db: AsyncConnection,
    *,
    beside: Sequence[AsyncConnection] = (),
    book_id: int,
    trust: Trust,
    findings: Findings,
    told: Callable[[int], None],
    now: datetime,
) -> Before:
    """Compute every leaf, root, link and signature of a book again and hold it against its anchors.

    Changes nothing but the findings; gives what stands before the next block. Other connections on
    the same snapshot read ahead; a stretch or two for each of them is in memory, and no more.
    """
    last_place = (await db.execute(_LAST_PLACE, {"book": book_id})).scalar_one() or 0
    course = _Course(Readers(db, *beside), book_id, trust, findings, last_place, now)
    before = Before()
    async with aclosing(read_stretches(course.readers, book_id)) as stretches:
        async for stretch in stretches:
            for one in stretch:
                before = await _verify_block(course, one, before)
            told(sum(one.block.size for one in stretch))
            if findings.is_full:
                break
    _judge_end(course, before)
    return before


async def _verify_block(course: _Course, given: Given, before: Before) -> Before:
    block, stored = given.block, split_hashes(given.leaves)
    course.findings.note(judge_chain(block, stored, before=before, keys=course.trust.keys))
    course.findings.note(_judge_anchor(course, block))
    is_sound = given.now_there == given.leaves and not before.is_backdated(given.since)
    if not is_sound and given.can_be_read:
        await _judge_places(course, block, stored, before)
    course.findings.blocks += 1
    course.findings.journals += block.size if given.can_be_read else 0
    return before.then(block)


def _judge_anchor(course: _Course, block: Block) -> Fault | None:
    anchors = course.trust.anchors
    is_later = course.trust.is_earlier_copy and block.block > anchors.last_block(block.book_id)
    is_due = block.sealed_at < course.now - GRACE and not is_later
    return judge_anchor(block, anchors, keys=course.trust.keys, is_due=is_due)


async def _judge_places(course: _Course, block: Block, stored: list[bytes], before: Before) -> None:
    values = {"book": course.book_id, "from_seq": block.from_seq, "to_seq": block.to_seq}
    async with course.readers.one() as db:
        rows = (await db.execute(AUDITOR_LEAVES, values)).all()
    places = {
        row.seq: Place(
            row.seq, row.journal_id, row.recorded_at, None if row.leaf is None else bytes(row.leaf)
        )
        for row in rows
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
    async with course.readers.one() as db:
        other = (await db.execute(_BLOCK_OF_LEAF, values)).scalar_one()
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
